/** One message of an mbox: what of its bytes is the message, and what is its state. */
import { eachField, Header } from "../../../store/mime/header.ts";
import { toLatin1 } from "../../../store/mime/latin1.ts";
import { CrlfMaker, fromCrOnly } from "../lineends.ts";
import { arrival, STATE_FIELDS, stateOf } from "../metadata.ts";
import { READ_AT_ONCE, SourceError, type SourceMessage } from "../source.ts";
import { isExported, type Marks, readMarks } from "./marks.ts";
import { unquoted } from "./quoting.ts";
import type { Bytes, Extent } from "./scan.ts";

const LF = 10;
const PIECE = 256 * 1024;
/** What programs put first into an mbox to remember what they know of it; no message. */
const PSEUDO = /^DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA/;

export interface MboxMessage extends SourceMessage {
  /** Set where an export wrote it. */
  readonly marks?: Marks;
  /** The date could not be read from the From line. */
  readonly guessed: boolean;
}

/**
 * @param modified date of the file, for messages that tell none
 * @returns undefined: it is no message but a note of a mail program
 */
export function readMessage(
  file: Bytes,
  place: string,
  extent: Extent,
  terminator: number,
  modified: number,
): MboxMessage | undefined {
  const { from, start, end, date } = extent;
  const head = file.read(start, Math.min(end, start + READ_AT_ONCE));
  const common = { place, size: end - start, work: end - from, guessed: date === undefined };
  const marks = readMarks(head);
  if (marks) {
    const content = () => written(file, marks, start + marks.length, marks.open ? end - 1 : end, head, start);
    return { ...common, date: date ?? modified, flags: marks.flags, marks, content };
  }
  const header = new Header(head);
  if (header.get("x-imap") !== undefined && PSEUDO.test(header.get("subject") ?? "")) return undefined;
  const kept = withoutState(head);
  return {
    ...common,
    ...stateOf(header),
    date: date ?? arrival(header) ?? modified,
    *content() {
      if (head.length > 0 && isExported(head)) throw new SourceError("it is cut off");
      const lineEnds = new CrlfMaker();
      const pieces = rest(file, kept, start + head.length, end);
      for (const bytes of extent.counted ? pieces : unquoted(pieces, terminator)) {
        yield terminator === LF ? lineEnds.convert(bytes) : fromCrOnly(bytes);
      }
    },
  };
}

/** A message as an export wrote it. @throws {SourceError} it is not whole */
function* written(
  file: Bytes,
  marks: Marks,
  start: number,
  end: number,
  head: Uint8Array,
  headStart: number,
): Iterable<Uint8Array> {
  const lineEnds = new CrlfMaker();
  const known = head.subarray(start - headStart, Math.max(0, end - headStart));
  let size = 0;
  for (const bytes of unquoted(rest(file, known, headStart + head.length, end), LF)) {
    const piece = marks.lf ? lineEnds.convert(bytes) : bytes;
    size += piece.length;
    yield piece;
  }
  if (size !== marks.size) throw new SourceError(`it has ${size} bytes and should have ${marks.size}`);
}

function* rest(file: Bytes, first: Uint8Array, start: number, end: number): Iterable<Uint8Array> {
  yield first;
  for (let at = start; at < end; at += PIECE) yield file.read(at, Math.min(end, at + PIECE));
}

/** Without the fields that are no part of the message. */
function withoutState(head: Uint8Array): Uint8Array {
  const spans: { start: number; end: number }[] = [];
  eachField(toLatin1(head), ({ name, start, end }) => {
    if (STATE_FIELDS.has(name)) spans.push({ start, end });
  });
  if (spans.length === 0) return head;
  const result = new Uint8Array(head.length);
  let from = 0;
  let to = 0;
  for (const { start, end } of [...spans, { start: head.length, end: head.length }]) {
    result.set(head.subarray(from, start), to);
    to += start - from;
    from = end;
  }
  return result.subarray(0, to);
}
