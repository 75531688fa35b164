// deno-lint-ignore-file no-control-regex -- the grammar of RFC 9051 speaks of control characters
/** Says whether a response is well-formed, by a grammar reader of its own (RFC 9051 §9); knows nothing of the server's code. */
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
}

/** @throws {Error} what is wrong */
export function checkResponse(response: Response, utf8: boolean): void {
  const reader = new Reader(response, utf8);
  if (reader.tryTake("+ ") || response.text === "+") return;
  if (!reader.tryTake("* ")) {
    reader.match(/[^ (){%*"\\+\x00-\x1f\x7f-\xff]+ (?:OK|NO|BAD) /y, "a tagged answer");
    return checkText(reader);
  }
  if (/^\d/.test(reader.rest)) return checkNumbered(reader);
  const word = reader.match(/[A-Z]+/y, "a response name");
  if (reader.atEnd && !/^(?:SEARCH|ENABLED|CAPABILITY|ESEARCH)$/.test(word)) reader.fail("nothing follows the name");
  if (reader.atEnd) return;
  reader.take(" ");
  switch (word) {
    case "OK":
    case "NO":
    case "BAD":
    case "BYE":
    case "PREAUTH":
      return checkText(reader);
    case "FLAGS":
      flagList(reader, reader.value());
      return reader.end();
    case "LIST":
    case "LSUB":
    case "XLIST":
      return checkList(reader);
    case "VANISHED":
      reader.tryTake("(EARLIER) ");
      set(reader);
      return reader.end();
    case "SEARCH":
      return checkSearch(reader);
    case "ESEARCH":
      return checkESearch(reader);
    case "STATUS":
      astring(reader);
      reader.take(" ");
      if (pairs(reader, reader.value()).length === 0) reader.fail("no status items");
      return reader.end();
    case "CAPABILITY":
    case "ENABLED":
    case "NAMESPACE":
    case "ID":
    case "QUOTA":
    case "QUOTAROOT":
      reader.value();
      while (!reader.atEnd) {
        reader.take(" ");
        reader.value();
      }
      return reader.end();
    default:
      reader.fail("unknown response");
  }
}

function checkText(reader: Reader): void {
  if (reader.tryTake("[")) {
    reader.match(/[A-Z0-9-]+/y, "a response code");
    reader.match(/[^\]\r\n]*\] /y, "the end of a response code");
  }
  reader.match(/[^\r\n\0\x80-\xff]+$/y, "text");
}

function astring(reader: Reader): void {
  // `]` and `%` stand for themselves in what is not a pattern; the rest is as for any value.
  if (/^["{]/.test(reader.rest)) reader.value();
  else reader.match(/[^(){ %*"\\\x00-\x1f\x7f-\xff]+/y, "an astring");
}

function set(reader: Reader): void {
  reader.match(/[1-9]\d*(?::[1-9]\d*)?(?:,[1-9]\d*(?::[1-9]\d*)?)*/y, "a set of numbers");
}

function checkList(reader: Reader): void {
  const attributes = reader.value();
  if (attributes.is !== "list") reader.fail("attributes are no list");
  reader.take(' "/" ');
  astring(reader);
  if (reader.tryTake(" ") && reader.value().is !== "list") reader.fail("extended data is no list");
  reader.end();
}

function checkSearch(reader: Reader): void {
  reader.match(/(?:\d+(?: (?=\d))?)*/y, "numbers");
  if (!reader.atEnd) reader.match(/ \(MODSEQ \d+\)/y, "MODSEQ");
  reader.end();
}

function checkESearch(reader: Reader): void {
  reader.match(/\(TAG /y, "TAG");
  astring(reader);
  reader.take(")");
  reader.tryTake(" UID");
  while (!reader.atEnd) {
    const name = reader.match(/ (?:MIN|MAX|COUNT|MODSEQ|ALL) /y, "a result").trim();
    if (name === "ALL") set(reader);
    else reader.number();
  }
}

function checkNumbered(reader: Reader): void {
  const number = reader.number();
  reader.take(" ");
  const word = reader.match(/EXISTS|RECENT|EXPUNGE|FETCH/y, "EXISTS, RECENT, EXPUNGE or FETCH");
  if (word !== "FETCH") return reader.end();
  if (number === 0) reader.fail("message number 0");
  reader.take(" ");
  fetchItems(reader);
  reader.end();
}

/** The items of a FETCH response, by name as sent. */
export function fetchItems(reader: Reader): Map<string, Value> {
  const items = new Map<string, Value>();
  reader.take("(");
  while (!reader.tryTake(")")) {
    if (items.size > 0) reader.take(" ");
    const name = itemName(reader);
    reader.take(" ");
    const value = reader.value();
    if (items.has(name)) reader.fail(`${name} twice`);
    items.set(name, value);
    checkItem(reader, name, value);
  }
  if (items.size === 0) reader.fail("FETCH without items");
  return items;
}

function itemName(reader: Reader): string {
  let name = reader.match(/[A-Z0-9.]+/y, "an item name");
  if (!reader.tryTake("[")) return name;
  name += "[";
  while (!reader.tryTake("]")) {
    if (/^["{]/.test(reader.rest)) {
      const value = reader.value();
      name += value.is === "string" ? JSON.stringify(value.bytes) : "";
    } else name += reader.match(/[^\]"{\x00-\x1f\x7f-\xff]/y, "a section");
  }
  return name + "]" + reader.match(/(?:<\d+>)?/y, "an origin");
}

const DATE_TIME = /^[ \d]\d-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{4} \d\d:\d\d:\d\d [+-]\d{4}$/;

function checkItem(reader: Reader, name: string, value: Value): void {
  const is = (...kinds: Value["is"][]) => {
    if (!kinds.includes(value.is)) reader.fail(`${name} is ${value.is}`);
  };
  const matches = (pattern: RegExp) => {
    const text = value.is === "atom" ? value.text : value.is === "string" ? value.bytes : "";
    if (!pattern.test(text)) reader.fail(`${name} is ${JSON.stringify(text)}`);
  };
  if (/^(?:BODY|BINARY)\[/.test(name) || /^RFC822(?:\.HEADER|\.TEXT)?$/.test(name)) return is("string", "nil");
  if (name.startsWith("BINARY.SIZE[")) return matches(/^\d+$/);
  switch (name) {
    case "UID":
      return matches(/^[1-9]\d*$/);
    case "FLAGS":
      return flagList(reader, value);
    case "MODSEQ":
    case "EMAILID":
      is("list");
      if (value.is === "list" && value.items.length !== 1) reader.fail(name);
      return;
    case "THREADID":
      return is("list", "nil");
    case "RFC822.SIZE":
      return matches(/^\d+$/);
    case "INTERNALDATE":
      return matches(DATE_TIME);
    case "SAVEDATE":
      if (value.is !== "nil") matches(DATE_TIME);
      return;
    case "PREVIEW":
      return is("string", "nil");
    case "ENVELOPE":
      return envelope(reader, value);
    case "BODY":
    case "BODYSTRUCTURE":
      return void body(reader, value, name === "BODYSTRUCTURE");
    default:
      reader.fail(`unknown item ${name}`);
  }
}

function flagList(reader: Reader, value: Value): void {
  if (value.is !== "list" || value.items.some((item) => item.is !== "atom")) reader.fail("not a list of flags");
}

function pairs(reader: Reader, value: Value): Value[] {
  if (value.is !== "list" || value.items.length % 2 !== 0) return reader.fail("not a list of pairs");
  return [...value.items];
}

function nstring(reader: Reader, value: Value | undefined, what: string): void {
  if (value?.is !== "string" && value?.is !== "nil") reader.fail(`${what} is ${value?.is}`);
}

function envelope(reader: Reader, value: Value | undefined): void {
  if (value?.is !== "list" || value.items.length !== 10) return reader.fail("ENVELOPE has not ten fields");
  const [date, subject, ...rest] = value.items;
  for (const text of [date, subject, ...rest.slice(6)]) nstring(reader, text, "an envelope field");
  for (const addresses of rest.slice(0, 6)) {
    if (addresses.is === "nil") continue;
    if (addresses.is !== "list" || addresses.items.length === 0) return reader.fail("addresses are no list");
    for (const address of addresses.items) {
      if (address.is !== "list" || address.items.length !== 4) return reader.fail("an address has not four fields");
      for (const part of address.items) nstring(reader, part, "an address part");
    }
  }
}

/** A leaf of a body structure. */
export interface Leaf {
  readonly path: string;
  readonly size: number;
}

/** Checks a body structure. @returns its leaves, message/rfc822 among them */
export function body(reader: Reader, value: Value | undefined, extended: boolean, path = ""): Leaf[] {
  if (value?.is !== "list") return reader.fail("a body is no list");
  const { items } = value;
  let at = 0;
  const next = () => items[at++];
  const text = (what: string) => {
    const item = next();
    if (item?.is !== "string") return reader.fail(`${what} is ${item?.is}`);
    return item.bytes.toLowerCase();
  };
  const parameters = () => {
    const item = next();
    if (item?.is === "nil") return;
    if (item?.is !== "list" || item.items.length === 0) return reader.fail("parameters are no list");
    if (pairs(reader, item).some(({ is }) => is !== "string")) reader.fail("a parameter is no string");
  };
  const number = () => {
    const item = next();
    if (item?.is !== "atom" || !/^\d+$/.test(item.text)) return reader.fail("a number is missing in a body");
    return Number(item.text);
  };
  const leaves: Leaf[] = [];
  const inner = (number: number) => path === "" ? `${number}` : `${path}.${number}`;
  if (items[0]?.is === "list") {
    while (items[at]?.is === "list") leaves.push(...body(reader, next(), extended, inner(at)));
    text("a multipart's subtype");
    if (extended && at < items.length) parameters();
  } else {
    const own = path === "" ? "1" : path;
    const type = `${text("type")}/${text("subtype")}`;
    parameters();
    nstring(reader, next(), "body id");
    nstring(reader, next(), "body description");
    text("encoding");
    leaves.push({ path: own, size: number() });
    if (type === "message/rfc822" || type === "message/global") {
      if (items[at]?.is === "list") {
        envelope(reader, next());
        const nested = next();
        const multipart = nested?.is === "list" && nested.items[0]?.is === "list";
        leaves.push(...body(reader, nested, extended, multipart ? own : `${own}.1`));
        number();
      }
    } else if (type.startsWith("text/")) number();
    if (extended && at < items.length) nstring(reader, next(), "MD5");
  }
  if (!extended) {
    if (at < items.length) reader.fail("BODY with extension data");
    return leaves;
  }
  if (at < items.length) disposition(reader, next());
  if (at < items.length && items[at].is !== "list") nstring(reader, next(), "language");
  else at++;
  if (at < items.length) nstring(reader, next(), "location");
  return leaves;
}

function disposition(reader: Reader, value: Value): void {
  if (value.is === "nil") return;
  if (value.is !== "list" || value.items.length !== 2 || value.items[0].is !== "string") {
    return reader.fail("not a disposition");
  }
  const [, parameters] = value.items;
  if (parameters.is !== "nil") pairs(reader, parameters);
}
