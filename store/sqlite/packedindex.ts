/**
 * Large mailboxes' indexes, packed and kept in mail.db: reading one is 30 times faster than making the index of its rows, and what
 * changed since is found by modseq. They are written now and then (accountindexes.ts), in transactions like any other, so they are of
 * the same history as the mail beside them, wherever that is copied to.
 */
import type { MailboxId } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import { sql } from "./statements.ts";

const LOAD = sql("SELECT modseq, uidnext, messages, columns FROM packed_index WHERE mailbox_id = ?");
const REACHED = sql("SELECT modseq FROM packed_index WHERE mailbox_id = ?");
const SAVE = sql(`INSERT INTO packed_index (mailbox_id, modseq, uidnext, messages, columns) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET modseq = excluded.modseq, uidnext = excluded.uidnext, messages = excluded.messages,
    columns = excluded.columns`);
const REMOVE = sql("DELETE FROM packed_index WHERE mailbox_id = ?");

/** Indexes of fewer messages are made of their rows. */
export const LEAST_PACKED = 2048;
const BYTES = 16;

/** The first `count` of each array are the messages. */
export interface Packed {
  readonly modseq: number;
  readonly uidNext: number;
  readonly count: number;
  readonly modseqs: Float64Array;
  readonly uids: Uint32Array;
  readonly words: Uint32Array;
}

/** Views of what was read. @returns undefined: there is none, or none that makes sense */
export function loadPacked(db: AccountDatabase, mailbox: MailboxId): Packed | undefined {
  const row = db.row<[number, number, number, Uint8Array]>(LOAD, mailbox);
  if (!row) return undefined;
  const [modseq, uidNext, count, columns] = row;
  if (columns.length !== count * BYTES) return undefined;
  // Views need an aligned start.
  const { buffer, byteOffset } = columns.byteOffset % 8 === 0 ? columns : columns.slice();
  const packed = {
    modseq,
    uidNext,
    count,
    modseqs: new Float64Array(buffer, byteOffset, count),
    uids: new Uint32Array(buffer, byteOffset + 8 * count, count),
    words: new Uint32Array(buffer, byteOffset + 12 * count, count),
  };
  return ascend(packed.uids) && packed.uids[count - 1] < uidNext ? packed : undefined;
}

function ascend(uids: Uint32Array): boolean {
  for (let at = 0, before = 0; at < uids.length; before = uids[at++]) if (uids[at] <= before) return false;
  return uids.length > 0;
}

/** The modseq of the one that is kept; 0 without one. */
export function packedModSeq(db: AccountDatabase, mailbox: MailboxId): number {
  return db.row<[number]>(REACHED, mailbox)?.[0] ?? 0;
}

/** Must stand in a write transaction, with the index as it is there. */
export function savePacked(db: AccountDatabase, mailbox: MailboxId, index: Packed): void {
  const { modseq, uidNext, count, modseqs, uids, words } = index;
  const columns = new Uint8Array(count * BYTES);
  new Float64Array(columns.buffer, 0, count).set(modseqs.subarray(0, count));
  new Uint32Array(columns.buffer, 8 * count, count).set(uids.subarray(0, count));
  new Uint32Array(columns.buffer, 12 * count, count).set(words.subarray(0, count));
  db.run(SAVE, mailbox, modseq, uidNext, count, columns);
}

/** With the mailbox. */
export function removePacked(db: AccountDatabase, mailbox: MailboxId): void {
  db.run(REMOVE, mailbox);
}
