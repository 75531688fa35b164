/** Messages with their flags as columns, for those who look at many of them. */
import { INLINE_KEYWORDS } from "../flags.ts";
import { lowerBound, type MailboxIndex } from "../index.ts";
import type { MailboxId, Uid, UidRanges } from "../types.ts";
import { formatMore } from "./keywords.ts";
import { sql } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const FLAGS = sql(`SELECT uid, flags, modseq, more_keywords FROM message
  WHERE mailbox_id = ? AND uid BETWEEN ? AND ? ORDER BY uid`);

/** Messages that follow one another in their mailbox. */
export interface FlagColumns {
  readonly count: number;
  readonly uids: Uint32Array;
  readonly words: ArrayLike<number>;
  readonly modseqs: ArrayLike<number>;
  /** Keywords that did not fit the word, as a row keeps them. */
  more(at: number): string | null;
}

/** The messages within each of the ranges, from an index that is as the database is. */
export function indexedFlags(index: MailboxIndex, ranges: UidRanges): FlagColumns[] {
  const all = index.keywords.length <= INLINE_KEYWORDS;
  return ranges.map(({ first, last }) => {
    const from = lowerBound(index.list, first);
    const to = last >= index.uidNext ? index.list.count : lowerBound(index.list, last + 1);
    const uids = index.list.uids.subarray(from, to);
    return {
      count: uids.length,
      uids,
      words: index.flagWords.subarray(from, to),
      modseqs: index.modseqs.subarray(from, to),
      more: (at) => all ? null : formatMore(index.moreKeywords(uids[at] as Uid)),
    };
  });
}

/** The same from the rows, for a transaction that has changed some of them already. */
export function readFlags({ db }: Transaction, mailbox: MailboxId, ranges: UidRanges): FlagColumns[] {
  return ranges.map(({ first, last }) => {
    const rows = db.rows<[number, number, number, string | null]>(FLAGS, mailbox, first, last);
    return {
      count: rows.length,
      uids: Uint32Array.from(rows, ([uid]) => uid),
      words: rows.map(([, word]) => word),
      modseqs: rows.map(([, , modseq]) => modseq),
      more: (at) => rows[at][3],
    };
  });
}
