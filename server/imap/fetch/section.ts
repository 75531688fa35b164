/** Section specifications: `[1.2.HEADER.FIELDS (FROM)]<0.100>` (RFC 9051 §6.4.5.1), and the form in which they are echoed. */
import { BadError } from "../errors.ts";
import { ASTRING, CLASS } from "../wire/chars.ts";
import type { Decoder } from "../wire/decoder.ts";
import { Encoder } from "../wire/encoder.ts";
import { MAX_UINT32 } from "../wire/numbers.ts";

export interface Section {
  /** Part numbers, counted from 1; empty: the message. */
  readonly path: readonly number[];
  /** "" is the part as a whole: the body of a numbered part, all of the message without a number. */
  readonly what: "" | "HEADER" | "TEXT" | "MIME";
  /** Of `HEADER`, only these fields, or all others. Names in lower case. */
  readonly fields?: { readonly names: readonly string[]; readonly not: boolean };
}

/** `count` bytes from `offset` on, as far as there are any. */
export interface Slice {
  readonly offset: number;
  readonly count: number;
}

export interface ParsedSection {
  readonly section: Section;
  /** `[1.HEADER.FIELDS (From)]`: words in capitals, field names as the client wrote them. */
  readonly label: Uint8Array;
}

const latin1 = new TextDecoder("latin1");

/** What follows `BODY` or `BODY.PEEK`, from the bracket to the bracket. @throws {BadError} */
export function parseSection(d: Decoder): ParsedSection {
  d.byte("[");
  const text = d.peek() === 0x5d ? "" : d.word();
  const { path, rest } = parsePath(text);
  const label = new Encoder().ascii(`[${text}`);
  let section: Section;
  switch (rest) {
    case "":
    case "HEADER":
    case "TEXT":
      section = { path, what: rest };
      break;
    case "MIME":
      if (path.length === 0) throw new BadError(undefined, "MIME needs a part number before it");
      section = { path, what: rest };
      break;
    case "HEADER.FIELDS":
    case "HEADER.FIELDS.NOT": {
      d.sp();
      label.sp();
      section = { path, what: "HEADER", fields: { names: parseFieldNames(d, label), not: rest !== "HEADER.FIELDS" } };
      break;
    }
    default:
      throw new BadError(undefined, "unknown section");
  }
  d.byte("]");
  return { section, label: label.ascii("]").take() };
}

/** `section-binary`: part numbers alone. @throws {BadError} */
export function parseBinarySection(d: Decoder): { path: readonly number[]; label: Uint8Array } {
  d.byte("[");
  const text = d.peek() === 0x5d ? "" : d.word();
  const { path, rest } = parsePath(text);
  if (rest !== "") throw new BadError(undefined, "a BINARY section has only part numbers");
  d.byte("]");
  return { path, label: new Encoder().ascii(`[${text}]`).take() };
}

/** `<offset.count>`, where there is one. @throws {BadError} */
export function parsePartial(d: Decoder): Slice | undefined {
  if (!d.tryByte("<")) return undefined;
  const offset = d.number64();
  d.byte(".");
  const count = d.nzNumber64();
  d.byte(">");
  return { offset, count };
}

function parsePath(text: string): { path: number[]; rest: string } {
  const path: number[] = [];
  let at = 0;
  while (at < text.length) {
    const dot = text.indexOf(".", at);
    const end = dot < 0 ? text.length : dot;
    const digits = text.slice(at, end);
    if (!/^[0-9]+$/.test(digits)) break;
    const number = Number(digits);
    if (digits[0] === "0" || number > MAX_UINT32) throw new BadError(undefined, "a part number was expected");
    path.push(number);
    if (dot === text.length - 1) throw new BadError(undefined, "a section cannot end with a dot");
    at = end + 1;
  }
  return { path, rest: text.slice(at) };
}

function parseFieldNames(d: Decoder, label: Encoder): string[] {
  label.ascii("(");
  let first = true;
  const names = d.list(() => {
    const bytes = d.astring();
    if (!first) label.sp();
    first = false;
    if (bytes.length > 0 && bytes.every((c) => CLASS[c] & ASTRING)) label.raw(bytes);
    else label.string(bytes);
    return latin1.decode(bytes).toLowerCase();
  });
  label.ascii(")");
  if (names.length === 0) throw new BadError(undefined, "a list of header fields cannot be empty");
  return names;
}
