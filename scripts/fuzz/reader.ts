// deno-lint-ignore-file no-control-regex -- the grammar of RFC 9051 speaks of control characters
/** Reads the parts of which all responses are made (RFC 9051 §9); knows nothing of the server's code. */
import type { Response } from "../../tests/support/responses.ts";
import { isUtf8 } from "node:buffer";
import { bytesOf, textOf } from "./bytes.ts";

export type Value =
  | { readonly is: "list"; readonly items: readonly Value[] }
  | { readonly is: "string"; readonly bytes: string }
  | { readonly is: "atom"; readonly text: string }
  | { readonly is: "nil" };

/** A reader of one response. Every method throws an Error that says what is wrong. */
export class Reader {
  #at = 0;
  #literal = 0;

  /** @param utf8 8-bit characters may stand in quoted strings */
  constructor(readonly response: Response, readonly utf8: boolean) {}

  get rest(): string {
    return this.response.text.slice(this.#at);
  }

  get atEnd(): boolean {
    return this.#at === this.response.text.length;
  }

  fail(what: string): never {
    throw new Error(
      `malformed response: ${what} at ${this.#at} of ${JSON.stringify(this.response.text.slice(0, 2000))}`,
    );
  }

  take(text: string): void {
    if (!this.response.text.startsWith(text, this.#at)) this.fail(`expected ${JSON.stringify(text)}`);
    this.#at += text.length;
  }

  tryTake(text: string): boolean {
    const found = this.response.text.startsWith(text, this.#at);
    if (found) this.#at += text.length;
    return found;
  }

  match(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.response.text)?.[0];
    if (found === undefined) this.fail(`expected ${what}`);
    this.#at += found.length;
    return found;
  }

  end(): void {
    if (!this.atEnd) this.fail("expected the end");
    if (this.#literal !== this.response.literals.length) this.fail("a literal belongs to nothing");
  }

  number(): number {
    return Number(this.match(/\d{1,19}/y, "a number"));
  }

  value(depth = 0): Value {
    if (depth > 2000) this.fail("nested too deep");
    if (this.tryTake("(")) {
      const items: Value[] = [];
      while (!this.tryTake(")")) {
        // Addresses and body parts stand in their lists without spaces between.
        const before = this.response.text[this.#at - 1];
        if (items.length > 0 && !(before === ")" && this.rest.startsWith("("))) this.take(" ");
        items.push(this.value(depth + 1));
      }
      return { is: "list", items };
    }
    if (this.rest.startsWith('"')) return { is: "string", bytes: this.quoted() };
    const marker = /^~?\{(\d+)\}/.exec(this.response.text.slice(this.#at, this.#at + 24));
    if (marker) {
      this.#at += marker[0].length;
      const bytes = this.response.literals[this.#literal++];
      if (bytes?.length !== Number(marker[1])) this.fail("a literal marker within a line");
      return { is: "string", bytes: textOf(bytes) };
    }
    const text = this.match(/\\?[^(){ %"\\\]\x00-\x1f\x7f-\xff]+|\\\*/y, "a value");
    return text.toUpperCase() === "NIL" ? { is: "nil" } : { is: "atom", text };
  }

  quoted(): string {
    const text = this.match(/"(?:[^"\\\r\n\0]|\\["\\])*"/y, "a quoted string").slice(1, -1);
    if (/[^\x00-\x7f]/.test(text)) {
      if (!this.utf8) this.fail("8-bit characters in a quoted string");
      if (!isUtf8(bytesOf(text))) this.fail("invalid UTF-8");
    }
    return text.replace(/\\(["\\])/g, "$1");
  }

  /** `]` and `%` stand for themselves in what is not a pattern; the rest is as for any value. */
  astring(): void {
    if (/^["{]/.test(this.rest)) this.value();
    else this.match(/[^(){ %*"\\\x00-\x1f\x7f-\xff]+/y, "an astring");
  }

  /** Numbers and ranges of them; none is 0. */
  set(): void {
    this.match(/[1-9]\d*(?::[1-9]\d*)?(?:,[1-9]\d*(?::[1-9]\d*)?)*/y, "a set of numbers");
  }

  /** `(a b c)`, at least one. */
  list(item: () => void): void {
    this.take("(");
    do item(); while (this.tryTake(" "));
    this.take(")");
  }
}

export function flagList(reader: Reader, value: Value): void {
  if (value.is !== "list" || value.items.some((item) => item.is !== "atom")) reader.fail("not a list of flags");
}

export function pairs(reader: Reader, value: Value): Value[] {
  if (value.is !== "list" || value.items.length % 2 !== 0) return reader.fail("not a list of pairs");
  return [...value.items];
}
