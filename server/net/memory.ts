/** Two transports that are each other's peer, for tests. Bytes wait in the pair until they are read: at most 64 chunks each way, and a peer that does not read stops the other. */
import type { ByteSink, ByteSource } from "./bytes.ts";
import { ConnectionEnd } from "./faults.ts";
import type { Transport } from "./transport.ts";

/** Chunks that wait each way. */
const MOST = 64;

export function memoryPair(): [Transport, Transport] {
  const there = new Pipe();
  const back = new Pipe();
  const abort = () => {
    there.abort();
    back.abort();
  };
  const common = { remote: "local", secure: true, abort };
  return [
    { ...common, readable: back, writable: there },
    { ...common, readable: there, writable: back },
  ];
}

class Pipe implements ByteSource, ByteSink {
  #chunks: Uint8Array[] = [];
  #ended = false;
  #fault: ConnectionEnd | undefined;
  /** Whoever waits for the other side. */
  #wake: (() => void) | undefined;

  async read(): Promise<Uint8Array | undefined> {
    while (this.#chunks.length === 0 && !this.#ended && !this.#fault) await this.#change();
    if (this.#fault) throw this.#fault;
    const chunk = this.#chunks.shift();
    this.#changed();
    return chunk;
  }

  async write(bytes: Uint8Array): Promise<void> {
    while (this.#chunks.length >= MOST && !this.#fault) await this.#change();
    if (this.#fault) throw this.#fault;
    // As with a socket: when a write has ended, its bytes may be changed.
    this.#chunks.push(bytes.slice());
    this.#changed();
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#changed();
  }

  cancel(): void {
    this.#chunks = [];
  }

  /** As with a socket, what was written before the end can still be read. */
  abort(): void {
    if (this.#ended) return;
    this.#fault ??= new ConnectionEnd();
    this.#chunks = [];
    this.#changed();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  #changed(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
