/**
 * Walks the lines of a source through a window, so that a large file is never in memory whole. Each byte is looked at once.
 *
 * A line ends with LF, alone or behind CR. Only where the first 64 KiB hold a CR and no LF at all does a CR alone end one.
 */
import type { ByteSource } from "./source.ts";

const WINDOW = 256 * 1024;
const SAMPLE = 64 * 1024;
const LF = 10;
const CR = 13;

export class Lines {
  /** Offset of the current line. */
  start = 0;
  /** Offset of its line end; the source's end if it has none. */
  contentEnd = 0;
  /** Offset of the line before; the same as `start` at the first. */
  previous = 0;
  /** Offset behind its line end: the next line. */
  next = 0;
  /** Lines walked up to and including the current one. */
  count = 0;
  readonly size: number;
  readonly #source: ByteSource;
  readonly #terminator: number;
  #base = 0;
  #window: Uint8Array;

  constructor(source: ByteSource) {
    this.#source = source;
    this.size = source.size;
    this.#window = source.read(0, Math.min(source.size, WINDOW));
    this.#terminator = lineTerminator(this.#window.subarray(0, SAMPLE));
  }

  /** Goes to the next line; false at the end of the source, with `start` there. */
  advance(): boolean {
    this.previous = this.start;
    const start = this.start = this.next;
    if (start >= this.size) {
      this.contentEnd = this.size;
      return false;
    }
    this.count++;
    const at = this.#window.indexOf(this.#terminator, start - this.#base);
    if (at >= 0) this.#endAt(this.#base + at);
    else this.#search(start);
    return true;
  }

  /**
   * The current line without its end, or undefined if it is longer than `limit` bytes.
   * The view is good until the next advance.
   */
  content(limit: number): Uint8Array | undefined {
    const length = this.contentEnd - this.start;
    if (length > limit || this.start < this.#base) return undefined;
    return this.#window.subarray(this.start - this.#base, this.contentEnd - this.#base);
  }

  /** Whether the current line begins with two dashes, as all boundary lines do. */
  get dashed(): boolean {
    const at = this.start - this.#base;
    return at >= 0 && this.#window[at] === 0x2d && this.#window[at + 1] === 0x2d;
  }

  /** Offset of the line end before the current line (RFC 2046 §5.1.1: it belongs to the boundary), not below `floor`. */
  contentEndBefore(floor: number): number {
    const from = Math.max(floor, this.start - 2);
    const tail = this.#source.read(from, this.start);
    let length = tail.length;
    if (length > 0 && (tail[length - 1] === LF || tail[length - 1] === this.#terminator)) {
      length--;
      if (tail[length] === LF && length > 0 && tail[length - 1] === CR) length--;
    }
    return from + length;
  }

  /** Makes `offset`, within the current line, the next line's start: for a header that is cut off at its limit. */
  cut(offset: number): void {
    if (offset === this.start) this.count--;
    this.next = offset;
    this.contentEnd = Math.min(this.contentEnd, offset);
    if (offset < this.#base) {
      this.#base = offset;
      this.#window = this.#source.read(offset, Math.min(this.size, offset + WINDOW));
    }
  }

  /** The window does not hold the line's end: moves it on until one does. Only a line longer than it is passed over. */
  #search(start: number): void {
    let from = start;
    while (true) {
      if (this.#base + this.#window.length < this.size || from > start) {
        this.#base = from;
        this.#window = this.#source.read(from, Math.min(this.size, from + WINDOW));
        if (this.#window.length === 0) break; // the file became shorter while it was read
        const at = this.#window.indexOf(this.#terminator);
        if (at >= 0) return this.#endAt(from + at);
      }
      if (this.#base + this.#window.length >= this.size) break;
      // One byte stays, since it may be the CR of a CRLF.
      from = this.#base + Math.max(1, this.#window.length - 1);
    }
    this.contentEnd = this.next = this.size;
  }

  #endAt(offset: number): void {
    this.next = offset + 1;
    const at = offset - this.#base;
    if (this.#terminator === LF) {
      this.contentEnd = offset > this.start && at > 0 && this.#window[at - 1] === CR ? offset - 1 : offset;
      return;
    }
    this.contentEnd = offset;
    const behind = at + 1 < this.#window.length ? this.#window[at + 1] : this.#source.read(offset + 1, offset + 2)[0];
    if (behind === LF) this.next++;
  }
}

/** The byte that ends lines: LF, or CR where there is no LF. */
export function lineTerminator(sample: Uint8Array): number {
  return sample.indexOf(LF) < 0 && sample.includes(CR) ? CR : LF;
}
