// deno-lint-ignore-file no-control-regex -- the grammar of RFC 9051 speaks of control characters
/** The items of FETCH responses (RFC 9051 §7.5.2), by a grammar reader of its own. */
import { flagList, pairs, type Reader, type Value } from "./reader.ts";

/** The items of a FETCH response, by name as sent. */
export function fetchItems(reader: Reader): Map<string, Value> {
  const items = new Map<string, Value>();
  reader.take("(");
  while (!reader.tryTake(")")) {
    if (items.size > 0) reader.take(" ");
    const name = itemName(reader);
    reader.take(" ");
    const value = reader.value();
    // Two parts of the same text that begin at the same byte have one name.
    if (items.has(name) && !name.endsWith(">")) reader.fail(`${name} twice`);
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
