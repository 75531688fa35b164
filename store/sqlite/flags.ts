/** STORE: flags of messages (RFC 9051 §6.4.6, RFC 7162 §3.1.3). */
import { ALL_FLAGS, type FlagMask, KEYWORD_BITS, maskedFlags } from "../flags.ts";
import type { FlagChange, FlagsStored } from "../store.ts";
import type { MailboxId, Uid, UidRanges } from "../types.ts";
import { formatMore, KeywordNumbers, parseMore, type StoredFlags } from "./keywords.ts";
import { type MessageRow, messagesIn, recount } from "./messages.ts";
import type { MailboxRow } from "./rows.ts";
import { sql } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Neighbours that keep their other keywords are changed together. */
const CHANGE = sql(`UPDATE message SET flags = (flags & ?) | ?, modseq = ?
  WHERE mailbox_id = ? AND uid BETWEEN ? AND ?`);
const SET = sql("UPDATE message SET flags = ?, more_keywords = ?, modseq = ? WHERE mailbox_id = ? AND uid = ?");

/** @throws {StoreError} nonexistent, limit */
export function storeFlags(tx: Transaction, mailbox: MailboxId, uids: UidRanges, change: FlagChange): FlagsStored {
  const row = tx.mailbox(mailbox);
  const found = messagesIn(tx, row, uids);
  const { unchangedSince = Infinity, mode, allowed = ALL_FLAGS } = change;
  const modified = found.filter(({ modseq }) => modseq > unchangedSince).map(({ uid }) => uid as Uid);
  if (modified.length === found.length || allowed === 0) return { changed: [], modified };

  const wanted = maskedFlags(change.flags, allowed);
  const flags: StoredFlags = wanted.keywords.length === 0
    ? { word: wanted.fixed, more: null }
    : new KeywordNumbers(tx, row).flags(wanted, mode !== "remove");
  const changed: Uid[] = [];
  const runs = new Runs(tx, row, mode, flags.word, allowed);
  let range = 0;
  for (const message of found) {
    // Between two ranges there can be messages that were not asked for.
    for (; message.uid > uids[range].last; range++) runs.end();
    const { word, more } = changedFlags(message, mode, flags, allowed);
    if (message.modseq > unchangedSince || word === message.word && more === message.more) {
      runs.end();
      continue;
    }
    const note = tx.change(row).flagged;
    if (more === message.more) runs.add(message.uid);
    else tx.db.run(SET, word, more, tx.take(), row.id, message.uid);
    if (more !== message.more) runs.end();
    recount(row, message.size, message.word, word);
    note.uids.push(message.uid);
    note.words.push(word);
    note.more.push(more);
    changed.push(message.uid as Uid);
  }
  runs.end();
  return { modseq: tx.taken, changed, modified };
}

/** Messages that follow one another in the mailbox and change in the same way: one statement for all. */
class Runs {
  readonly #keep: number;
  readonly #add: number;
  #first = 0;
  #last = 0;

  constructor(
    readonly tx: Transaction,
    readonly row: MailboxRow,
    mode: FlagChange["mode"],
    word: number,
    allowed: FlagMask,
  ) {
    this.#keep = mode === "set" ? ALL_FLAGS & ~allowed : mode === "add" ? ALL_FLAGS : ALL_FLAGS & ~word;
    this.#add = mode === "remove" ? 0 : word;
  }

  add(uid: number): void {
    if (this.#first === 0) this.#first = uid;
    this.#last = uid;
  }

  end(): void {
    if (this.#first === 0) return;
    this.tx.db.run(CHANGE, this.#keep, this.#add, this.tx.take(), this.row.id, this.#first, this.#last);
    this.#first = 0;
  }
}

function changedFlags(
  message: MessageRow,
  mode: FlagChange["mode"],
  flags: StoredFlags,
  allowed: FlagMask,
): StoredFlags {
  switch (mode) {
    case "set": {
      const word = message.word & ~allowed | flags.word;
      return { word, more: allowed & KEYWORD_BITS ? flags.more : message.more };
    }
    case "add":
      return { word: message.word | flags.word, more: union(message.more, flags.more) };
    case "remove":
      return { word: message.word & ~flags.word, more: difference(message.more, flags.more) };
  }
}

function union(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return formatMore([...parseMore(a), ...parseMore(b)]);
}

function difference(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a;
  const without = new Set(parseMore(b));
  return formatMore(parseMore(a).filter((number) => !without.has(number)));
}
