/**
 * Messages as rows: adding, finding and removing them, with the counters of their mailbox and account.
 *
 * Invariant: no row of `message` comes or goes, and none changes \Seen or \Deleted, but through `addMessage`, `removeMessages`
 * and `recount`.
 */
import { Flag } from "../flags.ts";
import { MAX_UID, StoreError, type Uid, type UidRanges } from "../types.ts";
import type { SqlValue } from "./database.ts";
import { removeMarks } from "./marks.ts";
import type { MailboxRow } from "./rows.ts";
import { sql } from "./statements.ts";
import type { MailboxChange, Transaction } from "./transaction.ts";

const ADD = sql(`INSERT INTO message
  (mailbox_id, uid, email_id, flags, more_keywords, modseq, createseq, internal_date, save_date, size)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);

const COLUMNS =
  "m.uid, m.email_id, m.flags, m.more_keywords, m.modseq, m.createseq, m.internal_date, m.save_date, m.size";
const IN_RANGE = sql(`SELECT ${COLUMNS} FROM message m
  WHERE m.mailbox_id = ? AND m.uid BETWEEN ? AND ? ORDER BY m.uid`);
const IN_RANGES = sql(`SELECT ${COLUMNS} FROM json_each(?2) r CROSS JOIN message m
  WHERE m.mailbox_id = ?1 AND m.uid BETWEEN r.value ->> 0 AND r.value ->> 1`);
const DELETED_IN_RANGE = sql(`SELECT ${COLUMNS} FROM message m INDEXED BY message_deleted
  WHERE m.mailbox_id = ? AND m.uid BETWEEN ? AND ? AND m.flags & 8 ORDER BY m.uid`);

const DELETED_BYTES = sql(`SELECT total(size) FROM message INDEXED BY message_deleted
  WHERE mailbox_id = ? AND uid BETWEEN ? AND ? AND flags & 8`);

const TO_EXPUNGED = sql(`INSERT INTO expunged
  (mailbox_id, uid, modseq, expunged_at, email_id, flags, more_keywords, internal_date, save_date, size)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
const REMOVE = sql("DELETE FROM message WHERE mailbox_id = ? AND uid = ?");
const ALL_TO_EXPUNGED = sql(`INSERT INTO expunged
  (mailbox_id, uid, modseq, expunged_at, email_id, flags, more_keywords, internal_date, save_date, size)
  SELECT mailbox_id, uid, ?2, ?3, email_id, flags, more_keywords, internal_date, save_date, size FROM message
  WHERE mailbox_id = ?1`);
const REMOVE_ALL = sql("DELETE FROM message WHERE mailbox_id = ?");

export interface MessageRow {
  readonly uid: number;
  readonly emailId: number;
  readonly word: number;
  readonly more: string | null;
  readonly modseq: number;
  readonly createSeq: number;
  readonly internalDate: number;
  readonly saveDate: number;
  readonly size: number;
}

type MessageValues = [number, number, number, string | null, number, number, number, number, number];

function messageRow(values: MessageValues): MessageRow {
  const [uid, emailId, word, more, modseq, createSeq, internalDate, saveDate, size] = values;
  return { uid, emailId, word, more, modseq, createSeq, internalDate, saveDate, size };
}

/** Ranges for `json_each`: `[[first,last],…]`. */
export function rangesJson(ranges: UidRanges): string {
  return `[${ranges.map(({ first, last }) => `[${first},${last}]`).join(",")}]`;
}

/** The mailbox's messages within the ranges, ascending. */
export function messagesIn(tx: Transaction, mailbox: MailboxRow, ranges: UidRanges): MessageRow[] {
  if (mailbox.messages === 0 || ranges.length === 0) return [];
  const [{ first, last }] = ranges;
  const rows = ranges.length === 1
    ? tx.db.rows<MessageValues>(IN_RANGE, mailbox.id, first, last)
    : tx.db.rows<MessageValues>(IN_RANGES, mailbox.id, rangesJson(ranges));
  return rows.map(messageRow);
}

/** The mailbox's messages with \Deleted within the ranges, ascending. */
export function deletedIn(tx: Transaction, mailbox: MailboxRow, ranges: UidRanges): MessageRow[] {
  if (mailbox.deleted === 0 || ranges.length === 0) return [];
  const first = ranges[0].first;
  const last = ranges[ranges.length - 1].last;
  let rows = tx.db.rows<MessageValues>(DELETED_IN_RANGE, mailbox.id, first, last).map(messageRow);
  if (ranges.length > 1) {
    let at = 0;
    rows = rows.filter(({ uid }) => {
      while (ranges[at].last < uid) at++;
      return ranges[at].first <= uid;
    });
  }
  return rows;
}

export interface MessageValuesToAdd {
  readonly emailId: number;
  readonly word: number;
  readonly more: string | null;
  readonly internalDate: number;
  readonly size: number;
}

/** Gives the next UID to a message. @throws {StoreError} limit: no UIDs are left */
export function addMessage(tx: Transaction, change: MailboxChange, message: MessageValuesToAdd): Uid {
  const { mailbox, added } = change;
  const uid = mailbox.uidNext;
  if (uid >= MAX_UID) throw new StoreError("limit", "the mailbox has used up its UIDs");
  const modseq = tx.take();
  const { emailId, word, more, internalDate, size } = message;
  tx.db.run(ADD, mailbox.id, uid, emailId, word, more, modseq, modseq, internalDate, tx.now, size);
  mailbox.uidNext++;
  mailbox.recent++;
  added.uids.push(uid);
  added.words.push(word);
  added.more.push(more);
  count(tx, mailbox, word, size, 1);
  return uid as Uid;
}

function count(tx: Transaction, mailbox: MailboxRow, word: number, size: number, sign: 1 | -1): void {
  mailbox.messages += sign;
  mailbox.size += sign * size;
  if (!(word & Flag.Seen)) mailbox.unseen += sign;
  if (word & Flag.Deleted) {
    mailbox.deleted += sign;
    mailbox.deletedSize += sign * size;
  }
  tx.account.messages += sign;
  tx.account.size += sign * size;
}

/** Counts a change of flags; for bytes with \Deleted see `recountDeleted`. */
export function recount(mailbox: MailboxRow, before: number, after: number): void {
  const changed = before ^ after;
  if (changed & Flag.Seen) mailbox.unseen += after & Flag.Seen ? -1 : 1;
  if (changed & Flag.Deleted) mailbox.deleted += after & Flag.Deleted ? 1 : -1;
}

/** Runs `change`, which sets or clears \Deleted of messages between two UIDs, and counts their bytes. */
export function recountDeleted(
  { db }: Transaction,
  mailbox: MailboxRow,
  first: number,
  last: number,
  change: () => void,
): void {
  const bytes = () => db.row<[number]>(DELETED_BYTES, mailbox.id, first, last)?.[0] ?? 0;
  const before = bytes();
  change();
  mailbox.deletedSize += bytes() - before;
}

/**
 * Takes messages out of the mailbox; their rows stay readable for sessions that were not told, and can be undeleted for a while.
 * @param moved their emails are in another message of the account now: nothing to undelete
 */
export function removeMessages(
  tx: Transaction,
  mailbox: MailboxRow,
  messages: readonly MessageRow[],
  { moved = false }: { readonly moved?: boolean } = {},
): void {
  if (messages.length === 0) return;
  const at = moved ? 0 : tx.now;
  const { removed } = tx.change(mailbox);
  const modseq = tx.take();
  mailbox.expungeSeq = modseq;
  removeMarks(tx, mailbox.id, messages.map(({ uid }) => uid), messages.length === mailbox.messages);
  if (messages.length === mailbox.messages) {
    tx.db.run(ALL_TO_EXPUNGED, mailbox.id, modseq, at);
    tx.db.run(REMOVE_ALL, mailbox.id);
  } else {
    for (const { uid, emailId, word, more, internalDate, saveDate, size } of messages) {
      const values: SqlValue[] = [mailbox.id, uid, modseq, at, emailId, word, more, internalDate, saveDate, size];
      tx.db.run(TO_EXPUNGED, ...values);
      tx.db.run(REMOVE, mailbox.id, uid);
    }
  }
  for (const { uid, word, size } of messages) {
    removed.push(uid);
    if (!moved) tx.account.expungedSize += size;
    if (uid >= mailbox.recentUid) mailbox.recent--;
    count(tx, mailbox, word, size, -1);
  }
}
