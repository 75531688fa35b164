/**
 * Writes to a client that may be slow, or not read at all.
 *
 * Invariants: writes go out whole, in the order of the calls; after a failure nothing is kept and every later call fails at once.
 */
import { Alarm } from "./alarm.ts";
import type { ByteSink } from "./bytes.ts";
import { Detached } from "./detach.ts";
import { ConnectionEnd, WriteTimeout } from "./faults.ts";

export { ConnectionEnd, WriteTimeout } from "./faults.ts";

/** Large writes are cut, so that the timeout means a client that takes nothing, not one that is slow. */
const SLICE = 128 * 1024;
const NONE: readonly ByteSink[] = [];

/** Timeouts are in milliseconds. */
export class FrameWriter {
  readonly #alarm = new Alarm(() => this.#late?.(new WriteTimeout()));
  #late: ((fault: WriteTimeout) => void) | undefined;
  #sink: ByteSink;
  /** Sinks under layers, the lowest first. */
  #below: readonly ByteSink[] = NONE;
  #end: ConnectionEnd | undefined;
  #last: Promise<void> | undefined;

  constructor(writable: ByteSink) {
    this.#sink = writable;
  }

  /**
   * Resolves when the layer below has taken the bytes; they must not be changed before.
   * @param timeoutMs for each 128 KiB
   * @throws {WriteTimeout} the connection was aborted
   * @throws {ConnectionEnd}
   */
  async write(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    const mine = this.#writeAfter(this.#last, bytes, timeoutMs);
    this.#last = mine;
    try {
      await mine;
    } finally {
      if (this.#last === mine) this.#last = undefined;
    }
  }

  /** Puts a layer (deflate) on top of the stream. Only while no write is under way. */
  wrap(layer: (writable: ByteSink) => ByteSink): void {
    this.#below = [...this.#below, this.#sink];
    this.#sink = layer(this.#sink);
  }

  /** Takes the topmost layer off. Only while no write is under way, and of layers that know `Detached`; harmless without one. */
  unwrap(): void {
    const below = this.#below.at(-1);
    if (!below) return;
    this.#sink.abort(new Detached());
    this.#sink = below;
    this.#below = this.#below.slice(0, -1);
  }

  /**
   * Ends the stream in order: all that was written, then the end of TLS and TCP. After the timeout the connection is aborted. Never throws.
   */
  async close(timeoutMs: number): Promise<void> {
    try {
      await this.#last;
      if (this.#end) return;
      this.#end = new ConnectionEnd();
      await this.#bounded(this.#sink.close(), timeoutMs);
    } catch (fault) {
      // Whoever closes has nothing more to say to this client.
      this.#fail(fault);
    } finally {
      this.#alarm.stop();
    }
  }

  async #writeAfter(before: Promise<void> | undefined, bytes: Uint8Array, timeoutMs: number): Promise<void> {
    if (before) await before;
    for (let from = 0; from < bytes.length; from += SLICE) {
      if (this.#end) throw this.#end;
      const slice = bytes.length <= SLICE ? bytes : bytes.subarray(from, from + SLICE);
      try {
        await this.#bounded(this.#sink.write(slice), timeoutMs);
      } catch (fault) {
        throw this.#fail(fault);
      }
    }
  }

  #fail(fault: unknown): Error {
    const end = ConnectionEnd.from(fault);
    this.#end ??= end;
    this.#alarm.stop();
    this.#sink.abort(end);
    return fault instanceof WriteTimeout ? fault : end;
  }

  #bounded(work: Promise<void>, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#late = reject;
      this.#alarm.set(performance.now() + timeoutMs);
      work.then(() => {
        this.#alarm.unset();
        resolve();
      }, (fault) => {
        this.#alarm.unset();
        reject(fault);
      });
    });
  }
}
