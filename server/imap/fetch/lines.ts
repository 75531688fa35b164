/**
 * FETCH of nothing but UID, FLAGS and MODSEQ: lines are written as bytes straight from the mailbox index, without the database.
 *
 * The index changes under us whenever we wait, so it is looked at anew for each block of lines, and a block is written without waiting.
 */
import { INLINE_KEYWORDS, type MailboxIndex, type Uid } from "../../../store/mod.ts";
import type { Context } from "../command.ts";
import { flagListBytes } from "../flags.ts";
import { Pace } from "../pace.ts";
import type { Session } from "../session.ts";
import { type Selected, type Span, spanLength } from "../selected.ts";
import type { Item, PlainName } from "./items.ts";

const encoder = new TextEncoder();

/** Most lines between waits. */
const BLOCK = 1000;
/** Bytes between waits. */
const FLUSH_AT = 32 * 1024;
/** Bytes to begin with, of a few messages and of each: growing costs little, a large buffer for a small answer much. */
const LEAST_BUFFER = 256;
const BUFFER_A_LINE = 64;
/** Bytes of a line besides its flags: names, three numbers, punctuation. */
const MOST_BESIDES_FLAGS = 120;

export type Resident = Extract<PlainName, "UID" | "FLAGS" | "MODSEQ">;

/** The items, if the index alone can answer them. */
export function residentItems(items: readonly Item[]): Resident[] | undefined {
  const names: Resident[] = [];
  for (const item of items) {
    if (item.kind !== "plain" || !isResident(item.name)) return undefined;
    names.push(item.name);
  }
  return names;
}

function isResident(name: PlainName): name is Resident {
  return name === "UID" || name === "FLAGS" || name === "MODSEQ";
}

/**
 * Writes a line for each message of the spans.
 * @returns what the index has no more (removed, but not told yet), as spans: to be read from the store
 */
export async function writeLines(
  context: Pick<Context, "out" | "flushed" | "session" | "progress">,
  selected: Selected,
  spans: readonly Span[],
  items: readonly Resident[],
): Promise<Span[]> {
  const left: Span[] = [];
  const pace = new Pace();
  const { uidOnly } = context.session;
  const total = spanLength(spans);
  const room = Math.min(2 * FLUSH_AT, LEAST_BUFFER + BUFFER_A_LINE * total);
  const writer = new LineWriter(selected, items, recentFrom(context.session, selected), uidOnly, left, room);
  let done = 0;
  for (const { from, to } of spans) {
    for (let at = from; at < to; at += BLOCK) {
      const end = Math.min(to, at + BLOCK);
      writer.write(at, end);
      done += end - at;
      if (writer.length < FLUSH_AT) continue;
      context.out.raw(writer.take());
      await context.flushed();
      if (!pace.due) continue;
      await context.progress(done, total);
      await pace.giveWay();
    }
  }
  context.out.raw(writer.take());
  await context.flushed();
  return left;
}

class LineWriter {
  private buffer: Uint8Array<ArrayBuffer>;
  /** Bytes held. */
  length = 0;
  private readonly before: readonly Uint8Array[];
  private readonly close: Uint8Array;

  constructor(
    private readonly selected: Selected,
    private readonly items: readonly Resident[],
    private readonly recentFrom: number,
    /** Lines begin with the UID, see fetchline.ts. */
    private readonly uidOnly: boolean,
    private readonly left: Span[],
    room: number,
  ) {
    this.buffer = new Uint8Array(room);
    this.before = items.map((name, i) => {
      const open = i === 0 ? uidOnly ? " UIDFETCH (" : " FETCH (" : items[i - 1] === "MODSEQ" ? ") " : " ";
      return encoder.encode(`${open}${name} ${name === "MODSEQ" ? "(" : ""}`);
    });
    this.close = encoder.encode(items.at(-1) === "MODSEQ" ? "))\r\n" : ")\r\n");
  }

  /** What was written since the last time; valid until the next write. */
  take(): Uint8Array {
    const taken = this.buffer.subarray(0, this.length);
    this.length = 0;
    return taken;
  }

  /** Adds the lines of positions [from, to) of the client's list. */
  write(from: number, to: number): void {
    const { selected, items, before, close, recentFrom, uidOnly } = this;
    const { index, list } = selected;
    const { flagWords, modseqs } = index;
    const same = list.uids === index.list.uids;
    let { buffer } = this;
    let at = this.length;
    let word = -1;
    let wordRecent = false;
    let flags: Uint8Array = NOTHING;
    for (let position = from; position < to; position++) {
      const uid = list.uids[position];
      const source = same ? position : selected.indexPosition(position);
      if (source < 0) {
        addPosition(this.left, position);
        continue;
      }
      const recent = uid >= recentFrom;
      if (flagWords[source] !== word || recent !== wordRecent || index.keywords.length > INLINE_KEYWORDS) {
        word = flagWords[source];
        wordRecent = recent;
        flags = flagListBytes(index, word, moreOf(index, uid), recent);
      }
      const most = at + MOST_BESIDES_FLAGS + flags.length;
      if (most > buffer.length) buffer = this.grow(at, most);
      buffer[at] = 0x2a;
      buffer[at + 1] = 0x20;
      at = writeNumber(buffer, at + 2, uidOnly ? uid : position + 1);
      for (let i = 0; i < items.length; i++) {
        at = copy(buffer, at, before[i]);
        switch (items[i]) {
          case "UID":
            at = writeNumber(buffer, at, uid);
            break;
          case "FLAGS":
            at = copy(buffer, at, flags);
            break;
          case "MODSEQ":
            at = writeNumber(buffer, at, modseqs[source]);
            break;
        }
      }
      at = copy(buffer, at, close);
    }
    this.length = at;
  }

  private grow(used: number, least: number): Uint8Array<ArrayBuffer> {
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, least));
    larger.set(this.buffer.subarray(0, used));
    return this.buffer = larger;
  }
}

/** Messages with UIDs from here on are \Recent; IMAP4rev2 has no such flag (RFC 9051 appendix E). */
export function recentFrom(session: Pick<Session, "rev2">, selected: Selected): number {
  return session.rev2 ? Infinity : selected.recentFrom;
}

const NOTHING = new Uint8Array(0);

/** Numbers of the keywords beyond those in the flag word. */
export function moreOf(index: MailboxIndex, uid: number): readonly number[] {
  return index.keywords.length > INLINE_KEYWORDS ? index.moreKeywords(uid as Uid) : [];
}

/** Adds the position behind the last of ascending spans. */
export function addPosition(spans: Span[], position: number): void {
  const last = spans.at(-1);
  if (last?.to === position) spans[spans.length - 1] = { from: last.from, to: position + 1 };
  else spans.push({ from: position, to: position + 1 });
}

function copy(buffer: Uint8Array, at: number, bytes: Uint8Array): number {
  const { length } = bytes;
  for (let i = 0; i < length; i++) buffer[at + i] = bytes[i];
  return at + length;
}

/** Decimal digits of a whole number up to 2^53; returns the position behind them. */
function writeNumber(buffer: Uint8Array, at: number, n: number): number {
  if (n > 0xffffffff) {
    // In two halves that 32-bit arithmetic can do.
    const high = Math.floor(n / 1e9);
    const end = writeNumber(buffer, at, high);
    return writeDigits(buffer, end, n - high * 1e9, 9);
  }
  let count = 1;
  for (let limit = 10; count < 10 && n >= limit; limit *= 10) count++;
  return writeDigits(buffer, at, n, count);
}

function writeDigits(buffer: Uint8Array, at: number, n: number, count: number): number {
  for (let i = at + count - 1; i >= at; i--) {
    const tenth = (n / 10) >>> 0;
    buffer[i] = 0x30 + n - tenth * 10;
    n = tenth;
  }
  return at + count;
}
