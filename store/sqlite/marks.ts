/**
 * \Seen of those who read a mailbox that is not theirs (RFC 4314 §2.1 `s`): a row for each message that a reader ever marked, with the
 * modseq of the last change. The owner's \Seen is the flag of the message itself.
 *
 * Invariant: rows are of messages that are in the mailbox; they go with the message.
 */
import type { AccountId, MailboxId, UidRanges } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import { sql } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const READER = sql("SELECT modseq FROM reader WHERE mailbox_id = ? AND reader_id = ?");
const SET_READER = sql(`INSERT INTO reader (mailbox_id, reader_id, modseq) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET modseq = excluded.modseq`);
const READERS = sql("SELECT EXISTS (SELECT 1 FROM reader WHERE mailbox_id = ?)");
const MARKS = sql("SELECT uid, seen, modseq FROM seen WHERE mailbox_id = ? AND reader_id = ? ORDER BY uid");
const MARKS_SINCE = sql(`SELECT uid, seen, modseq FROM seen INDEXED BY seen_modseq
  WHERE mailbox_id = ? AND reader_id = ? AND modseq > ?`);
const MARKS_IN = sql(`SELECT s.uid, s.seen, s.modseq FROM json_each(?3) r CROSS JOIN seen s
  WHERE s.mailbox_id = ?1 AND s.reader_id = ?2 AND s.uid BETWEEN r.value ->> 0 AND r.value ->> 1`);
const MARK = sql(`INSERT INTO seen (mailbox_id, reader_id, uid, seen, modseq) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET seen = excluded.seen, modseq = excluded.modseq`);
const COUNT = sql(`SELECT count(*) FROM seen INDEXED BY seen_set WHERE mailbox_id = ? AND reader_id = ? AND seen = 1`);
const REMOVE = sql(`DELETE FROM seen WHERE mailbox_id = ?1 AND uid = ?2
  AND reader_id IN (SELECT reader_id FROM reader WHERE mailbox_id = ?1)`);
const REMOVE_ALL = sql("DELETE FROM seen WHERE mailbox_id = ?");
const REMOVE_READERS = sql("DELETE FROM reader WHERE mailbox_id = ?");

/** A message that a reader marked: UID, \Seen, modseq. */
export type Mark = readonly [uid: number, seen: 0 | 1, modseq: number];

/** The modseq of the reader's last mark in the mailbox; 0 without any. */
export function readerModSeq(db: AccountDatabase, mailbox: MailboxId, reader: AccountId): number {
  return db.row<[number]>(READER, mailbox, reader)?.[0] ?? 0;
}

/** Ascending. */
export function loadMarks(db: AccountDatabase, mailbox: MailboxId, reader: AccountId): Mark[] {
  return db.rows<[number, 0 | 1, number]>(MARKS, mailbox, reader);
}

export function marksSince(db: AccountDatabase, mailbox: MailboxId, reader: AccountId, since: number): Mark[] {
  return db.rows<[number, 0 | 1, number]>(MARKS_SINCE, mailbox, reader, since);
}

/** Messages that the reader has seen. */
export function countSeen(db: AccountDatabase, mailbox: MailboxId, reader: AccountId): number {
  return db.row<[number]>(COUNT, mailbox, reader)?.[0] ?? 0;
}

/** By UID. */
export function marksIn(tx: Transaction, mailbox: MailboxId, reader: AccountId, uids: UidRanges): Map<number, Mark> {
  const ranges = `[${uids.map(({ first, last }) => `[${first},${last}]`).join(",")}]`;
  const marks = tx.db.rows<[number, 0 | 1, number]>(MARKS_IN, mailbox, reader, ranges);
  return new Map(marks.map((mark) => [mark[0], mark]));
}

/** Sets or clears the reader's \Seen of these messages, whatever it was. */
export function mark(
  tx: Transaction,
  mailbox: MailboxId,
  reader: AccountId,
  uids: readonly number[],
  seen: boolean,
): void {
  if (uids.length === 0) return;
  const modseq = tx.take();
  for (const uid of uids) tx.db.run(MARK, mailbox, reader, uid, seen ? 1 : 0, modseq);
  tx.db.run(SET_READER, mailbox, reader, modseq);
  tx.marked.add(mailbox);
}

/** UIDs among these that the reader has seen. */
export function seenIn(tx: Transaction, mailbox: MailboxId, reader: AccountId, uids: UidRanges): Set<number> {
  const seen = [...marksIn(tx, mailbox, reader, uids).values()].filter(([, set]) => set === 1);
  return new Set(seen.map(([uid]) => uid));
}

/** Messages leave the mailbox. @param all every message of it */
export function removeMarks(tx: Transaction, mailbox: MailboxId, uids: readonly number[], all: boolean): void {
  if (!tx.db.row<[number]>(READERS, mailbox)?.[0]) return;
  if (all) tx.db.run(REMOVE_ALL, mailbox);
  else for (const uid of uids) tx.db.run(REMOVE, mailbox, uid);
}

/** With the mailbox. */
export function removeReaders(db: AccountDatabase, mailbox: MailboxId): void {
  db.run(REMOVE_ALL, mailbox);
  db.run(REMOVE_READERS, mailbox);
}
