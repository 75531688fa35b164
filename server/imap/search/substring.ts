/**
 * Substrings of one header field. Both sides were folded by foldCase, so a comparison of bytes is one of text without case; UTF-8
 * bytes of one character are never found inside another.
 */
import { Pattern } from "../../../store/pattern.ts";

const NEWLINE = 0x0a;

/**
 * Finds text in one header field.
 * @param name field name in lower case
 * @param text what to find in what comes after the colon; empty: the field need only exist
 * @returns a test of `searchHeaders`: a line a field, `name: value\n` (see ColumnTypes)
 */
export function headerTest(name: string, text: Uint8Array): (headers: Uint8Array) => boolean {
  const field = new TextEncoder().encode(`${name}:`);
  if (name.includes("\n") || name.includes(":")) return () => false;
  if (text.length === 0) {
    const later = new Pattern(new TextEncoder().encode(`\n${name}:`));
    return (headers) => startsAt(headers, 0, field) || later.isIn(headers);
  }
  const pattern = new Pattern(text);
  return (headers) => fieldHas(headers, field, pattern);
}

/** Most messages have the text nowhere, so it is looked for first, the field second. Each line is looked at once or twice. */
function fieldHas(headers: Uint8Array, field: Uint8Array, text: Pattern): boolean {
  let hit = text.indexIn(headers, 0);
  while (hit >= 0) {
    const lineStart = headers.lastIndexOf(NEWLINE, hit) + 1;
    const valueStart = lineStart + field.length;
    if (!startsAt(headers, lineStart, field)) {
      const lineEnd = headers.indexOf(NEWLINE, hit);
      if (lineEnd < 0) return false;
      hit = text.indexIn(headers, lineEnd + 1);
    } else if (hit >= valueStart) {
      return true;
    } else {
      hit = text.indexIn(headers, valueStart);
    }
  }
  return false;
}

function startsAt(headers: Uint8Array, at: number, field: Uint8Array): boolean {
  if (at + field.length > headers.length) return false;
  for (let i = 0; i < field.length; i++) if (headers[at + i] !== field[i]) return false;
  return true;
}
