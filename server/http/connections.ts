/**
 * HTTP over connections that were accepted elsewhere, as those in TLS of an `https` listener.
 *
 * Invariants: one request a connection, in bounded time; the number of connections is bounded.
 */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Duplex as NodeDuplex } from "node:stream";
import { getLogger } from "@logtape/logtape";
import { Alarm } from "../net/alarm.ts";
import { duplex, type Endpoint } from "../net/duplex.ts";
import { answer, type Route } from "./routes.ts";

const log = getLogger(["roost", "http"]);

const MAX_CONNECTIONS = 100;
/** From the first byte of the request to the last of the answer. */
const TIMEOUT = 10_000;
const MAX_HEAD = 16 * 1024;

export class HttpConnections {
  readonly #open = new Set<Endpoint>();
  readonly #timeout: number;
  readonly #server;

  constructor(routes: readonly Route[], { timeout = TIMEOUT }: { timeout?: number } = {}) {
    this.#timeout = timeout;
    this.#server = createServer(
      { maxHeaderSize: MAX_HEAD },
      (request, response) => void reply(routes, request, response),
    );
  }

  /** Serves the connection, and closes it. */
  take(endpoint: Endpoint, remote: string): void {
    if (this.#open.size >= MAX_CONNECTIONS) {
      log.debug("too many connections", { remote });
      return endpoint.close();
    }
    this.#open.add(endpoint);
    const alarm = new Alarm(() => endpoint.close());
    alarm.set(performance.now() + this.#timeout);
    const socket = nodeStream(endpoint, () => {
      alarm.stop();
      this.#open.delete(endpoint);
    });
    socket.on("error", (error) => log.debug("connection ended: {error}", { remote, error }));
    this.#server.emit("connection", socket);
  }

  close(): void {
    for (const endpoint of this.#open) endpoint.close();
  }
}

async function reply(routes: readonly Route[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers, body } = await answered(routes, request);
  response.writeHead(status, { ...headers, "content-length": body.length, connection: "close" });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function answered(routes: readonly Route[], { method = "", url = "" }: IncomingMessage) {
  const response = await answer(routes, method, url);
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  };
}

/** What node:http takes for a socket. Its end waits until the peer has read all (see `duplex`). */
function nodeStream(endpoint: Endpoint, closed: () => void): NodeDuplex {
  const { readable, writable, abort } = duplex(endpoint);
  return new NodeDuplex({
    read() {
      readable.read().then((bytes) => this.push(bytes ?? null), (error) => this.destroy(error));
    },
    write(chunk: Uint8Array, _encoding, done) {
      writable.write(chunk).then(() => done(), done);
    },
    final(done) {
      writable.close().then(() => done(), done);
    },
    destroy(error, done) {
      abort();
      closed();
      done(error);
    },
  });
}
