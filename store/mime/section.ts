/** Sections of a message (RFC 9051 §6.4.5.1) as ranges of its bytes, and subsets of header fields. */
import { FieldFilter } from "./fieldfilter.ts";
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
  const filter = new FieldFilter(names, not);
  const result = new Uint8Array(filter.find(header, 0, header.length));
  let size = 0;
  filter.each((start, end) => {
    result.set(header.subarray(start, end), size);
    size += end - start;
  });
  result.set(filter.missing, size);
  return result;
}
