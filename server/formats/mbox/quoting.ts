/**
 * mboxrd quoting: a line of a message that reads `From `, behind any number of `>`, gets one more `>`. mboxo, which quotes only
 * lines without a `>`, is unquoted in the same way.
 */
import { joined } from "../lineends.ts";

const LF = 10;
const GREATER = 0x3e;
/** A line that goes on for longer is passed on before its end is there. */
const LONGEST = 2000;

/** How many `>` stand before `From ` at `at`; -1 where no `From ` follows. */
function quotes(bytes: Uint8Array, at: number): number {
  const start = at;
  while (bytes[at] === GREATER) at++;
  const from = bytes[at] === 0x46 && bytes[at + 1] === 0x72 && bytes[at + 2] === 0x6f && bytes[at + 3] === 0x6d &&
    bytes[at + 4] === 0x20;
  return from ? at - start : -1;
}

/** Takes the `>` away. @param terminator ends a line: LF or CR */
export function unquoted(pieces: Iterable<Uint8Array>, terminator: number): Iterable<Uint8Array> {
  return byLines(pieces, terminator, (bytes, at) => quotes(bytes, at) > 0 ? { skip: 1 } : undefined);
}

/** Puts it there. */
export function quoted(pieces: Iterable<Uint8Array>): Iterable<Uint8Array> {
  return byLines(pieces, LF, (bytes, at) => quotes(bytes, at) >= 0 ? { insert: GREATER } : undefined);
}

type Edit = { readonly skip: 1 } | { readonly insert: number };

/** Asks what to change at each line's start. Whole lines come together, but for very long ones. */
function* byLines(
  pieces: Iterable<Uint8Array>,
  terminator: number,
  edit: (bytes: Uint8Array, lineStart: number) => Edit | undefined,
): Iterable<Uint8Array> {
  let rest: Uint8Array = new Uint8Array();
  let within = false;
  for (const piece of pieces) {
    const bytes: Uint8Array = rest.length > 0 ? joined(rest, piece) : piece;
    let end = bytes.lastIndexOf(terminator) + 1;
    if (bytes.length - end > LONGEST && !(within && end === 0) && isRun(bytes, end)) {
      // Where in a run of `>` one comes or goes does not matter: the last of them stands for all.
      yield edited(bytes.subarray(0, bytes.length - 1), within, terminator, edit);
      within = false;
      rest = bytes.subarray(bytes.length - 1);
      continue;
    }
    const open: boolean = bytes.length - end > LONGEST || (within && end === 0);
    if (open) end = bytes.length;
    if (end > 0) yield edited(bytes.subarray(0, end), within, terminator, edit);
    if (end > 0) within = open;
    rest = bytes.subarray(end);
  }
  if (rest.length > 0) yield edited(rest, within, terminator, edit);
}

function isRun(bytes: Uint8Array, from: number): boolean {
  while (bytes[from] === GREATER) from++;
  return from === bytes.length;
}

function edited(
  bytes: Uint8Array,
  within: boolean,
  terminator: number,
  edit: (bytes: Uint8Array, lineStart: number) => Edit | undefined,
): Uint8Array {
  const edits: { at: number; edit: Edit }[] = [];
  let line = within ? bytes.indexOf(terminator) + 1 : 0;
  if (within && line === 0) return bytes;
  while (line < bytes.length) {
    // Only lines that can be ones are looked at closely.
    const found = bytes[line] === GREATER || bytes[line] === 0x46 ? edit(bytes, line) : undefined;
    if (found) edits.push({ at: line, edit: found });
    const end = bytes.indexOf(terminator, line);
    if (end < 0) break;
    line = end + 1;
  }
  if (edits.length === 0) return bytes;
  const result = new Uint8Array(bytes.length + edits.length);
  let from = 0;
  let to = 0;
  for (const { at, edit } of edits) {
    result.set(bytes.subarray(from, at), to);
    to += at - from;
    from = at;
    if ("insert" in edit) result[to++] = edit.insert;
    else from++;
  }
  result.set(bytes.subarray(from), to);
  return result.subarray(0, to + bytes.length - from);
}
