/** Sections of a message (RFC 9051 §6.4.5.1) as ranges of its bytes, and subsets of header fields. */
import { eachField, type FieldSpan } from "./header.ts";
import { toLatin1 } from "./latin1.ts";
import { findPart, type Part } from "./structure.ts";

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** undefined: the message has no such section. `path` is empty for the message itself; MIME then does not exist. */
export function sectionRange(
  root: Part,
  path: readonly number[],
  what: "" | "HEADER" | "TEXT" | "MIME",
): Range | undefined {
  const part = findPart(root, path);
  if (part === undefined) return undefined;
  const whole = path.length === 0;
  switch (what) {
    case "":
      return { start: whole ? part.headerStart : part.bodyStart, end: part.end };
    case "MIME":
      return whole ? undefined : { start: part.headerStart, end: part.bodyStart };
    case "HEADER": {
      const message = whole ? part : part.message;
      return message && { start: message.headerStart, end: message.bodyStart };
    }
    case "TEXT": {
      const message = whole ? part : part.message;
      return message && { start: message.bodyStart, end: message.end };
    }
  }
}

/**
 * HEADER.FIELDS, or with `not` HEADER.FIELDS.NOT: the fields byte for byte as they came, then the empty line as it came (CRLF if
 * there is none). `names` are in lower case. Lines that are no field belong to HEADER.FIELDS.NOT.
 */
export function headerFields(header: Uint8Array, names: readonly string[], not: boolean): Uint8Array {
  const wanted = new Set(names);
  const spans: Range[] = [];
  let size = 0;
  let seen = 0;
  const take = ({ name, start, end }: FieldSpan) => {
    seen = end;
    if (wanted.has(name) === not) return;
    const last = spans.at(-1);
    if (last !== undefined && last.end === start) spans[spans.length - 1] = { start: last.start, end };
    else spans.push({ start, end });
    size += end - start;
  };
  eachField(toLatin1(header), take);
  const emptyLine = seen < header.length ? header.subarray(seen) : missingLine(header, spans.at(-1));
  const result = new Uint8Array(size + emptyLine.length);
  let at = 0;
  for (const { start, end } of spans) {
    result.set(header.subarray(start, end), at);
    at += end - start;
  }
  result.set(emptyLine, at);
  return result;
}

const CRLF = Uint8Array.of(13, 10);
const TWO_CRLF = Uint8Array.of(13, 10, 13, 10);

/** The empty line for a header that has none, where the last field may not even have a line end. */
function missingLine(header: Uint8Array, last: Range | undefined): Uint8Array {
  const before = last && header[last.end - 1];
  return before === undefined || before === 10 || before === 13 ? CRLF : TWO_CRLF;
}
