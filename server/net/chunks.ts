/**
 * Takes chunks from a stream, each with a deadline.
 *
 * Invariants: at most one read of the stream is under way; a read whose waiter gave up is kept and serves the next call.
 */
import { Alarm } from "./alarm.ts";
import type { ByteSource } from "./bytes.ts";
import { ConnectionEnd, ReadTimeout } from "./faults.ts";

interface Waiter {
  resolve(): void;
  reject(fault: Error): void;
}

export class ChunkReader {
  readonly #source: ByteSource;
  readonly #alarm = new Alarm(() => this.#settle()?.reject(new ReadTimeout()));
  #reading = false;
  #arrived: Uint8Array | undefined;
  #end: ConnectionEnd | undefined;
  #waiter: Waiter | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * The next chunk, never an empty one.
   * @param deadline on the clock of `performance.now()`; Infinity: none
   * @throws {ReadTimeout} the next call goes on waiting for the same chunk
   * @throws {ConnectionEnd}
   */
  async next(deadline: number): Promise<Uint8Array> {
    for (;;) {
      const chunk = this.take();
      if (chunk) return chunk;
      await this.arrival(deadline);
    }
  }

  /** The next chunk if it is there already. */
  take(): Uint8Array | undefined {
    const chunk = this.#arrived;
    this.#arrived = undefined;
    return chunk;
  }

  /**
   * Resolves when a chunk can be taken.
   * @param deadline as in `next`
   * @throws as `next`
   */
  arrival(deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#waiter) return reject(new Error("somebody reads already"));
      if (this.#arrived) return resolve();
      if (this.#end) return reject(this.#end);
      this.#waiter = { resolve, reject };
      this.#read();
      this.#alarm.set(deadline);
    });
  }

  /** Stops reading; a call that waits ends with ConnectionEnd. Never throws. `reason` is told to the stream. */
  async cancel(reason?: unknown): Promise<void> {
    this.#finish(new ConnectionEnd());
    this.#arrived = undefined;
    await this.#source.cancel(reason);
  }

  #read(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.#source.read().then((chunk) => {
      this.#reading = false;
      if (!chunk) return this.#finish(new ConnectionEnd());
      if (this.#end) return;
      if (chunk.length === 0) return this.#waiter && this.#read();
      this.#arrived = chunk;
      this.#settle()?.resolve();
    }, (fault) => {
      this.#reading = false;
      this.#finish(ConnectionEnd.from(fault));
    });
  }

  #settle(): Waiter | undefined {
    this.#alarm.unset();
    const waiter = this.#waiter;
    this.#waiter = undefined;
    return waiter;
  }

  #finish(end: ConnectionEnd): void {
    this.#end ??= end;
    this.#settle()?.reject(this.#end);
    this.#alarm.stop();
  }
}
