/** HTTP in clear text: what monitoring asks. Off unless configured, and meant for loopback. */
import { answer, type Route } from "./routes.ts";

export interface HttpListener {
  /** The actual port. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens at once.
 * @throws the system's error when the address is in use or not ours
 */
export function listenHttp(
  { hostname, port }: { hostname: string; port: number },
  routes: readonly Route[],
): HttpListener {
  const stopping = new AbortController();
  const server = Deno.serve({
    hostname,
    port,
    signal: stopping.signal,
    onListen: () => {},
  }, (request) => answer(routes, request.method, request.url));
  return {
    port: server.addr.port,
    close: () => {
      stopping.abort();
      return server.finished;
    },
  };
}
