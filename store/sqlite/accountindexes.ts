/**
 * The memory indexes of one account's mailboxes: loaded on first use, kept up with each commit of this process, looked at anew where
 * another process may have changed something; large ones packed now and then, so that the next load is quick.
 */
import type { Look } from "../store.ts";
import { type MailboxId, StoreError } from "../types.ts";
import { BackgroundTimer, log } from "./background.ts";
import type { AccountDatabase } from "./database.ts";
import type { EmailRun } from "./emailruns.ts";
import type { AccountHandle } from "./handle.ts";
import type { IndexCache, IndexOwner } from "./indexcache.ts";
import { INLINE_KEYWORDS } from "../flags.ts";
import { MemoryIndex } from "./memoryindex.ts";
import { LEAST_PACKED, loadPacked, packedModSeq, savePacked } from "./packedindex.ts";
import { loadMailbox, type MailboxRow } from "./rows.ts";
import { changesOf, type MailboxChange } from "./transaction.ts";

/** From the change that makes packing worth while to the packing: a burst is packed once or twice. */
const PACK_MS = 2000;
/** An index is packed when one of so many messages has changed: a change costs 512 bytes of packing at most. */
const PART_CHANGED = 32;
/** Fewer are packed half a minute later, or when the server ends: a load reads the rows of what has changed since. */
const LATE_MS = 30_000;
const LATE_PART_CHANGED = 512;
const LEAST_CHANGED = 64;

/** Of a packed index in the database, about. */
const MESSAGES_A_PAGE = 500;

export class AccountIndexes implements IndexOwner {
  readonly indexes = new Map<MailboxId, MemoryIndex>();
  /** Raised when another process may have changed something. */
  #generation = 0;
  #seenHandle = -1;
  #seenVersion = -1;
  /** Changes of mailboxes whose indexes are not loaded. */
  readonly #unpacked = new Map<MailboxId, number>();
  readonly #due = new Set<MailboxId>();
  readonly #dueLate = new Set<MailboxId>();
  readonly #timer = new BackgroundTimer(() => this.#pack(this.#due, PART_CHANGED));
  readonly #late = new BackgroundTimer(() => this.#pack(this.#dueLate, LATE_PART_CHANGED));

  constructor(readonly handle: AccountHandle, readonly cache: IndexCache) {}

  /** Something is to be packed. */
  get waiting(): boolean {
    return this.#timer.waiting || this.#late.waiting;
  }

  pinned(mailbox: MailboxId): boolean {
    return this.handle.pins.has(mailbox);
  }

  /** The index as the database has it now, or as this process has left it. @throws {StoreError} nonexistent */
  get(db: AccountDatabase, mailbox: MailboxId, look: Look = "all"): MemoryIndex {
    if (look === "own") {
      const known = this.known(mailbox);
      if (known) return known;
    }
    const version = db.dataVersion();
    if (version !== this.#seenVersion || this.handle.generation !== this.#seenHandle) this.#generation++;
    this.#seenVersion = version;
    this.#seenHandle = this.handle.generation;
    const known = this.indexes.get(mailbox);
    if (known?.generation === this.#generation) {
      this.cache.used(known, this);
      return known;
    }
    const before = known?.list;
    try {
      const index = db.read(() => {
        const row = loadMailbox(db, mailbox);
        if (!row) throw new StoreError("nonexistent", "the mailbox does not exist");
        if (!known) return loaded(db, row);
        known.refresh(db, row);
        return known;
      });
      index.generation = this.#generation;
      // Messages that came or went by somebody else's commit: whoever is told of them must not be told of what may be lost.
      if (index.list.uids !== before?.uids || index.list.count !== before.count) this.handle.log.read();
      this.indexes.set(mailbox, index);
      this.cache.used(index, this);
      this.#unpacked.delete(mailbox);
      this.#look(mailbox, index.list.count, index.unpacked);
      return index;
    } catch (error) {
      if (known) this.#drop(known);
      throw error;
    }
  }

  /** The index as this process knows it; undefined: it is not loaded, or has to be looked at. */
  known(mailbox: MailboxId): MemoryIndex | undefined {
    const known = this.handle.generation === this.#seenHandle ? this.indexes.get(mailbox) : undefined;
    return known?.generation === this.#generation ? known : undefined;
  }

  /** The emails of messages, which the index keeps once it was asked. @throws {StoreError} nonexistent */
  emailsOf(db: AccountDatabase, mailbox: MailboxId, uids: Uint32Array): EmailRun[] {
    const index = this.get(db, mailbox);
    const emails = db.read(() => index.emailsOf(db, uids));
    this.cache.used(index, this);
    return emails;
  }

  /** Stands in the same turn as the commit, so that nobody sees an index that lags behind. */
  committed(changes: readonly MailboxChange[]): void {
    for (const change of changes) {
      const { id, messages, removeSeq } = change.mailbox;
      const index = this.indexes.get(id);
      if (index) this.#apply(index, change);
      if (removeSeq !== null || messages < LEAST_PACKED) continue;
      const unpacked = index?.unpacked ?? (this.#unpacked.get(id) ?? 0) + changesOf(change);
      if (!index) this.#unpacked.set(id, unpacked);
      this.#look(id, messages, unpacked);
    }
  }

  /** \Recent of messages below this UID was claimed. */
  claimed(mailbox: MailboxId, uidNext: number): void {
    const index = this.indexes.get(mailbox);
    if (index && index.recentUid < uidNext) index.recentUid = uidNext;
  }

  #apply(index: MemoryIndex, change: MailboxChange): void {
    if (change.mailbox.removeSeq !== null) this.#drop(index);
    else if (index.modseq !== change.before) index.generation = -1;
    else {
      try {
        index.apply(change);
      } catch (error) {
        // The commit stands; the next use loads the index anew.
        log.error("a mailbox index could not be kept up", { error });
        this.#drop(index);
      }
    }
  }

  #look(mailbox: MailboxId, messages: number, unpacked: number): void {
    if (worthPacking(messages, unpacked, PART_CHANGED)) {
      this.#due.add(mailbox);
      this.#timer.start(PACK_MS);
    } else if (worthPacking(messages, unpacked, LATE_PART_CHANGED)) {
      this.#dueLate.add(mailbox);
      this.#late.start(LATE_MS);
    }
  }

  async #pack(due: Set<MailboxId>, part: number): Promise<void> {
    for (const mailbox of [...due]) {
      due.delete(mailbox);
      try {
        await this.handle.use((db) => this.#packOne(db, mailbox, part));
      } catch (error) {
        if (!(error instanceof StoreError && error.fault === "nonexistent")) throw error;
      }
    }
  }

  #packOne(db: AccountDatabase, mailbox: MailboxId, part: number): void {
    const index = this.get(db, mailbox);
    if (!worthPacking(index.list.count, index.unpacked, part) || index.keywords.length > INLINE_KEYWORDS) return;
    // What it reads is read before, so that the transaction is short.
    db.read(() => index.columns(db));
    db.write("flags", () => {
      // Another process may have changed the mailbox, or packed its index.
      if (loadMailbox(db, mailbox)?.modseq !== index.modseq) return;
      if (packedModSeq(db, mailbox) < index.modseq) savePacked(db, mailbox, index.columns(db));
      index.unpacked = 0;
    });
    this.handle.committed("flags", index.list.count / MESSAGES_A_PAGE);
  }

  /** Packs what is due; nothing is packed after it. */
  async close(): Promise<void> {
    await this.#timer.stop();
    await this.#late.stop();
    try {
      await this.#pack(this.#due, LATE_PART_CHANGED);
      await this.#pack(this.#dueLate, LATE_PART_CHANGED);
    } catch (error) {
      log.error("a mailbox index could not be packed", { error });
    }
  }

  /** Forgets all of them. */
  forget(): void {
    for (const index of [...this.indexes.values()]) this.#drop(index);
  }

  #drop(index: MemoryIndex): void {
    this.indexes.delete(index.mailbox);
    this.cache.dropped(index);
  }
}

/** What is packed saves work where it fits; where it does not, the rows say what is right. */
function loaded(db: AccountDatabase, row: MailboxRow): MemoryIndex {
  const packed = row.messages >= LEAST_PACKED ? loadPacked(db, row.id) : undefined;
  if (packed && packed.modseq <= row.modseq) {
    try {
      return new MemoryIndex(db, row, packed);
    } catch (error) {
      log.warn("a packed mailbox index is not what its messages are: {error}", { mailbox: row.id, error });
    }
  }
  return new MemoryIndex(db, row);
}

/** @param part one of so many messages has changed */
function worthPacking(messages: number, unpacked: number, part: number): boolean {
  return messages >= LEAST_PACKED && unpacked >= LEAST_CHANGED && unpacked * part >= messages;
}
