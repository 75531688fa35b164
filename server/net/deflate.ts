/**
 * COMPRESS=DEFLATE (RFC 4978) as layers over the streams of a connection.
 *
 * Invariants: each write is sent whole, and what came is delivered as far as it can be decoded, without waiting for more; input is worked
 * off in steps and output waits for its reader, so that a few bytes that inflate to gigabytes cost no memory; every fault is a
 * ConnectionEnd; the zlib state is freed when a layer ends, however it ends.
 */
import { Buffer } from "node:buffer";
import { nextTick } from "node:process";
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from "node:zlib";
import type { ByteSink, ByteSource } from "./bytes.ts";
import { Detached } from "./detach.ts";
import { ConnectionEnd } from "./faults.ts";

/** Output of one step of zlib; about twice that waits for a reader at most. */
const OUTPUT_STEP = 16 * 1024;
/** Input that is compressed before its output is sent on. */
const INPUT_STEP = 64 * 1024;
/** 32 KiB for the window and 16 KiB for the hash, a connection, instead of 256. */
const DEFLATE_OPTIONS = { windowBits: 13, memLevel: 5, chunkSize: OUTPUT_STEP };
/** Clients may use the largest window (RFC 4978 §3), and most do. */
const INFLATE_OPTIONS = { windowBits: 15, chunkSize: OUTPUT_STEP };

/** Where a sync flush ends: what a peer sends behind it may be no deflate data any more (RFC 8437 §4.1). */
const FLUSHED = Uint8Array.of(0, 0, 0xff, 0xff);

/**
 * What the peer compressed, inflated. The end of the deflate stream is the end of the input. Input is taken from flush to flush, so
 * that a layer that is taken off gives back what stands behind.
 */
export function inflateLayer(readable: ByteSource): ByteSource {
  const machine = new Inflater();
  let waiting: Uint8Array = new Uint8Array(0);
  return {
    async read() {
      try {
        for (;;) {
          const bytes = await machine.output();
          if (bytes) return bytes;
          if (machine.ended) break;
          if (waiting.length === 0) {
            const bytes = await readable.read();
            if (!bytes) break;
            waiting = bytes;
          }
          const flushed = Buffer.from(waiting.buffer, waiting.byteOffset, waiting.byteLength).indexOf(FLUSHED);
          const piece = flushed < 0 ? waiting : waiting.subarray(0, flushed + FLUSHED.length);
          waiting = waiting.subarray(piece.length);
          machine.input(piece);
        }
      } catch (fault) {
        machine.close();
        await readable.cancel();
        throw ConnectionEnd.from(fault);
      }
      machine.close();
      await readable.cancel();
      return undefined;
    },
    async cancel(reason) {
      if (reason instanceof Detached) {
        reason.add(machine.unused);
        reason.add(waiting);
      }
      machine.close();
      await readable.cancel(reason);
    },
  };
}

/** Compresses what is written; each write is followed by a sync flush, so that the peer can decode all of it. */
export function deflateLayer(writable: ByteSink): ByteSink {
  const machine = new Deflater();
  return {
    async write(chunk) {
      try {
        for (let from = 0; from < chunk.length; from += INPUT_STEP) {
          const slice = chunk.subarray(from, from + INPUT_STEP);
          for (const bytes of await machine.compress(slice, from + INPUT_STEP >= chunk.length)) {
            await writable.write(bytes);
          }
        }
      } catch (fault) {
        machine.close();
        throw ConnectionEnd.from(fault);
      }
    },
    async close() {
      machine.close();
      await writable.close();
    },
    abort(reason) {
      machine.close();
      if (!(reason instanceof Detached)) writable.abort(reason);
    },
  };
}

/** zlib's state with the events that matter made into one: something changed. */
class Machine<Z extends InflateRaw | DeflateRaw> {
  protected fault: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(protected readonly zlib: Z) {
    zlib.on("error", (error: Error) => this.#fail(error));
    zlib.on("close", () => this.#fail(new ConnectionEnd()));
  }

  /** Frees zlib's memory; harmless when done already. */
  close(): void {
    this.#fail(new ConnectionEnd());
    this.zlib.destroy();
  }

  protected changed(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  protected change(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  #fail(fault: Error): void {
    this.fault ??= fault;
    this.changed();
  }
}

class Inflater extends Machine<InflateRaw> {
  /** The peer ended the deflate stream. */
  ended = false;
  #busy = false;
  #given = 0;
  /** What was given and stands behind the end of the deflate stream. */
  unused: Uint8Array = new Uint8Array(0);

  constructor() {
    super(createInflateRaw(INFLATE_OPTIONS));
    this.zlib.on("readable", () => this.changed());
    this.zlib.on("end", () => {
      this.ended = true;
      this.changed();
    });
  }

  /** Only after `output` gave undefined. */
  input(bytes: Uint8Array): void {
    this.#busy = true;
    this.#given += bytes.length;
    this.zlib.write(bytes, () => {
      this.#busy = false;
      const count = this.#given - this.zlib.bytesWritten;
      if (count > 0) this.unused = bytes.slice(-count);
      this.changed();
    });
  }

  /** The next bytes; undefined when more input is needed. */
  async output(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.fault) throw this.fault;
      const bytes: Uint8Array | null = this.zlib.read();
      if (bytes) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (this.#busy) {
        await this.change();
        continue;
      }
      // zlib says at the next tick that the stream has ended.
      if (!this.ended) await new Promise((resolve) => nextTick(resolve));
      return undefined;
    }
  }
}

class Deflater extends Machine<DeflateRaw> {
  #out: Uint8Array[] = [];

  constructor() {
    super(createDeflateRaw(DEFLATE_OPTIONS));
    this.zlib.on("data", (bytes: Uint8Array) => this.#out.push(bytes));
  }

  async compress(bytes: Uint8Array, flush: boolean): Promise<Uint8Array[]> {
    if (this.fault) throw this.fault;
    let busy = true;
    const done = () => {
      busy = false;
      this.changed();
    };
    this.zlib.write(bytes, flush ? undefined : done);
    if (flush) this.zlib.flush(constants.Z_SYNC_FLUSH, done);
    while (busy && !this.fault) await this.change();
    if (this.fault) throw this.fault;
    const out = this.#out;
    this.#out = [];
    return out;
  }
}
