/** STORE: flags of messages (RFC 9051 §6.4.6, RFC 7162 §3.1.3). */
import { ALL_FLAGS, Flag, type FlagMask, KEYWORD_BITS, maskedFlags } from "../flags.ts";
import type { FlagChange, FlagsStored } from "../store.ts";
import type { MailboxId, Uid } from "../types.ts";
import type { FlagColumns } from "./flagcolumns.ts";
import { formatMore, KeywordNumbers, parseMore, type StoredFlags } from "./keywords.ts";
import { recount, recountDeleted } from "./messages.ts";
import type { MailboxRow } from "./rows.ts";
import { sql } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Neighbours that keep their other keywords are changed together. */
const CHANGE = sql(`UPDATE message SET flags = (flags & ?) | ?, modseq = ?
  WHERE mailbox_id = ? AND uid BETWEEN ? AND ?`);
const SET_MORE = sql("UPDATE message SET more_keywords = ? WHERE mailbox_id = ? AND uid = ?");

/** @param messages as they are now @throws {StoreError} nonexistent, limit */
export function storeFlags(
  tx: Transaction,
  mailbox: MailboxId,
  messages: readonly FlagColumns[],
  change: FlagChange,
): FlagsStored {
  const row = tx.mailbox(mailbox);
  const { unchangedSince = Infinity, mode, allowed = ALL_FLAGS } = change;
  const modified = unchangedSince === Infinity ? [] : messages.flatMap((columns) => above(columns, unchangedSince));
  const count = messages.reduce((sum, { count }) => sum + count, 0);
  if (modified.length === count || allowed === 0) return { changed: [], modified };

  const wanted = maskedFlags(change.flags, allowed);
  const flags: StoredFlags = wanted.keywords.length === 0
    ? { word: wanted.fixed, more: null }
    : new KeywordNumbers(tx, row).flags(wanted, mode !== "remove");
  const keep = mode === "set" ? ALL_FLAGS & ~allowed : mode === "add" ? ALL_FLAGS : ALL_FLAGS & ~flags.word;
  const add = mode === "remove" ? 0 : flags.word;
  const changed: Uid[] = [];
  for (const { count, uids, words, modseqs, more } of messages) {
    const wordsAfter = new Uint32Array(count);
    let moreAfter = new Map<number, string>();
    /** Where messages begin that change, each of them up to here. */
    let from = -1;
    for (let at = 0; at <= count; at++) {
      const isOpen = at < count && modseqs[at] <= unchangedSince;
      const word = isOpen ? words[at] & keep | add : 0;
      const before = isOpen ? more(at) : null;
      const after = isOpen ? changedMore(before, mode, flags.more, allowed) : null;
      if (!isOpen || word === words[at] && after === before) {
        if (from >= 0) {
          changeRun(tx, row, keep, add, uids[from], uids[at - 1]);
          const run = { uids: uids.subarray(from, at), words: wordsAfter.subarray(from, at), more: moreAfter };
          tx.change(row).flagged.push(run);
          if (moreAfter.size > 0) moreAfter = new Map();
        }
        from = -1;
        continue;
      }
      if (from < 0) from = at;
      if (after !== before) tx.db.run(SET_MORE, after, row.id, uids[at]);
      recount(row, words[at], word);
      wordsAfter[at] = word;
      if (after !== null) moreAfter.set(uids[at], after);
      changed.push(uids[at] as Uid);
    }
  }
  return { modseq: tx.taken, changed, modified };
}

function above({ count, uids, modseqs }: FlagColumns, modseq: number): Uid[] {
  const found: Uid[] = [];
  for (let at = 0; at < count; at++) if (modseqs[at] > modseq) found.push(uids[at] as Uid);
  return found;
}

/** Messages that follow one another and change in the same way: one statement for all. */
function changeRun(tx: Transaction, row: MailboxRow, keep: number, add: number, first: number, last: number): void {
  const change = () => tx.db.run(CHANGE, keep, add, tx.take(), row.id, first, last);
  if (add & Flag.Deleted || !(keep & Flag.Deleted)) recountDeleted(tx, row, first, last, change);
  else change();
}

function changedMore(
  before: string | null,
  mode: FlagChange["mode"],
  more: string | null,
  allowed: FlagMask,
): string | null {
  switch (mode) {
    case "set":
      return allowed & KEYWORD_BITS ? more : before;
    case "add":
      return before === null || more === null ? before ?? more : formatMore([...parseMore(before), ...parseMore(more)]);
    case "remove": {
      if (before === null || more === null) return before;
      const without = new Set(parseMore(more));
      return formatMore(parseMore(before).filter((number) => !without.has(number)));
    }
  }
}
