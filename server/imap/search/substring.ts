/**
 * Substrings of case-folded bytes. Both sides were folded by foldCase, so a comparison of bytes is one of text without case; UTF-8
 * bytes of one character are never found inside another.
 */
import { Buffer } from "node:buffer";

const NEWLINE = 0x0a;

/** A view, no copy. */
export function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * Finds text in one header field.
 * @param name field name in lower case
 * @param text what to find in what comes after the colon; empty: the field need only exist
 * @returns a test of `searchHeaders`: a line a field, `name: value\n` (see ColumnTypes)
 */
export function headerTest(name: string, text: Uint8Array): (headers: Uint8Array) => boolean {
  const field = Buffer.from(`${name}:`);
  if (name.includes("\n") || name.includes(":")) return () => false;
  if (text.length === 0) return (headers) => hasField(buffer(headers), field);
  const needle = buffer(text);
  return (headers) => fieldHas(buffer(headers), field, needle);
}

function hasField(headers: Buffer, field: Buffer): boolean {
  if (startsAt(headers, 0, field)) return true;
  for (let at = headers.indexOf(field); at >= 0; at = headers.indexOf(field, at + 1)) {
    if (headers[at - 1] === NEWLINE) return true;
  }
  return false;
}

/** Most messages have the text nowhere, so it is looked for first, the field second. Each line is looked at once or twice. */
function fieldHas(headers: Buffer, field: Buffer, text: Buffer): boolean {
  let hit = headers.indexOf(text);
  while (hit >= 0) {
    const lineStart = headers.lastIndexOf(NEWLINE, hit) + 1;
    const valueStart = lineStart + field.length;
    if (!startsAt(headers, lineStart, field)) {
      const lineEnd = headers.indexOf(NEWLINE, hit);
      if (lineEnd < 0) return false;
      hit = headers.indexOf(text, lineEnd + 1);
    } else if (hit >= valueStart) {
      return true;
    } else {
      hit = headers.indexOf(text, valueStart);
    }
  }
  return false;
}

function startsAt(headers: Buffer, at: number, field: Buffer): boolean {
  if (at + field.length > headers.length) return false;
  for (let i = 0; i < field.length; i++) if (headers[at + i] !== field[i]) return false;
  return true;
}
