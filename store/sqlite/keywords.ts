/** Keywords of a mailbox: numbers by first use, names in the case in which they first came (RFC 9051 §2.3.2). */
import { FIXED_FLAGS, type FlagSet, INLINE_KEYWORDS } from "../flags.ts";
import { type MailboxId, StoreError } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import type { MailboxRow } from "./rows.ts";
import { sql } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const KEYWORDS = sql("SELECT name FROM keyword WHERE mailbox_id = ? ORDER BY number");
const ADD_KEYWORD = sql("INSERT INTO keyword (mailbox_id, number, name) VALUES (?, ?, ?)");
const REMOVE_KEYWORDS = sql("DELETE FROM keyword WHERE mailbox_id = ?");

/** Bits of the flag word that are no keywords. */
export const FIXED_MASK = (1 << FIXED_FLAGS.length) - 1;

/** Names by number. */
export function loadKeywords(db: AccountDatabase, mailbox: MailboxId): string[] {
  return db.rows<[string]>(KEYWORDS, mailbox).map(([name]) => name);
}

export function removeKeywords(db: AccountDatabase, mailbox: MailboxId): void {
  db.run(REMOVE_KEYWORDS, mailbox);
}

/** Flags as a message row keeps them. */
export interface StoredFlags {
  /** Fixed bits and inline keywords. */
  readonly word: number;
  /** Other keywords' numbers, ascending, with commas between; null for none. */
  readonly more: string | null;
}

export function parseMore(more: string | null): number[] {
  return more === null ? [] : more.split(",").map(Number);
}

export function formatMore(numbers: Iterable<number>): string | null {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  return sorted.length === 0 ? null : sorted.join(",");
}

/** Turns names into numbers within one transaction, making keywords that are not there yet. */
export class KeywordNumbers {
  readonly #names: string[];
  readonly #numbers: Map<string, number>;

  constructor(readonly tx: Transaction, readonly mailbox: MailboxRow) {
    this.#names = loadKeywords(tx.db, mailbox.id);
    this.#numbers = new Map(this.#names.map((name, number) => [name.toLowerCase(), number]));
  }

  name(number: number): string {
    return this.#names[number];
  }

  /** undefined: the mailbox has no such keyword. */
  find(name: string): number | undefined {
    return this.#numbers.get(name.toLowerCase());
  }

  /** @throws {StoreError} limit */
  make(name: string): number {
    const known = this.find(name);
    if (known !== undefined) return known;
    const number = this.#names.length;
    const most = this.tx.maxKeywords;
    if (number >= most) throw new StoreError("limit", `a mailbox can have ${most} keywords`);
    this.tx.db.run(ADD_KEYWORD, this.mailbox.id, number, name);
    this.tx.change(this.mailbox).keywords.push(name);
    this.#names.push(name);
    this.#numbers.set(name.toLowerCase(), number);
    return number;
  }

  /** @param make adds missing keywords; otherwise they are left out. @throws {StoreError} limit */
  flags(set: FlagSet, make: boolean): StoredFlags {
    return packFlags(set.fixed, set.keywords.map((name) => make ? this.make(name) : this.find(name)));
  }
}

/** Fixed bits and keyword numbers as kept in a row. */
export function packFlags(fixed: number, numbers: Iterable<number | undefined>): StoredFlags {
  let word = fixed;
  const more: number[] = [];
  for (const number of numbers) {
    if (number === undefined) continue;
    if (number < INLINE_KEYWORDS) word |= 1 << (FIXED_FLAGS.length + number);
    else more.push(number);
  }
  return { word, more: formatMore(more) };
}

/** Flags by name. @param keywords by number; what is not among them is left out */
export function flagsOf(flags: StoredFlags, keywords: readonly string[]): FlagSet {
  const names = keywordNumbers(flags).map((number) => keywords[number]).filter((name) => name !== undefined);
  return { fixed: flags.word & FIXED_MASK, keywords: names };
}

/** Numbers of all keywords in a row's flags. */
export function keywordNumbers({ word, more }: StoredFlags): number[] {
  const numbers: number[] = [];
  for (let rest = word >>> FIXED_FLAGS.length, number = 0; rest !== 0; rest >>>= 1, number++) {
    if (rest & 1) numbers.push(number);
  }
  return more === null ? numbers : numbers.concat(parseMore(more));
}
