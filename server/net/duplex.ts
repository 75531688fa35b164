/**
 * Both streams of something that reads into and writes from a buffer: a socket, TLS, stdin and stdout.
 *
 * Invariants: an idle connection holds one small buffer, grown only while reads fill it; bytes handed on are never written again; every
 * fault is a ConnectionEnd; the connection below is closed exactly once.
 */
import type { ByteSink, ByteSource } from "./bytes.ts";
import { ConnectionEnd } from "./faults.ts";

/**
 * What a `Deno.Conn` has of it. `closeWrite`, which sockets have, tells the peer that nothing more comes; it is then waited for until the peer
 * closes too. `close` also ends what is under way.
 */
export interface Endpoint {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite?(): Promise<void>;
  close(): void;
}

export interface Duplex {
  readonly readable: ByteSource;
  readonly writable: ByteSink;
  abort(): void;
}

const IDLE_BUFFER = 512;
const MAX_BUFFER = 64 * 1024;
/** Whoever fills a small buffer is sending a message, most likely: few steps. */
const GROWTH = 16;
/** What is left of a buffer after a read is used for the next one, if it is at least this. */
const WORTH_KEEPING = 256;
/** A closed connection is read until the peer closes too, so that a reset does not overtake our last words; at most this long and much. */
const LINGER_MS = 2000;
const LINGER_BYTES = 1024 * 1024;
const EMPTY = new Uint8Array(0);

export function duplex(endpoint: Endpoint): Duplex {
  const ends = new Ends(endpoint);
  return { readable: ends, writable: ends, abort: () => ends.abort() };
}

class Ends implements ByteSource, ByteSink {
  readonly #endpoint: Endpoint;
  #buffer = EMPTY;
  #size = IDLE_BUFFER;
  #reading: Promise<number | null> | undefined;
  #lingering = false;
  #closed = false;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.#closed) return undefined;
    if (this.#buffer.length < WORTH_KEEPING || this.#buffer.length > IDLE_BUFFER) {
      this.#buffer = new Uint8Array(this.#size);
    }
    const buffer = this.#buffer;
    let count: number | null;
    try {
      this.#reading = this.#endpoint.read(buffer);
      count = await this.#reading;
    } catch (fault) {
      throw ConnectionEnd.from(fault);
    } finally {
      this.#reading = undefined;
    }
    if (!count || this.#lingering) return undefined;
    if (count === buffer.length) this.#size = Math.min(this.#size * GROWTH, MAX_BUFFER);
    else if (count < this.#size / 4) this.#size = IDLE_BUFFER;
    this.#buffer = buffer.subarray(count);
    return buffer.subarray(0, count);
  }

  /** Nobody reads any more; writing goes on. */
  cancel(): void {
    this.#buffer = EMPTY;
  }

  async write(chunk: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < chunk.length;) {
        done += await this.#endpoint.write(done === 0 ? chunk : chunk.subarray(done));
      }
    } catch (fault) {
      this.abort();
      throw ConnectionEnd.from(fault);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    if (!this.#endpoint.closeWrite) return this.abort();
    this.#lingering = true;
    const timer = setTimeout(() => this.abort(), LINGER_MS);
    try {
      await this.#endpoint.closeWrite();
      await this.#reading;
      const waste = new Uint8Array(IDLE_BUFFER);
      for (let passed = 0; passed < LINGER_BYTES;) {
        const count = await this.#endpoint.read(waste);
        if (!count) break;
        passed += count;
      }
    } catch {
      // The peer was faster, or we waited long enough: closed either way.
    } finally {
      clearTimeout(timer);
      this.abort();
    }
  }

  abort(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#endpoint.close();
    } catch {
      // Deno closes a connection by itself after some faults.
    }
  }
}
