/**
 * Header fields from a header's bytes. Lines that are no field (no colon, a blank in the name, mbox's "From ") are passed over;
 * nothing is refused. Linear in the header's size.
 */
import { toLatin1, trimBlanks } from "./latin1.ts";

/** Fields beyond this number are not looked at; they stay in the header's bytes. */
export const MAX_FIELDS = 10_000;

export interface Field {
  /** In lower case. */
  readonly name: string;
  /** As sent, one character a byte, without line ends and outer blanks (RFC 5322 §2.2.3 unfolding). */
  readonly value: string;
}

/** A field's bytes within its header. */
export interface FieldSpan {
  /** In lower case; empty for a line that is no field. */
  readonly name: string;
  readonly start: number;
  /** Offset of the value: behind the colon. */
  readonly value: number;
  /** Behind the last line end. */
  readonly end: number;
}

export class Header {
  readonly fields: readonly Field[];
  #byName: Map<string, string> | undefined;

  constructor(bytes: Uint8Array) {
    this.fields = parseFields(toLatin1(bytes));
  }

  /** The value of the first field of that name (lower case). */
  get(name: string): string | undefined {
    if (this.#byName === undefined) {
      this.#byName = new Map();
      for (const field of this.fields) if (!this.#byName.has(field.name)) this.#byName.set(field.name, field.value);
    }
    return this.#byName.get(name);
  }

  /** The values of all fields of that name joined by commas, for address lists that were sent in pieces. */
  joined(name: string): string | undefined {
    const first = this.get(name);
    if (first === undefined) return undefined;
    const values: string[] = [];
    for (const field of this.fields) if (field.name === name && field.value !== "") values.push(field.value);
    return values.length < 2 ? values[0] ?? first : values.join(", ");
  }
}

/** Calls `each` for every field or stray line up to the empty line; stops early when it answers false. */
export function eachField(text: string, each: (span: FieldSpan) => boolean | void): void {
  const terminator = text.includes("\n") ? "\n" : "\r";
  let position = 0;
  while (position < text.length) {
    const start = position;
    let lineEnd = endOfLine(text, terminator, start);
    if (isEmptyLine(text, start, lineEnd)) return;
    // Continuation lines begin with a blank; one that holds nothing but blanks still continues (RFC 5322 §4.2).
    while (lineEnd < text.length && isBlank(text.charCodeAt(lineEnd))) lineEnd = endOfLine(text, terminator, lineEnd);
    position = lineEnd;
    const colon = isBlank(text.charCodeAt(start)) ? -1 : nameEnd(text, start, lineEnd);
    const span = colon < 0
      ? { name: "", start, value: start, end: lineEnd }
      : { name: fieldName(text, start, colon), start, value: colon + 1, end: lineEnd };
    if (each(span) === false) return;
  }
}

function parseFields(text: string): Field[] {
  const fields: Field[] = [];
  eachField(text, ({ name, value, end }) => {
    if (name !== "") fields.push({ name, value: unfold(text.slice(value, end)) });
    return fields.length < MAX_FIELDS;
  });
  return fields;
}

/** Removes line ends; what stands on their sides stays, so no blank is lost or doubled. */
function unfold(raw: string): string {
  let text = trimBlanks(raw);
  if (text.includes("\n") || text.includes("\r")) text = text.replaceAll(/\r?\n|\r(?=[ \t])/g, "");
  return text;
}

function endOfLine(text: string, terminator: string, from: number): number {
  const at = text.indexOf(terminator, from);
  if (at < 0) return text.length;
  return terminator === "\r" && text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1;
}

function isEmptyLine(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start);
  return first === 10 ||
    (first === 13 && (end - start === 1 || (end - start === 2 && text.charCodeAt(start + 1) === 10)));
}

/** Offset of the colon behind a field name (printable ASCII; blanks only directly before the colon, RFC 5322 §4.5), or -1. */
function nameEnd(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && at - start < 1000) {
    const code = text.charCodeAt(at);
    if (code === 0x3a) return at > start ? at : -1;
    if (code <= 0x20 || code >= 0x7f) break;
    at++;
  }
  if (at === start) return -1;
  while (at < end && isBlank(text.charCodeAt(at))) at++;
  return at < end && text.charCodeAt(at) === 0x3a ? at : -1;
}

function fieldName(text: string, start: number, colon: number): string {
  return text.slice(start, colon).trimEnd().toLowerCase();
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
