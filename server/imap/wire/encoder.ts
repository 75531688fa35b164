/**
 * Writes responses into one growing buffer (RFC 9051 §9). On the path of every line of every FETCH, so digits and short texts go
 * to the buffer directly. What is written is always well formed: text that a quoted string cannot hold becomes a literal.
 */
import { ATOM, CLASS, PLAIN } from "./chars.ts";
import { encodeUtf8 } from "./text.ts";
import { encodeUtf7 } from "./utf7.ts";

const SMALLEST = 256;
/** A new buffer starts no larger than this, however much the one before held. */
const LARGEST_START = 65_536;
/** Longer values are literals. */
const MAX_QUOTED = 1000;
/** From here on the platform's copying of text is faster than a loop. */
const LONG_TEXT = 64;

const EMPTY = new Uint8Array(0);
const NIL = new Uint8Array([0x4e, 0x49, 0x4c]);
const textEncoder = new TextEncoder();

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const QUESTION = 0x3f;

export class Encoder {
  private buffer: Uint8Array = EMPTY;
  private at = 0;
  /** Size of the next first buffer: what was needed last time is likely needed again. */
  private start = SMALLEST;

  /** Bytes held. */
  get length(): number {
    return this.at;
  }

  /** Makes room for `count` more bytes, doubling the buffer. */
  private grow(count: number): void {
    let capacity = Math.max(this.buffer.length * 2, this.start);
    while (capacity < this.at + count) capacity *= 2;
    const larger = new Uint8Array(capacity);
    larger.set(this.at === this.buffer.length ? this.buffer : this.buffer.subarray(0, this.at));
    this.buffer = larger;
  }

  raw(bytes: Uint8Array): this {
    const { at } = this;
    const count = bytes.length;
    if (at + count > this.buffer.length) this.grow(count);
    if (count > 32) {
      this.buffer.set(bytes, at);
    } else {
      const { buffer } = this;
      for (let i = 0; i < count; i++) buffer[at + i] = bytes[i];
    }
    this.at = at + count;
    return this;
  }

  /** The bytes [start, end) of some. */
  part(bytes: Uint8Array, start: number, end: number): this {
    const { at } = this;
    const count = end - start;
    if (at + count > this.buffer.length) this.grow(count);
    const { buffer } = this;
    if (count > 64) buffer.set(bytes.subarray(start, end), at);
    else for (let i = 0; i < count; i++) buffer[at + i] = bytes[start + i];
    this.at = at + count;
    return this;
  }

  /** Text of 7-bit characters, as it is; any other character becomes `?`. */
  ascii(text: string): this {
    const { at } = this;
    const count = text.length;
    if (at + count > this.buffer.length) this.grow(count);
    const { buffer } = this;
    this.at = at + count;
    if (count >= LONG_TEXT) {
      const { read } = textEncoder.encodeInto(text, buffer.subarray(at, at + count));
      // As many bytes as characters are there: where all were read, all were ASCII.
      if (read === count) return this;
    }
    for (let i = 0; i < count; i++) {
      const c = text.charCodeAt(i);
      buffer[at + i] = c < 0x80 ? c : QUESTION;
    }
    return this;
  }

  /** A decimal number. @throws {RangeError} not a safe integer of 0 or more */
  number(n: number): this {
    if (this.at + 16 > this.buffer.length) this.grow(16);
    if (n >>> 0 === n) {
      this.digits(n, digitCount(n));
      return this;
    }
    if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`${n} cannot be written as a number`);
    // Above 32 bits, in two halves that integer arithmetic can do.
    const high = Math.floor(n / 1e9);
    this.digits(high, digitCount(high));
    this.digits(n - high * 1e9, 9);
    return this;
  }

  private digits(n: number, count: number): void {
    const { buffer } = this;
    let i = this.at + count;
    this.at = i;
    while (count-- > 0) {
      const tenth = (n / 10) >>> 0;
      buffer[--i] = 0x30 + n - tenth * 10;
      n = tenth;
    }
  }

  byte(b: number): this {
    if (this.at === this.buffer.length) this.grow(1);
    this.buffer[this.at++] = b;
    return this;
  }

  sp(): this {
    return this.byte(0x20);
  }

  crlf(): this {
    return this.byte(0x0d).byte(0x0a);
  }

  /** A quoted string of ASCII; text that cannot be one is written as `string` does. */
  quoted(text: string): this {
    return this.tryQuotedText(text) ? this : this.literal(encodeUtf8(text));
  }

  /** `string`: quoted where it is ASCII without CR, LF and NUL and at most 1000 bytes long, else a literal. Text goes as UTF-8. */
  string(value: Uint8Array | string): this {
    if (value.length <= MAX_QUOTED) {
      if (typeof value === "string" ? this.tryQuotedText(value) : this.tryQuoted(value, 0x80)) return this;
    }
    return this.literal(typeof value === "string" ? encodeUtf8(value) : value);
  }

  /** `nstring`: NIL for null. */
  nstring(value: Uint8Array | string | null): this {
    return value === null ? this.raw(NIL) : this.string(value);
  }

  /** `{n}`, CRLF and the bytes. As NUL is not allowed there, bytes with one go as `~{n}` (RFC 3516 §4.4). */
  literal(bytes: Uint8Array): this {
    return this.literalHead(bytes.length, bytes.includes(0)).raw(bytes);
  }

  /** `{size}` or, if binary, `~{size}`, and CRLF. The bytes have to follow. */
  literalHead(size: number, binary = false): this {
    if (binary) this.byte(0x7e);
    return this.byte(0x7b).number(size).byte(0x7d).crlf();
  }

  /**
   * `mailbox`: an atom where that is safe, else quoted. Modified UTF-7 unless `utf8`, then UTF-8 in a quoted string (RFC 9051 §5.1).
   */
  mailbox(name: string, utf8: boolean): this {
    const bytes = encodeUtf8(utf8 ? name : encodeUtf7(name));
    if (isSafeAtom(bytes)) return this.raw(bytes);
    return this.tryQuoted(bytes, utf8 ? 0x100 : 0x80) ? this : this.literal(bytes);
  }

  /** Writes a quoted string of bytes below `limit`; writes nothing and is false where a byte cannot be in one. */
  private tryQuoted(bytes: Uint8Array, limit: number): boolean {
    this.roomForQuoted(bytes.length);
    const { buffer } = this;
    let { at } = this;
    buffer[at++] = QUOTE;
    for (let i = 0; i < bytes.length; i++) {
      const c = bytes[i];
      if (!(CLASS[c] & PLAIN)) {
        if (c === QUOTE || c === BACKSLASH) buffer[at++] = BACKSLASH;
        else if (c < 0x80 || c >= limit) return false;
      }
      buffer[at++] = c;
    }
    buffer[at++] = QUOTE;
    this.at = at;
    return true;
  }

  /** As `tryQuoted`, for ASCII text, without making bytes of it first. */
  private tryQuotedText(text: string): boolean {
    this.roomForQuoted(text.length);
    const { buffer } = this;
    let { at } = this;
    buffer[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c >= 0x80 || !(CLASS[c] & PLAIN)) {
        if (c !== QUOTE && c !== BACKSLASH) return false;
        buffer[at++] = BACKSLASH;
      }
      buffer[at++] = c;
    }
    buffer[at++] = QUOTE;
    this.at = at;
    return true;
  }

  /** Each character may need its escape. */
  private roomForQuoted(length: number): void {
    const most = length * 2 + 2;
    if (this.at + most > this.buffer.length) this.grow(most);
  }

  /** The bytes so far, which are the caller's from now on: the buffer is handed over, not copied. The encoder is empty after. */
  take(): Uint8Array {
    const taken = this.at === this.buffer.length ? this.buffer : this.buffer.subarray(0, this.at);
    this.start = Math.min(Math.max(SMALLEST, this.at), LARGEST_START);
    this.buffer = EMPTY;
    this.at = 0;
    return taken;
  }
}

function digitCount(n: number): number {
  if (n < 10) return 1;
  if (n < 100) return 2;
  if (n < 1e3) return 3;
  if (n < 1e4) return 4;
  if (n < 1e5) return 5;
  if (n < 1e6) return 6;
  if (n < 1e7) return 7;
  if (n < 1e8) return 8;
  if (n < 1e9) return 9;
  return 10;
}

/** Atom characters only, and nothing that a careless client could take for something else: NIL, `[`, a number. */
function isSafeAtom(bytes: Uint8Array): boolean {
  if (bytes.length === 0 || bytes[0] < 0x41) return false;
  for (let i = 0; i < bytes.length; i++) if (!(CLASS[bytes[i]] & ATOM) || bytes[i] === 0x5b) return false;
  return !(bytes.length === 3 && isNil(bytes));
}

function isNil(bytes: Uint8Array): boolean {
  return (bytes[0] | 0x20) === 0x6e && (bytes[1] | 0x20) === 0x69 && (bytes[2] | 0x20) === 0x6c;
}
