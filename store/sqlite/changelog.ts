/**
 * Which messages of a mailbox changed since a modseq: a few ranges of UIDs a transaction, of the last transactions only. Whoever
 * asks for more looks at all messages.
 *
 * Invariant: a message with a modseq above that of its mailbox less LOGGED stands in a range of that modseq, or of a later one.
 */
import { type MailboxId, MAX_UID, type Uid, type UidRange, type UidRanges } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import { rangesJson } from "./messages.ts";
import type { MailboxRow } from "./rows.ts";
import { sql } from "./statements.ts";

/** Modseqs back to which it is known what changed. */
export const LOGGED = 10_000;
/** Older entries are removed each time the modseq passes a multiple of this. */
const PRUNE_EVERY = 1000;
/** Ranges of one transaction; where there are more, those that are nearest to each other become one. */
const MOST_RANGES = 1024;
/** Notes of a mailbox; where there are more of them at a pruning, one for all messages stands for all of them. */
const MANY_NOTES = 100_000;

const ADD = sql("INSERT INTO changed (mailbox_id, modseq, first, last) VALUES (?, ?, ?, ?)");
const ADD_MANY = sql(`INSERT INTO changed (mailbox_id, modseq, first, last)
  SELECT ?1, ?2, r.value ->> 0, r.value ->> 1 FROM json_each(?3) r`);
const PRUNE = sql("DELETE FROM changed WHERE mailbox_id = ? AND modseq <= ?");
const COUNT = sql("SELECT count(*) FROM changed WHERE mailbox_id = ?");
const SINCE = sql("SELECT first, last FROM changed WHERE mailbox_id = ? AND modseq > ?");
const REMOVE = sql("DELETE FROM changed WHERE mailbox_id = ?");

/**
 * Notes what a transaction changed.
 * @param before the mailbox's modseq before
 * @param touched first and last UIDs of new messages and of such with other flags
 */
export function logChanged(
  db: AccountDatabase,
  { id, modseq }: MailboxRow,
  before: number,
  touched: [number, number][],
): void {
  const all = union(touched);
  const ranges = all.length <= MOST_RANGES ? all : joined(all);
  if (ranges.length === 1) db.run(ADD, id, modseq, ranges[0].first, ranges[0].last);
  else if (ranges.length > 1) db.run(ADD_MANY, id, modseq, rangesJson(ranges));
  if (Math.floor(before / PRUNE_EVERY) < Math.floor(modseq / PRUNE_EVERY)) prune(db, id, modseq);
}

function prune(db: AccountDatabase, id: MailboxId, modseq: number): void {
  db.run(PRUNE, id, modseq - LOGGED);
  const [notes] = db.row<[number]>(COUNT, id) ?? [0];
  if (notes <= MANY_NOTES) return;
  db.run(REMOVE, id);
  db.run(ADD, id, modseq, 1, MAX_UID);
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

/** As many as may be, with the widest gaps between them. */
function joined(ranges: readonly UidRange[]): UidRanges {
  const gaps = Uint32Array.from(ranges.slice(1), ({ first }, before) => first - ranges[before].last);
  const widest = gaps.toSorted().subarray(1 - MOST_RANGES);
  const [least] = widest;
  /** Gaps of the least width that are among the widest. */
  let left = widest.lastIndexOf(least) + 1;
  const few = [{ ...ranges[0] }];
  gaps.forEach((gap, before) => {
    if (gap > least || gap === least && left-- > 0) few.push({ ...ranges[before + 1] });
    else few[few.length - 1].last = ranges[before + 1].last;
  });
  return few;
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
