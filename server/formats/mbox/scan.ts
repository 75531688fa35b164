/**
 * Where the messages of an mbox begin and end, in one pass over the file through a window. Each byte is looked at once or twice.
 *
 * A message begins with a line `From … date`, or, behind an empty line, with any `From ` line that a header follows. In a file whose
 * first message has a right Content-Length, Content-Length tells where messages end as long as a From line, or the end, is there.
 */
import { toLatin1 } from "../../../store/mime/latin1.ts";
import { beginsHeader, fromLineDate } from "./fromline.ts";

const WINDOW = 1024 * 1024;
const SAMPLE = 64 * 1024;
const CR = 13;
const LF = 10;
/** Longest line that is looked at; longer ones are text. */
const LONGEST = 2000;
/** Messages without a right Content-Length after which it is looked at no more. */
const MOST_MISTAKES = 100;

export interface Extent {
  /** Offset of the From line. */
  readonly from: number;
  /** Offset of the first byte of the message, */
  readonly start: number;
  /** and behind its last: the empty line before the next From line is not in it. */
  readonly end: number;
  /** Of the From line; undefined where it cannot be read. */
  readonly date: number | undefined;
  /** Content-Length told the end, so lines that begin with From need no quoting. */
  readonly counted: boolean;
}

export interface Bytes {
  readonly size: number;
  read(start: number, end: number): Uint8Array;
}

interface Line {
  readonly start: number;
  /** Without its end; cut where it is very long. */
  readonly text: Uint8Array;
  readonly next: number;
}

export class MboxScanner {
  /** What ends a line: LF, or CR in a file that begins with 64 KiB without any LF. */
  readonly terminator: number;
  /** Bytes before the first From line. */
  leading = 0;
  #base = 0;
  #window: Uint8Array;
  /** The first message has a right Content-Length. */
  #counting = false;
  /** Messages since without one: looking where they would end costs reads. */
  #mistakes = 0;

  constructor(readonly file: Bytes) {
    this.#window = file.read(0, Math.min(file.size, WINDOW));
    const sample = this.#window.subarray(0, SAMPLE);
    this.terminator = sample.includes(LF) || !sample.includes(CR) ? LF : CR;
  }

  *extents(): Iterable<Extent> {
    let from = this.#nextFrom(0, true);
    this.leading = from?.start ?? this.file.size;
    while (from) {
      const { start, next } = from;
      const date = fromLineDate(from.text);
      const counted = this.#counted(next);
      const following = counted === undefined ? this.#nextFrom(next, false) : this.#endAt(counted)?.line;
      const end = counted ?? this.#withoutSeparator(next, following?.start ?? this.file.size);
      yield { from: start, start: next, end, date, counted: counted !== undefined };
      from = following;
    }
  }

  /** The next From line at or behind `at`, which is a line's start. */
  #nextFrom(at: number, afterEmpty: boolean): Line | undefined {
    let empty = afterEmpty;
    while (at < this.file.size) {
      // Most lines are none: only their first bytes are looked at.
      if (this.#startsFrom(at)) {
        const line = this.#line(at);
        if (fromLineDate(line.text) !== undefined) return line;
        if (empty && line.next < this.file.size && beginsHeader(this.#line(line.next).text)) return line;
        this.#see(at);
      }
      const next = this.#lineEnd(at);
      empty = next - at <= 2 && this.#isEmpty(at, next);
      at = next;
    }
    return undefined;
  }

  /** Moves the window so that it holds `at` and what follows. */
  #see(at: number, bytes = 8): void {
    const end = Math.min(this.file.size, at + bytes);
    if (at >= this.#base && end <= this.#base + this.#window.length) return;
    this.#base = at;
    this.#window = this.file.read(at, Math.min(this.file.size, at + WINDOW));
  }

  #startsFrom(at: number): boolean {
    this.#see(at);
    const i = at - this.#base;
    const w = this.#window;
    return w[i] === 0x46 && w[i + 1] === 0x72 && w[i + 2] === 0x6f && w[i + 3] === 0x6d && w[i + 4] === 0x20;
  }

  #isEmpty(start: number, next: number): boolean {
    this.#see(start);
    const first = this.#window[start - this.#base];
    return first === this.terminator || (first === CR && next - start === 2);
  }

  /** Offset behind the end of the line that begins at or spans `at`. */
  #lineEnd(at: number): number {
    for (;;) {
      this.#see(at, 1);
      const found = this.#window.indexOf(this.terminator, at - this.#base);
      if (found >= 0) return this.#base + found + 1;
      at = this.#base + this.#window.length;
      if (at >= this.file.size) return this.file.size;
    }
  }

  #line(start: number): Line {
    this.#see(start, LONGEST);
    const i = start - this.#base;
    const text = this.#window.subarray(i, i + LONGEST);
    const found = text.indexOf(this.terminator);
    if (found < 0) return { start, text, next: this.#lineEnd(start) };
    const end = found > 0 && text[found - 1] === CR ? found - 1 : found;
    return { start, text: text.subarray(0, end), next: start + found + 1 };
  }

  /** The end that Content-Length tells of the message that begins at `start`, where it is believed and right. */
  #counted(start: number): number | undefined {
    if (this.#mistakes > MOST_MISTAKES) return undefined;
    const end = this.#contentEnd(start);
    const right = end !== undefined && this.#endAt(end) !== undefined;
    if (!right) this.#mistakes += this.#counting ? 1 : MOST_MISTAKES + 1;
    this.#counting = true;
    return right ? end : undefined;
  }

  #contentEnd(start: number): number | undefined {
    let length: number | undefined;
    for (let at = start; at < this.file.size;) {
      const { text, next } = this.#line(at);
      if (text.length === 0) {
        return length === undefined || next + length > this.file.size ? undefined : next + length;
      }
      if ((text[0] | 0x20) === 0x63 && length === undefined) {
        const match = /^content-length:\s{0,20}(\d{1,15})\s*$/i.exec(toLatin1(text));
        if (match) length = Number(match[1]);
      }
      at = next;
    }
    return undefined;
  }

  /** Whether a message can end at `at`: a From line, or the file's end, is there or behind some empty lines. */
  #endAt(at: number): { readonly line?: Line } | undefined {
    for (let empty = 0; empty < 3 && at < this.file.size; empty++) {
      const line = this.#line(at);
      if (this.#startsFrom(at)) return fromLineDate(line.text) === undefined ? undefined : { line };
      if (line.text.length > 0) return undefined;
      at = line.next;
    }
    return at >= this.file.size ? {} : undefined;
  }

  /** One empty line before a From line, or before the end, belongs to the mbox. */
  #withoutSeparator(start: number, end: number): number {
    const tail = this.file.read(Math.max(start, end - 4), end);
    const line = (to: number): number => {
      if (to === 0 || tail[to - 1] !== this.terminator) return to;
      return this.terminator === LF && to > 1 && tail[to - 2] === CR ? to - 2 : to - 1;
    };
    const last = line(tail.length);
    const before = line(last);
    // The last two are line ends: the second of them is an empty line. A message without any text is one, too.
    const isEmptyLine = last < tail.length && (before < last || last === 0);
    return isEmptyLine ? end - (tail.length - last) : end;
  }
}
