/**
 * Which messages of a mailbox changed since a modseq: a few ranges of UIDs a transaction, of the last transactions only. Whoever
 * asks for more looks at all messages.
 *
 * Invariant: a message with a modseq above that of its mailbox less LOGGED stands in a range of that modseq.
 */
import { type MailboxId, MAX_UID, type Uid, type UidRange, type UidRanges } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import type { MailboxRow } from "./rows.ts";
import { sql } from "./statements.ts";

/** Modseqs back to which it is known what changed. */
export const LOGGED = 10_000;
/** Older entries are removed each time the modseq passes a multiple of this. */
const PRUNE_EVERY = 1000;
/** Ranges of one transaction; where there are more, one range holds them all. */
const MOST_RANGES = 100;

const ADD = sql("INSERT INTO changed (mailbox_id, modseq, first, last) VALUES (?, ?, ?, ?)");
const PRUNE = sql("DELETE FROM changed WHERE mailbox_id = ? AND modseq <= ?");
const SINCE = sql("SELECT first, last FROM changed WHERE mailbox_id = ? AND modseq > ?");
const REMOVE = sql("DELETE FROM changed WHERE mailbox_id = ?");

/**
 * Notes what a transaction changed.
 * @param before the mailbox's modseq before
 * @param uids of new messages and of such with other flags, ascending
 */
export function logChanged(
  db: AccountDatabase,
  { id, modseq }: MailboxRow,
  before: number,
  uids: readonly number[],
): void {
  for (const { first, last } of fewRanges(uids)) db.run(ADD, id, modseq, first, last);
  if (Math.floor(before / PRUNE_EVERY) < Math.floor(modseq / PRUNE_EVERY)) db.run(PRUNE, id, modseq - LOGGED);
}

/** Ranges, ascending and apart, that hold all messages with a modseq above `since`, and others. */
export function changedSince(db: AccountDatabase, { id, modseq }: MailboxRow, since: number): UidRanges {
  if (since >= modseq) return [];
  if (since < modseq - LOGGED) return [{ first: 1 as Uid, last: MAX_UID }];
  return union(db.rows<[number, number]>(SINCE, id, since));
}

/** Nobody asks for a mailbox that is gone. */
export function forgetChanged(db: AccountDatabase, mailbox: MailboxId): void {
  db.run(REMOVE, mailbox);
}

function fewRanges(uids: readonly number[]): UidRanges {
  if (uids.length === 0) return [];
  const [first, last] = [uids[0] as Uid, uids[uids.length - 1] as Uid];
  if (last - first === uids.length - 1) return [{ first, last }];
  const ranges: UidRange[] = [];
  let start = 0;
  for (let at = 1; at <= uids.length; at++) {
    if (at < uids.length && uids[at] === uids[at - 1] + 1) continue;
    if (ranges.length === MOST_RANGES) return [{ first, last }];
    ranges.push({ first: uids[start] as Uid, last: uids[at - 1] as Uid });
    start = at;
  }
  return ranges;
}

function union(rows: [number, number][]): UidRanges {
  rows.sort((a, b) => a[0] - b[0]);
  const ranges: { first: Uid; last: Uid }[] = [];
  for (const [first, last] of rows) {
    const before = ranges.at(-1);
    if (!before || first > before.last + 1) ranges.push({ first: first as Uid, last: last as Uid });
    else if (last > before.last) before.last = last as Uid;
  }
  return ranges;
}
