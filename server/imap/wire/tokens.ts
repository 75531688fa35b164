/**
 * The tokens of a command line (RFC 9051 §9): spaces, atoms, strings, literals, numbers.
 *
 * Every byte of the line is consumed by a method that allows it or the command ends in a BadError; none allows NUL, and none
 * does more work than the line is long. What is given back may be a view of the line or of a literal: it must not be written to.
 */
import type { Draft } from "../../../store/mod.ts";
import { BadError } from "../errors.ts";
import { ASTRING, ATOM, CLASS, DIGIT, PLAIN, TAG, WORD } from "./chars.ts";
import { MAX_INT63, MAX_UINT32 } from "./numbers.ts";
import { asciiText, decodeUtf8 } from "./text.ts";

/** A literal of a command: its bytes, or a draft where they are message content and were spooled. */
export interface Literal {
  readonly size: number;
  /** Sent as literal8, `~{n}` (RFC 3516 §4.4): NUL bytes are allowed. */
  readonly binary: boolean;
  readonly bytes?: Uint8Array;
  readonly draft?: Draft;
}

const SP = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACE = 0x7b;
const TILDE = 0x7e;

/** Made once: a command of which only a part has come ends with it in the ordinary course. */
const NOT_LAST = new BadError(undefined, "a literal must be the last of its line");

export class Tokens {
  /** Index of the next byte of the line. May be put back to where it was before. */
  position = 0;
  /** Where the markers of the literals taken so far stand, so that going back takes them again. */
  private readonly markers: number[] = [];

  /** See Decoder. */
  constructor(protected readonly line: Uint8Array, private readonly literals: readonly Literal[]) {}

  /** How many literals were taken. */
  get literalsTaken(): number {
    return this.markers.length;
  }

  get atEnd(): boolean {
    return this.position >= this.line.length;
  }

  /** The next byte, -1 at the end. */
  peek(): number {
    return this.position < this.line.length ? this.line[this.position] : -1;
  }

  /** A fault at the current position. `what` completes "expected …". */
  expected(what: string): BadError {
    const where = this.atEnd ? "at the end of the command" : `at character ${this.position + 1}`;
    return new BadError(undefined, `expected ${what} ${where}`);
  }

  /** A fault at an earlier position. */
  protected fault(position: number, what: string): BadError {
    this.position = position;
    return this.expected(what);
  }

  /** Exactly one space. */
  sp(): void {
    if (!this.trySp()) throw this.expected("a space");
  }

  trySp(): boolean {
    if (this.peek() !== SP) return false;
    this.position++;
    return true;
  }

  /** One ASCII character, case-sensitive. */
  byte(ch: string): void {
    if (!this.tryByte(ch)) throw this.expected(`"${ch}"`);
  }

  tryByte(ch: string): boolean {
    if (this.peek() !== ch.charCodeAt(0)) return false;
    this.position++;
    return true;
  }

  /** Takes the keyword, in any case, where it stands whole: what follows is the end or no atom character (`[` counts as none). */
  tryWord(word: string): boolean {
    const end = this.position + word.length;
    if (end > this.line.length || (end < this.line.length && CLASS[this.line[end]] & WORD)) return false;
    for (let i = 0; i < word.length; i++) {
      if (upper(this.line[this.position + i]) !== upper(word.charCodeAt(i))) return false;
    }
    this.position = end;
    return true;
  }

  /** Nothing may be left, of the line and of the literals. */
  end(): void {
    if (!this.atEnd) throw this.expected("the end of the command");
    if (this.markers.length !== this.literals.length) {
      throw new BadError(undefined, "a literal stands where none can be");
    }
  }

  /** `tag`: ASTRING-CHARs without `+`. */
  tag(): string {
    return this.run(TAG, "a tag");
  }

  /** `atom`, as sent. It may hold `[` (but not `]`). */
  atom(): string {
    return this.run(ATOM, "an atom");
  }

  /** Name of a command, item or option, in capitals: an atom that ends before `[`. */
  word(): string {
    return this.run(WORD, "a name").toUpperCase();
  }

  protected run(kind: number, what: string): string {
    const start = this.position;
    const end = this.skip(kind);
    if (end === start) throw this.expected(what);
    return asciiText(this.line, start, end);
  }

  private skip(kind: number): number {
    const { line } = this;
    let at = this.position;
    while (at < line.length && CLASS[line[at]] & kind) at++;
    return (this.position = at);
  }

  /** A `string` is next: `"` or `{`. */
  quotedOrLiteralIsNext(): boolean {
    const next = this.peek();
    return next === QUOTE || next === BRACE;
  }

  /** `astring`: atom characters and `]`, or a string. */
  astring(): Uint8Array {
    return this.bare(ASTRING, "a string or an atom");
  }

  /** `string`: quoted or a literal. @throws {BadError} also for NUL in it, and for 8-bit in a quoted one that is not UTF-8. */
  string(): Uint8Array {
    if (this.peek() === QUOTE) return this.quoted();
    if (this.peek() === BRACE) return this.argument();
    throw this.expected("a string");
  }

  /** `nstring`: a string, or NIL, which is null. */
  nstring(): Uint8Array | null {
    return this.tryWord("NIL") ? null : this.string();
  }

  /** `astring` as text. @throws {BadError} not UTF-8 */
  astringText(): string {
    return text(this.astring());
  }

  /** `string` as text. @throws {BadError} not UTF-8 */
  stringText(): string {
    return text(this.string());
  }

  protected bare(kind: number, what: string): Uint8Array {
    if (this.quotedOrLiteralIsNext()) return this.string();
    const start = this.position;
    const end = this.skip(kind);
    if (end === start) throw this.expected(what);
    return this.line.subarray(start, end);
  }

  /**
   * UTF-8 is taken in any mode: clients send it in passwords, names and searches without asking (RFC 9051 §4.3 allows it).
   * Bytes that are no UTF-8 are a fault.
   */
  protected quoted(): Uint8Array {
    const { line } = this;
    const start = ++this.position;
    let escapes = 0;
    let eightBit = false;
    let at = start;
    for (;; at++) {
      if (at >= line.length) {
        this.position = line.length;
        throw this.expected("a closing quote");
      }
      const c = line[at];
      if (CLASS[c] & PLAIN) continue;
      if (c === QUOTE) break;
      if (c >= 0x80) {
        eightBit = true;
      } else if (c === BACKSLASH && (line[at + 1] === QUOTE || line[at + 1] === BACKSLASH)) {
        escapes++;
        at++;
      } else {
        this.position = at;
        throw this.expected(
          c === BACKSLASH ? `\\" or \\\\ in a quoted string` : "no control character in a quoted string",
        );
      }
    }
    this.position = at + 1;
    const raw = line.subarray(start, at);
    if (eightBit) text(raw);
    return escapes === 0 ? raw : unescape(raw, escapes);
  }

  /** The bytes of a plain literal. `CHAR8` has no NUL (RFC 9051 §9); only a literal8 may. */
  private argument(): Uint8Array {
    const { bytes } = this.literal();
    if (bytes === undefined) throw new BadError(undefined, "message content stands where an argument was expected");
    if (bytes.includes(0)) throw new BadError(undefined, "a literal holds a NUL byte");
    return bytes;
  }

  /** `literal` or `literal8`, whatever it holds. */
  literal(): Literal {
    const start = this.position;
    const binary = this.tryByte("~");
    if (this.peek() !== BRACE) {
      this.position = start;
      throw this.expected("a literal");
    }
    this.position++;
    const size = this.number64();
    this.tryByte("+");
    this.byte("}");
    const { markers } = this;
    while (markers.length > 0 && markers[markers.length - 1] >= start) markers.pop();
    const literal = this.literals.at(markers.length);
    // `{5}` inside a line is a marker to the eye only.
    if (literal === undefined || literal.size !== size || literal.binary !== binary) {
      throw NOT_LAST;
    }
    markers.push(start);
    return literal;
  }

  /** A literal is next, of either kind. */
  literalIsNext(): boolean {
    return this.peek() === BRACE || (this.peek() === TILDE && this.line[this.position + 1] === BRACE);
  }

  /** `number`: 0 to 4294967295. */
  number(): number {
    const value = this.digits();
    if (value > MAX_UINT32) throw new BadError(undefined, "a number is above 4294967295");
    return Number(value);
  }

  /** `nz-number`: 1 to 4294967295. */
  nzNumber(): number {
    if (this.peek() === 0x30) throw this.expected("a number without a zero at its start");
    return this.number();
  }

  /**
   * `number64`, `mod-sequence-valzer` (RFC 7162 §7): 0 to 2^63-1. Above Number.MAX_SAFE_INTEGER it becomes that: no size or
   * modseq of ours is larger.
   */
  number64(): number {
    const value = this.digits();
    if (value > MAX_INT63) throw new BadError(undefined, "a number is above 9223372036854775807");
    return value > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(value);
  }

  /** `nz-number64`, `mod-sequence-value`. */
  nzNumber64(): number {
    if (this.peek() === 0x30) throw this.expected("a number without a zero at its start");
    return this.number64();
  }

  /** 1*DIGIT. Nothing of more than 20 digits is ever converted. */
  private digits(): number | bigint {
    const { line } = this;
    const start = this.position;
    const end = this.skip(DIGIT);
    if (end === start) throw this.expected("a number");
    let first = start;
    while (first < end && line[first] === 0x30) first++;
    const length = end - first;
    if (length > 20) return MAX_INT63 + 1n;
    if (length > 15) return BigInt(asciiText(line, first, end));
    let value = 0;
    for (let i = first; i < end; i++) value = value * 10 + line[i] - 0x30;
    return value;
  }
}

function upper(c: number): number {
  return c >= 0x61 && c <= 0x7a ? c - 0x20 : c;
}

function text(bytes: Uint8Array): string {
  const decoded = decodeUtf8(bytes);
  if (decoded === undefined) throw new BadError(undefined, "a string is not valid UTF-8");
  return decoded;
}

function unescape(raw: Uint8Array, escapes: number): Uint8Array {
  const out = new Uint8Array(raw.length - escapes);
  let length = 0;
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] === BACKSLASH) i++;
    out[length++] = raw[i];
  }
  return out;
}
