/** What monitoring asks: `/metrics` for Prometheus and `/healthz`. Off unless configured, and meant for loopback. */
import { getLogger } from "@logtape/logtape";
import { METRICS_CONTENT_TYPE, metricsText } from "../metrics.ts";

const log = getLogger(["roost", "http"]);

export interface HttpListener {
  /** The actual port. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens at once. `healthy` resolves when the server can work, and rejects when not.
 * @throws the system's error when the address is in use or not ours
 */
export function listenHttp(
  { hostname, port }: { hostname: string; port: number },
  healthy: () => Promise<unknown>,
): HttpListener {
  const stopping = new AbortController();
  const server = Deno.serve({
    hostname,
    port,
    signal: stopping.signal,
    onListen: () => {},
    onError: (error) => {
      log.error("request failed", { error });
      return plain(500, "internal error\n");
    },
  }, (request) => answer(request, healthy));
  return {
    port: server.addr.port,
    close: () => {
      stopping.abort();
      return server.finished;
    },
  };
}

async function answer(request: Request, healthy: () => Promise<unknown>): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plain(405, "only GET is possible here\n", { allow: "GET, HEAD" });
  }
  switch (new URL(request.url).pathname) {
    case "/metrics":
      return plain(200, await metricsText(), { "content-type": METRICS_CONTENT_TYPE });
    case "/healthz":
      return await health(healthy);
    default:
      return plain(404, "there are /metrics and /healthz\n");
  }
}

async function health(healthy: () => Promise<unknown>): Promise<Response> {
  try {
    await healthy();
    return plain(200, "ok\n");
  } catch (error) {
    log.error("not healthy", { error });
    return plain(503, "the store cannot be read\n");
  }
}

function plain(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });
}
