/**
 * Finds the header fields that HEADER.FIELDS asks for (RFC 9051 §6.4.5.1), in bytes: for one header after another, without making
 * anything for a field. What a field is, header.ts says.
 */

const LF = 10;
const CR = 13;
const COLON = 0x3a;
const CRLF = Uint8Array.of(CR, LF);
const TWO_CRLF = Uint8Array.of(CR, LF, CR, LF);
const NOTHING = new Uint8Array(0);
/** Longer names are none, see header.ts. */
const LONGEST_NAME = 1000;

export class FieldFilter {
  /** What has to follow the spans, as the header has no empty line. */
  missing: Uint8Array = NOTHING;
  /** Names by their first letter, in lower case. */
  readonly #names = new Map<number, Uint8Array[]>();
  /** Starts and ends. */
  #spans = new Uint32Array(64);
  #count = 0;

  /** @param names in lower case @param not all others are asked for */
  constructor(names: readonly string[], readonly not: boolean) {
    for (const name of new Set(names)) {
      if (!/^[\x21-\x39\x3b-\x7e]+$/.test(name) || name.length > LONGEST_NAME) continue;
      const bytes = new TextEncoder().encode(name);
      this.#names.set(bytes[0], [...this.#names.get(bytes[0]) ?? [], bytes]);
    }
  }

  /** Looks into the header at [start, end) of `bytes`. @returns the size of what was found, `missing` included */
  find(bytes: Uint8Array, start: number, end: number): number {
    const terminator = bytes[lineEnd(bytes, start, end, LF) - 1] === LF ? LF : CR;
    this.#count = 0;
    let size = 0;
    let at = start;
    while (at < end) {
      let next = lineEnd(bytes, at, end, terminator);
      if (isEmptyLine(bytes, at, next)) break;
      // Continuation lines begin with a blank.
      while (next < end && isBlank(bytes[next])) next = lineEnd(bytes, next, end, terminator);
      if (this.#isNamed(bytes, at, next) !== this.not) {
        this.#add(at, next);
        size += next - at;
      }
      at = next;
    }
    this.missing = at < end ? NOTHING : this.#emptyLine(bytes);
    if (at < end) this.#add(at, end);
    return size + end - at + this.missing.length;
  }

  /** What was found, in order. */
  each(take: (start: number, end: number) => void): void {
    for (let i = 0; i < this.#count; i += 2) take(this.#spans[i], this.#spans[i + 1]);
  }

  #add(start: number, end: number): void {
    if (this.#count > 0 && this.#spans[this.#count - 1] === start) {
      this.#spans[this.#count - 1] = end;
      return;
    }
    if (this.#count === this.#spans.length) {
      const larger = new Uint32Array(2 * this.#count);
      larger.set(this.#spans);
      this.#spans = larger;
    }
    this.#spans[this.#count++] = start;
    this.#spans[this.#count++] = end;
  }

  /** The empty line for a header that has none, where the last field may not even have a line end. */
  #emptyLine(bytes: Uint8Array): Uint8Array {
    if (this.#count === 0) return CRLF;
    const before = bytes[this.#spans[this.#count - 1] - 1];
    return before === LF || before === CR ? CRLF : TWO_CRLF;
  }

  /** The line begins with one of the names and a colon; blanks may stand between (RFC 5322 §4.5). */
  #isNamed(bytes: Uint8Array, start: number, end: number): boolean {
    const names = this.#names.get(lower(bytes[start]));
    if (!names) return false;
    for (const name of names) {
      let at = start + 1;
      let i = 1;
      while (i < name.length && at < end && lower(bytes[at]) === name[i]) {
        i++;
        at++;
      }
      if (i < name.length) continue;
      while (at < end && isBlank(bytes[at])) at++;
      if (at < end && bytes[at] === COLON) return true;
    }
    return false;
  }
}

function lineEnd(bytes: Uint8Array, from: number, end: number, terminator: number): number {
  for (let at = from; at < end; at++) if (bytes[at] === terminator) return at + 1;
  return end;
}

function isEmptyLine(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start];
  return first === LF || (first === CR && (end - start === 1 || (end - start === 2 && bytes[start + 1] === LF)));
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
