/**
 * A write transaction as the operations see it: the account's next modseq, the counters of the mailboxes they touch, and a note
 * of what changed for the memory index.
 *
 * Invariants: all that one transaction changes gets one modseq, above any before. Counters are written at the end of the same
 * transaction as the rows they count. A transaction that changed nothing takes no modseq.
 */
import { MAX_KEYWORDS } from "../flags.ts";
import type { MailboxId, ModSeq } from "../types.ts";
import { StoreError } from "../types.ts";
import { forgetChanged, logChanged } from "./changelog.ts";
import type { AccountDatabase } from "./database.ts";
import {
  type AccountRow,
  findMailbox,
  loadAccount,
  loadMailbox,
  type MailboxRow,
  saveAccount,
  saveMailbox,
} from "./rows.ts";

/** For `pages`: what every change writes, and how much of what changes fits a page. */
const FEW_PAGES = 6;
const ROWS_A_PAGE = 20;
const BYTES_A_PAGE = 3000;

/** Mod-sequences of 53 bits are left in plenty above it. */
const MOST_RAISED = 2 ** 52;

/** Messages that follow one another in their mailbox and have other flags than before; parallel lists. */
export interface FlaggedRun {
  readonly uids: ArrayLike<number>;
  readonly words: ArrayLike<number>;
  /** Of those that have keywords beyond the word, by UID. */
  readonly more: ReadonlyMap<number, string>;
}

/** What a transaction did to one mailbox's messages; parallel lists. */
export interface MailboxChange {
  readonly mailbox: MailboxRow;
  /** The mailbox's modseq before. */
  readonly before: number;
  /** New messages, ascending. */
  readonly added: { uids: number[]; words: number[]; more: (string | null)[] };
  readonly flagged: FlaggedRun[];
  readonly removed: number[];
  /** New keywords in the order of their numbers. */
  readonly keywords: string[];
}

export class Transaction {
  readonly #account: AccountRow;
  readonly #mailboxes = new Map<MailboxId, MailboxRow>();
  readonly #changes = new Map<MailboxId, MailboxChange>();
  readonly #named = new Set<MailboxRow>();
  readonly #counted = new Set<MailboxRow>();
  #taken = false;
  /** There are other mailboxes than before, or other names, uses or subscriptions of them. */
  relisted = false;
  /** Mailboxes in which a reader's \Seen changed: for the bell. */
  readonly marked = new Set<MailboxId>();
  /** Emails that came, and their bytes that are kept in the database. */
  newEmails = 0;
  newBytes = 0;
  /** Seconds since 1970. */
  readonly now = Math.floor(Date.now() / 1000);

  constructor(
    readonly db: AccountDatabase,
    /** Most keywords of a mailbox. */
    readonly maxKeywords: number = MAX_KEYWORDS,
  ) {
    this.#account = loadAccount(db);
  }

  /** The account's totals; change them only through the operations on messages. */
  get account(): AccountRow {
    return this.#account;
  }

  /** The modseq of all that this transaction changes. */
  take(): ModSeq {
    if (!this.#taken) {
      this.#account.modseq++;
      this.#taken = true;
    }
    return this.#account.modseq as ModSeq;
  }

  /** Makes the modseq that is taken higher than this one. One that would leave too few is not looked at. */
  raise(modseq: number): void {
    if (!this.#taken && modseq <= MOST_RAISED) this.#account.modseq = Math.max(this.#account.modseq, modseq);
  }

  /** The modseq taken, undefined when nothing changed. */
  get taken(): ModSeq | undefined {
    return this.#taken ? this.#account.modseq as ModSeq : undefined;
  }

  /** The account's highest modseq as it is now. */
  get modseq(): ModSeq {
    return this.#account.modseq as ModSeq;
  }

  /** A UIDVALIDITY above all that the account ever gave (RFC 9051 §2.3.1.1). */
  nextUidValidity(): number {
    this.#account.uidValidity = Math.max(this.#account.uidValidity + 1, this.now);
    return this.#account.uidValidity;
  }

  /** Gives the mailbox another one; it was never another mailbox's. What clients know of it counts no more. */
  setUidValidity(row: MailboxRow, uidValidity: number): void {
    this.change(row);
    this.rename(row);
    row.uidValidity = uidValidity;
    this.#account.uidValidity = Math.max(this.#account.uidValidity, uidValidity);
  }

  nextEmailId(): number {
    this.newEmails++;
    return ++this.#account.emailId;
  }

  /** @throws {StoreError} nonexistent */
  mailbox(id: MailboxId): MailboxRow {
    const row = this.#mailboxes.get(id) ?? this.#keep(loadMailbox(this.db, id));
    if (!row) throw new StoreError("nonexistent", "the mailbox does not exist");
    return row;
  }

  find(name: string): MailboxRow | undefined {
    for (const row of this.#mailboxes.values()) {
      if (row.name === name && row.removeSeq === null) return row;
    }
    return this.#keep(findMailbox(this.db, name));
  }

  /** @throws {StoreError} nonexistent */
  named(name: string): MailboxRow {
    const row = this.find(name);
    if (!row) throw new StoreError("nonexistent", "the mailbox does not exist");
    return row;
  }

  #keep(row: MailboxRow | undefined): MailboxRow | undefined {
    if (!row) return undefined;
    const known = this.#mailboxes.get(row.id);
    // A row found by a name that it no longer has in this transaction.
    if (known) return known.name === row.name && known.removeSeq === null ? known : undefined;
    this.#mailboxes.set(row.id, row);
    return row;
  }

  /** Name, special use or removal of the mailbox changes. */
  rename(row: MailboxRow): void {
    row.changeSeq = this.take();
    this.relisted = true;
    this.#named.add(row);
  }

  /** Counters of the mailbox change without a modseq. */
  count(row: MailboxRow): void {
    this.#counted.add(row);
  }

  /** Messages of the mailbox change. */
  change(row: MailboxRow): MailboxChange {
    let change = this.#changes.get(row.id);
    if (!change) {
      change = {
        mailbox: row,
        before: row.modseq,
        added: { uids: [], words: [], more: [] },
        flagged: [],
        removed: [],
        keywords: [],
      };
      this.#changes.set(row.id, change);
      row.modseq = this.take();
      this.#counted.add(row);
    }
    return change;
  }

  get changes(): readonly MailboxChange[] {
    return [...this.#changes.values()];
  }

  /** Pages of the database that were written, about. */
  get pages(): number {
    let rows = 0;
    for (const change of this.#changes.values()) rows += changesOf(change);
    return FEW_PAGES + rows / ROWS_A_PAGE + this.newBytes / BYTES_A_PAGE;
  }

  /** Writes the counters; the last thing before the commit. */
  finish(): void {
    for (const change of this.#changes.values()) {
      const { mailbox, before } = change;
      if (mailbox.removeSeq !== null) forgetChanged(this.db, mailbox.id);
      else logChanged(this.db, mailbox, before, touched(change));
    }
    for (const row of this.#named) saveMailbox(this.db, row, true);
    for (const row of this.#counted) if (!this.#named.has(row)) saveMailbox(this.db, row, false);
    if (this.#taken) saveAccount(this.db, this.#account);
  }
}

/** Messages that a transaction added, changed or removed. */
export function changesOf({ added, flagged, removed }: MailboxChange): number {
  return flagged.reduce((sum, { uids }) => sum + uids.length, added.uids.length + removed.length);
}

/** First and last UIDs of what is new or has other flags. */
function touched({ flagged, added }: MailboxChange): [number, number][] {
  const runs = added.uids.length > 0 ? [...flagged, added] : flagged;
  return runs.map(({ uids }) => [uids[0], uids[uids.length - 1]]);
}
