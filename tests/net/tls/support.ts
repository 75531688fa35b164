/** An engine with a client on the other side of a pair in memory. */
import type { Endpoint } from "../../../server/net/duplex.ts";
import {
  type AcceptOptions,
  type CertificateSource,
  type KeyPair,
  openSslEngine,
  type TlsEndpoint,
  type TlsEngine,
} from "../../../server/net/tls/engine.ts";
import type { TicketSecret } from "../../../server/net/tls/ticketsecret.ts";
import { type ClientOptions, TlsClient } from "./client.ts";
import { Pairs } from "./pairs.ts";

export const IMAP: AcceptOptions = { alpn: ["imap"] };

export function engineWith(
  source: CertificateSource | KeyPair,
  ticketLifetimeSeconds?: number,
  ticketSecret?: TicketSecret,
): TlsEngine {
  const certificates = "pairs" in source ? source : new Pairs([source]);
  const engine = openSslEngine(certificates, { ticketLifetimeSeconds, ticketSecret });
  if (!engine) throw new Error("libssl 3 is missing");
  return engine;
}

/** One end of a pair in memory. What is written waits there for the other end; a full pair holds writers up. */
export interface MemoryEndpoint extends Endpoint {
  closeWrite(): Promise<void>;
  readonly closed: boolean;
  /** How often `write` was called. */
  readonly writes: number;
  /** What the other end has not read. */
  readonly unread: number;
}

export function endpoints(capacity = 64 * 1024): [MemoryEndpoint, MemoryEndpoint] {
  const there = new Pipe(capacity);
  const back = new Pipe(capacity);
  return [new MemoryEnd(back, there), new MemoryEnd(there, back)];
}

/** Bytes in one direction. */
class Pipe {
  readonly chunks: Uint8Array[] = [];
  length = 0;
  ended = false;
  broken = false;
  #change = Promise.withResolvers<void>();

  constructor(readonly capacity: number) {}

  changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }

  get change(): Promise<void> {
    return this.#change.promise;
  }
}

class MemoryEnd implements MemoryEndpoint {
  closed = false;
  writes = 0;
  #writing = false;

  constructor(readonly incoming: Pipe, readonly outgoing: Pipe) {}

  get unread(): number {
    return this.outgoing.length;
  }

  async read(into: Uint8Array): Promise<number | null> {
    const { incoming } = this;
    while (incoming.length === 0) {
      if (this.closed) throw new Deno.errors.BadResource("closed");
      if (incoming.ended || incoming.broken) return null;
      await incoming.change;
    }
    if (this.closed) throw new Deno.errors.BadResource("closed");
    let filled = 0;
    while (filled < into.length && incoming.length > 0) {
      const chunk = incoming.chunks[0];
      const part = chunk.subarray(0, into.length - filled);
      into.set(part, filled);
      filled += part.length;
      incoming.length -= part.length;
      if (part.length < chunk.length) incoming.chunks[0] = chunk.subarray(part.length);
      else incoming.chunks.shift();
    }
    incoming.changed();
    return filled;
  }

  async write(bytes: Uint8Array): Promise<number> {
    const { outgoing } = this;
    if (this.#writing) throw new Error("two writers at once");
    this.writes++;
    this.#writing = true;
    const chunk = bytes.slice();
    while (outgoing.length > outgoing.capacity && !this.closed && !outgoing.broken) await outgoing.change;
    this.#writing = false;
    if (this.closed || outgoing.broken) throw new Deno.errors.BrokenPipe("closed");
    outgoing.chunks.push(chunk);
    outgoing.length += chunk.length;
    outgoing.changed();
    return chunk.length;
  }

  async closeWrite(): Promise<void> {
    this.outgoing.ended = true;
    this.outgoing.changed();
  }

  close(): void {
    if (this.closed) throw new Deno.errors.BadResource("closed twice");
    this.closed = true;
    this.incoming.broken = this.outgoing.broken = true;
    this.incoming.changed();
    this.outgoing.changed();
  }
}

export interface Connected extends Disposable {
  readonly server: TlsEndpoint;
  readonly client: TlsClient;
  readonly below: MemoryEndpoint;
}

/** A connection after its handshake. */
export async function connected(
  engine: TlsEngine,
  options: ClientOptions = {},
  accept: AcceptOptions = IMAP,
  [below, there] = endpoints(),
): Promise<Connected> {
  const client = new TlsClient(there, options);
  const [server] = await Promise.all([engine.accept(below, accept), client.handshake()]).catch((fault) => {
    client.free();
    throw fault;
  });
  return {
    server,
    client,
    below,
    [Symbol.dispose]() {
      server.close();
      client.free();
    },
  };
}

export const bytes = (text: string) => new TextEncoder().encode(text);

/** Reads so many bytes as text. */
export async function take(endpoint: Endpoint, size: number): Promise<string> {
  let all = "";
  const into = new Uint8Array(size);
  while (all.length < size) {
    const count = await endpoint.read(into.subarray(0, size - all.length));
    if (count === null) break;
    all += new TextDecoder().decode(into.subarray(0, count));
  }
  return all;
}
