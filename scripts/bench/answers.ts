/** What kept bytes of an answer say: FETCH responses, each value as it was meant (RFC 9051 §9). */
import { Buffer } from "node:buffer";
import { WrongAnswer } from "./check.ts";

/** NIL, an atom or a string as text, a literal as its bytes, a list. */
export type Value = null | string | Buffer | readonly Value[];

export interface FetchResponse {
  readonly number: number;
  /** By upper-case name, sections included: `BODY[HEADER.FIELDS (FROM)]`. */
  readonly items: ReadonlyMap<string, Value>;
}

const LF = 10,
  CR = 13,
  SPACE = 32,
  QUOTE = 34,
  OPEN = 40,
  CLOSE = 41,
  LESS = 60,
  BRACKET = 91,
  BACKSLASH = 92,
  BRACE = 123,
  TILDE = 126;

/** All FETCH responses; other lines are passed over. @throws {WrongAnswer} for what is no response */
export function* fetchResponses(bytes: Buffer): Generator<FetchResponse> {
  const reader = new Reader(bytes);
  while (!reader.atEnd) {
    const response = reader.fetch();
    if (response) yield response;
    else reader.skipResponse();
  }
}

/** The text of a string, an atom or a literal; "" of anything else. */
export function textOf(value: Value | undefined): string {
  if (typeof value === "string") return value;
  return Buffer.isBuffer(value) ? value.toString("latin1") : "";
}

class Reader {
  #at = 0;

  constructor(readonly bytes: Buffer) {}

  get atEnd(): boolean {
    return this.#at >= this.bytes.length;
  }

  /** @returns undefined, with nothing read, where something else stands */
  fetch(): FetchResponse | undefined {
    const start = this.bytes.toString("latin1", this.#at, this.#at + 24);
    const match = /^\* (\d+) FETCH \(/i.exec(start);
    if (!match) return undefined;
    this.#at += match[0].length;
    const items = new Map<string, Value>();
    while (this.bytes[this.#at] !== CLOSE) {
      if (this.bytes[this.#at] === SPACE) this.#at++;
      const name = this.#itemName();
      items.set(name, this.#value());
    }
    this.#at++;
    if (this.bytes[this.#at] === CR) this.#at++;
    if (this.bytes[this.#at++] !== LF) this.#fail("the end of a line was expected");
    return { number: Number(match[1]), items };
  }

  /** A response of another kind, with its literals. */
  skipResponse(): void {
    for (;;) {
      const end = this.bytes.indexOf(LF, this.#at);
      if (end < 0) {
        this.#at = this.bytes.length;
        return;
      }
      const literal = /\{(\d+)\}\r?$/.exec(this.bytes.toString("latin1", Math.max(this.#at, end - 16), end));
      this.#at = end + 1;
      if (!literal) return;
      this.#at += Number(literal[1]);
    }
  }

  #itemName(): string {
    const start = this.#at;
    while (!this.atEnd && this.#peek() !== SPACE && this.#peek() !== BRACKET && this.#peek() !== CLOSE) this.#at++;
    if (this.#peek() === BRACKET) {
      this.#at = this.#behind("]");
      if (this.#peek() === LESS) this.#at = this.#behind(">");
    }
    const name = this.bytes.toString("latin1", start, this.#at).toUpperCase();
    if (name === "" || this.bytes[this.#at++] !== SPACE) this.#fail("an item was expected");
    return name;
  }

  #value(): Value {
    if (this.#peek() === OPEN) return this.#list();
    if (this.#peek() === QUOTE) return this.#quoted();
    if (this.#peek() === BRACE || this.#peek() === TILDE) return this.#literal();
    const start = this.#at;
    while (!this.atEnd && !isDelimiter(this.#peek())) this.#at++;
    if (this.#at === start) this.#fail("a value was expected");
    const atom = this.bytes.toString("latin1", start, this.#at);
    return atom === "NIL" ? null : atom;
  }

  #list(): Value {
    const values: Value[] = [];
    this.#at++;
    while (this.#peek() !== CLOSE) {
      if (this.#peek() === SPACE) this.#at++;
      else values.push(this.#value());
    }
    this.#at++;
    return values;
  }

  #quoted(): string {
    const start = ++this.#at;
    let escaped = false;
    for (; this.#peek() !== QUOTE; this.#at++) {
      if (this.atEnd || this.#peek() === LF) this.#fail("the end of a quoted string was expected");
      if (this.#peek() === BACKSLASH) {
        escaped = true;
        this.#at++;
      }
    }
    const text = this.bytes.toString("latin1", start, this.#at++);
    return escaped ? text.replace(/\\(.)/g, "$1") : text;
  }

  #literal(): Buffer {
    const end = this.bytes.indexOf(LF, this.#at);
    const size = Number(/^~?\{(\d+)\}\r?$/.exec(this.bytes.toString("latin1", this.#at, end))?.[1] ?? NaN);
    if (!(end + 1 + size <= this.bytes.length)) this.#fail("a literal was expected");
    this.#at = end + 1 + size;
    return this.bytes.subarray(end + 1, this.#at);
  }

  #peek(): number {
    return this.bytes[this.#at];
  }

  #behind(text: string): number {
    const at = this.bytes.indexOf(text, this.#at);
    return at < 0 ? this.#fail(`${text} was expected`) : at + 1;
  }

  #fail(why: string): never {
    const near = this.bytes.toString("latin1", Math.max(0, this.#at - 60), this.#at + 60);
    throw new WrongAnswer(`${why}, near: ${near}`);
  }
}

function isDelimiter(byte: number): boolean {
  return byte === SPACE || byte === OPEN || byte === CLOSE || byte === CR || byte === LF;
}
