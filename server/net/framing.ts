/**
 * Cuts the bytes of a client into lines and literals.
 *
 * Invariants: nothing is allocated for bytes that have not come; each byte is looked at once while a line's end is sought;
 * what `line` and `exactly` return stays valid, since the chunks of a stream are never written again. One call at a time.
 */
import type { ByteSource } from "./bytes.ts";
import { ChunkReader } from "./chunks.ts";
import { Detached } from "./detach.ts";
import { ConnectionEnd, LineTooLong } from "./faults.ts";

export { ConnectionEnd, LineTooLong, ReadTimeout } from "./faults.ts";

const LF = 10;
const CR = 13;
const EMPTY = new Uint8Array(0);
const NONE: readonly ChunkReader[] = [];
/** How much of an overlong line is skipped before the connection is given up. */
const MAX_SKIPPED = 1024 * 1024;
/** Of an overlong line, how much of its head and tail are reported. */
const EXCERPT = 64;
/** The first allocation for bytes that come in several chunks. */
const FIRST_STEP = 4096;

/** Reads lines and counted bytes from a stream. Timeouts are in milliseconds. */
export class FrameReader {
  #source: ChunkReader;
  /** Sources under layers, the lowest first. */
  #below: readonly ChunkReader[] = NONE;
  #chunk: Uint8Array = EMPTY;
  #position = 0;
  /** By when the line must be there whose first bytes `arrival` waited for; 0: nothing was waited for. */
  #due = 0;

  constructor(readable: ByteSource) {
    this.#source = new ChunkReader(readable);
  }

  /** Bytes that can be read without waiting. */
  get buffered(): number {
    return this.#chunk.length - this.#position;
  }

  /**
   * Resolves when something can be read; only while nothing is buffered. It is what an idle connection waits for, so it holds little.
   * @param timeoutMs for the whole line that `line` then reads, whatever it is told
   * @throws {ReadTimeout} {ConnectionEnd}
   */
  arrival(timeoutMs: number): Promise<void> {
    this.#due = performance.now() + timeoutMs;
    return this.#source.arrival(this.#due);
  }

  /**
   * A line without its CRLF; a bare LF also ends one.
   * @param limit the longest line allowed, in bytes without its CRLF
   * @param timeoutMs for the whole line
   * @throws {LineTooLong} after the rest of the line was skipped
   * @throws {ReadTimeout} what came of the line is kept for the next call
   * @throws {ConnectionEnd} also when more than 1 MiB of an overlong line came
   */
  async line(limit: number, timeoutMs: number): Promise<Uint8Array> {
    let deadline = this.#due;
    this.#due = 0;
    if (this.buffered === 0) {
      deadline ||= performance.now() + timeoutMs;
      this.#arrived(this.#source.take() ?? await this.#source.next(deadline));
    }
    const found = this.#chunk.indexOf(LF, this.#position);
    if (found < 0) return await this.#lineOverChunks(limit, deadline || performance.now() + timeoutMs);
    const line = withoutCr(this.#take(found - this.#position));
    this.#take(1);
    return within(limit, line);
  }

  /**
   * Exactly `size` bytes; memory grows as they come.
   * @param timeoutMs for all of them
   * @throws {ReadTimeout} what came of them is kept for the next call
   * @throws {ConnectionEnd}
   */
  async exactly(size: number, timeoutMs: number): Promise<Uint8Array> {
    if (size <= this.buffered) return this.#take(size);
    const deadline = performance.now() + timeoutMs;
    const collected = new Collector();
    try {
      for (;;) {
        collected.add(this.#take(Math.min(size - collected.length, this.buffered)), size);
        if (collected.length === size) return collected.bytes();
        await this.#more(deadline);
      }
    } catch (fault) {
      this.#giveBack(collected);
      throw fault;
    }
  }

  /**
   * Streams `size` bytes into the sink, each chunk as it came, awaited before the next is read. When the sink throws, the rest is skipped
   * first, so that framing stays certain, and then its error is thrown.
   * @param timeoutMs for each chunk
   * @throws {ReadTimeout}
   * @throws {ConnectionEnd}
   */
  async pipe(
    size: number,
    timeoutMs: number,
    sink: (chunk: Uint8Array) => Promise<void> | void,
  ): Promise<void> {
    let left = size;
    while (left > 0) {
      const piece = await this.#piece(left, timeoutMs);
      left -= piece.length;
      try {
        const pending = sink(piece);
        if (pending) await pending;
      } catch (fault) {
        await this.skip(left, timeoutMs);
        throw fault;
      }
    }
  }

  /**
   * Reads `size` bytes and forgets them.
   * @param timeoutMs for each chunk
   * @param deadline for all of them, on the clock of performance.now()
   * @throws {ReadTimeout}
   * @throws {ConnectionEnd}
   */
  async skip(size: number, timeoutMs: number, deadline = Infinity): Promise<void> {
    let left = size;
    while (left > 0) left -= (await this.#piece(left, timeoutMs, deadline)).length;
  }

  /** Puts a layer (inflate) on top of what is still to come, buffered bytes included. */
  wrap(layer: (readable: ByteSource) => ByteSource): void {
    const below = this.#source;
    let first = this.#take(this.buffered);
    const rest: ByteSource = {
      read() {
        const chunk = first;
        first = EMPTY;
        return chunk.length > 0 ? Promise.resolve(chunk) : below.next(Infinity);
      },
      cancel(reason) {
        if (!(reason instanceof Detached)) return below.cancel();
        reason.add(first);
      },
    };
    this.#below = [...this.#below, below];
    this.#source = new ChunkReader(layer(rest));
  }

  /**
   * Takes the topmost layer off: what the peer sent behind the layer's data is read next. Only when nothing is buffered; harmless
   * without a layer.
   */
  async unwrap(): Promise<void> {
    const below = this.#below.at(-1);
    if (!below) return;
    this.#below = this.#below.slice(0, -1);
    const detached = new Detached();
    await this.#source.cancel(detached);
    this.#source = below;
    this.#chunk = detached.left;
    this.#position = 0;
  }

  /** Stops reading; a call that waits ends with ConnectionEnd. Never throws. */
  async cancel(): Promise<void> {
    this.#take(this.buffered);
    await this.#source.cancel();
  }

  async #lineOverChunks(limit: number, deadline: number): Promise<Uint8Array> {
    const collected = new Collector();
    // One byte more for a CR that may belong to the line end.
    while (collected.length + this.buffered <= limit + 1) {
      collected.add(this.#take(this.buffered), limit + 2);
      try {
        await this.#more(deadline);
      } catch (fault) {
        this.#giveBack(collected);
        throw fault;
      }
      const found = this.#chunk.indexOf(LF);
      if (found < 0) continue;
      if (collected.length + found > limit + 1) break;
      collected.add(this.#take(found), limit + 2);
      this.#take(1);
      return within(limit, withoutCr(collected.bytes()));
    }
    throw await this.#skipLine(collected, deadline);
  }

  /** Skips to the end of a line, of which `seen` was taken already. */
  async #skipLine(seen: Collector, deadline: number): Promise<LineTooLong> {
    const head = new Collector();
    let tail: Uint8Array = EMPTY;
    let skipped = 0;
    const pass = (bytes: Uint8Array) => {
      if (head.length < EXCERPT) head.add(bytes.subarray(0, EXCERPT - head.length), EXCERPT);
      // The tail keeps one byte more, for the CR.
      tail = bytes.length > EXCERPT ? bytes.slice(-EXCERPT - 1) : concat(tail, bytes).slice(-EXCERPT - 1);
      skipped += bytes.length;
      if (skipped > MAX_SKIPPED) throw new ConnectionEnd("The line has no end");
    };
    pass(seen.bytes());
    for (;;) {
      const found = this.#chunk.indexOf(LF, this.#position);
      pass(this.#take(found < 0 ? this.buffered : found - this.#position));
      if (found >= 0) break;
      await this.#more(deadline);
    }
    this.#take(1);
    return new LineTooLong(head.bytes(), withoutCr(tail).slice(-EXCERPT));
  }

  async #piece(most: number, timeoutMs: number, deadline = Infinity): Promise<Uint8Array> {
    if (this.buffered === 0) await this.#more(Math.min(deadline, performance.now() + timeoutMs));
    return this.#take(Math.min(most, this.buffered));
  }

  /** Waits for a chunk; only when everything was taken. */
  async #more(deadline: number): Promise<void> {
    this.#arrived(await this.#source.next(deadline));
  }

  #arrived(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#position = 0;
  }

  #take(size: number): Uint8Array {
    const start = this.#position;
    const taken = this.#chunk.subarray(start, start + size);
    this.#position = start + size;
    if (this.#position === this.#chunk.length) {
      // An idle connection must not hold on to its last chunk.
      this.#chunk = EMPTY;
      this.#position = 0;
    }
    return taken;
  }

  #giveBack(collected: Collector): void {
    this.#chunk = collected.bytes();
    this.#position = 0;
  }
}

/** Bytes that come in pieces, in one buffer that doubles as they come. */
class Collector {
  #bytes: Uint8Array = EMPTY;
  length = 0;

  /** @param most how long it can get at all */
  add(piece: Uint8Array, most: number): void {
    const needed = this.length + piece.length;
    if (needed > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(needed, Math.min(most, Math.max(FIRST_STEP, this.#bytes.length * 2))));
      bytes.set(this.bytes());
      this.#bytes = bytes;
    }
    this.#bytes.set(piece, this.length);
    this.length = needed;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

function within(limit: number, line: Uint8Array): Uint8Array {
  if (line.length <= limit) return line;
  throw new LineTooLong(line.slice(0, EXCERPT), line.slice(-EXCERPT));
}

function withoutCr(line: Uint8Array): Uint8Array {
  return line[line.length - 1] === CR ? line.subarray(0, -1) : line;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
