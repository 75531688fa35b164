/**
 * The memory indexes of one account's mailboxes: loaded on first use, kept up with each commit of this process, looked at anew where
 * another process may have changed something.
 */
import { type MailboxId, StoreError } from "../types.ts";
import { log } from "./background.ts";
import type { AccountDatabase } from "./database.ts";
import type { AccountHandle } from "./handle.ts";
import type { IndexCache, IndexOwner } from "./indexcache.ts";
import { MemoryIndex } from "./memoryindex.ts";
import { loadMailbox } from "./rows.ts";
import type { MailboxChange } from "./transaction.ts";

export class AccountIndexes implements IndexOwner {
  readonly indexes = new Map<MailboxId, MemoryIndex>();
  /** Raised when another process may have changed something. */
  #generation = 0;
  #seenHandle = -1;
  #seenVersion = -1;

  constructor(readonly handle: AccountHandle, readonly cache: IndexCache) {}

  pinned(mailbox: MailboxId): boolean {
    return this.handle.pins.has(mailbox);
  }

  /** The index as the database has it now. @throws {StoreError} nonexistent */
  get(db: AccountDatabase, mailbox: MailboxId): MemoryIndex {
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
        if (!known) return new MemoryIndex(db, row);
        known.refresh(db, row);
        return known;
      });
      index.generation = this.#generation;
      // Messages that came or went by somebody else's commit: whoever is told of them must not be told of what may be lost.
      if (index.list.uids !== before?.uids || index.list.count !== before.count) this.handle.log.committed();
      this.indexes.set(mailbox, index);
      this.cache.used(index, this);
      return index;
    } catch (error) {
      if (known) this.#drop(known);
      throw error;
    }
  }

  /** The emails of messages, which the index keeps once it was asked. @throws {StoreError} nonexistent */
  emailsOf(db: AccountDatabase, mailbox: MailboxId, uids: Uint32Array): Uint32Array {
    const index = this.get(db, mailbox);
    const emails = db.read(() => index.emailsOf(db, uids));
    this.cache.used(index, this);
    return emails;
  }

  /** Stands in the same turn as the commit, so that nobody sees an index that lags behind. */
  committed(changes: readonly MailboxChange[]): void {
    for (const change of changes) {
      const index = this.indexes.get(change.mailbox.id);
      if (!index) continue;
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
