/**
 * Large mailboxes' indexes, packed and kept in mail.db: reading one is 30 times faster than making the index of its rows, and what
 * changed since is found by modseq. They are written now and then (accountindexes.ts), in transactions like any other, so they are of
 * the same history as the mail beside them, wherever that is copied to.
 */
import type { MailboxId } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import { BYTES_PER_RUN } from "./emailruns.ts";
import { sql } from "./statements.ts";

const LOAD = sql("SELECT modseq, uidnext, messages, columns FROM packed_index WHERE mailbox_id = ?");
const REACHED = sql("SELECT modseq FROM packed_index WHERE mailbox_id = ?");
const SAVE = sql(`INSERT INTO packed_index (mailbox_id, modseq, uidnext, messages, columns) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET modseq = excluded.modseq, uidnext = excluded.uidnext, messages = excluded.messages,
    columns = excluded.columns`);
const REMOVE = sql("DELETE FROM packed_index WHERE mailbox_id = ?");

/** Indexes of fewer messages are made of their rows. */
export const LEAST_PACKED = 2048;

/** A column's numbers, each of as many bytes as the largest needs. */
export type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** The first `count` of each column are the messages. */
export interface Packed {
  readonly modseq: number;
  readonly uidNext: number;
  readonly count: number;
  readonly modseqs: Numbers;
  readonly uids: Numbers;
  readonly words: Numbers;
  /** Which emails they are, see emailruns.ts; none: it was packed before these were kept. */
  readonly emails: Uint32Array<ArrayBuffer>;
}

/** @returns undefined: there is none, or none that makes sense */
export function loadPacked(db: AccountDatabase, mailbox: MailboxId): Packed | undefined {
  const row = db.row<[number, number, number, Uint8Array]>(LOAD, mailbox);
  if (!row) return undefined;
  const [modseq, uidNext, count, columns] = row;
  const unpacked = unpack(columns, count);
  if (!unpacked || count === 0 || unpacked.uids[count - 1] >= uidNext) return undefined;
  return { modseq, uidNext, count, ...unpacked };
}

/** The modseq of the one that is kept; 0 without one. */
export function packedModSeq(db: AccountDatabase, mailbox: MailboxId): number {
  return db.row<[number]>(REACHED, mailbox)?.[0] ?? 0;
}

/** Must stand in a write transaction, with the index as it is there. */
export function savePacked(db: AccountDatabase, mailbox: MailboxId, index: Packed): void {
  const { modseq, uidNext, count, modseqs, uids, words, emails } = index;
  const columns = pack([modseqs, uids, words].map((column) => column.subarray(0, count)), emails);
  db.run(SAVE, mailbox, modseq, uidNext, count, columns);
}

/** With the mailbox. */
export function removePacked(db: AccountDatabase, mailbox: MailboxId): void {
  db.run(REMOVE, mailbox);
}

/**
 * Each column begins at a multiple of this, behind a head of as many bytes that holds the widths of their numbers and, in its last
 * four, how many runs of emails there are.
 */
const ALIGNMENT = 8;

/** Columns one after another, then the emails; see `unpack`. */
function pack(columns: readonly Numbers[], emails: Uint32Array): Uint8Array {
  const widths = columns.map(widthFor);
  const count = columns[0].length;
  const bytes = new Uint8Array(sizeOf(widths, count) + emails.byteLength);
  bytes.set(widths);
  new Uint32Array(bytes.buffer)[1] = emails.byteLength / BYTES_PER_RUN;
  let at = ALIGNMENT;
  columns.forEach((column, i) => {
    numbers(bytes, widths[i], at, count).set(column);
    at += aligned(widths[i] * count);
  });
  new Uint32Array(bytes.buffer, at).set(emails);
  return bytes;
}

/** The three columns of `count` numbers, and the emails; undefined where the bytes are not such. */
export function unpack(
  bytes: Uint8Array,
  count: number,
): Pick<Packed, "modseqs" | "uids" | "words" | "emails"> | undefined {
  const widths = [...bytes.subarray(0, 3)];
  if (!widths.every((width) => width === 1 || width === 2 || width === 4 || width === 8)) return undefined;
  if (bytes.length < ALIGNMENT) return undefined;
  // Views need an aligned start.
  const source = bytes.byteOffset % ALIGNMENT === 0 ? bytes : bytes.slice();
  const size = sizeOf(widths, count);
  const [runs] = new Uint32Array(source.buffer, source.byteOffset + 4, 1);
  if (source.length !== size + runs * BYTES_PER_RUN) return undefined;
  let at = ALIGNMENT;
  const [modseqs, uids, words] = widths.map((width) => {
    const column = numbers(source, width, at, count);
    at += aligned(width * count);
    return column;
  });
  return { modseqs, uids, words, emails: new Uint32Array(source.slice(size).buffer) };
}

function numbers({ buffer, byteOffset }: Uint8Array, width: number, at: number, count: number): Numbers {
  const start = byteOffset + at;
  switch (width) {
    case 1:
      return new Uint8Array(buffer, start, count);
    case 2:
      return new Uint16Array(buffer, start, count);
    case 4:
      return new Uint32Array(buffer, start, count);
    default:
      return new Float64Array(buffer, start, count);
  }
}

function widthFor(column: Numbers): number {
  let most = 0;
  for (let i = 0; i < column.length; i++) if (column[i] > most) most = column[i];
  return most < 2 ** 8 ? 1 : most < 2 ** 16 ? 2 : most < 2 ** 32 ? 4 : 8;
}

function aligned(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}

function sizeOf(widths: readonly number[], count: number): number {
  return widths.reduce((sum, width) => sum + aligned(width * count), ALIGNMENT);
}
