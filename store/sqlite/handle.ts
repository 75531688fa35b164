/**
 * One account's files: the database, opened on use and closed when idle; who is present; what waits to be purged or flushed.
 *
 * Invariants: this thread is present while the database is open, a mailbox is pinned or a content file is in hand. Work on the
 * database is synchronous, so it is never closed under it.
 */
import type { Directory, Pin, SearchMode } from "../store.ts";
import { delay } from "./delay.ts";
import { type AccountId, type MailboxId, type ModSeq, StoreError } from "../types.ts";
import { AccountDatabase, type Durability } from "./database.ts";
import { isBusy, storeFault } from "./errors.ts";
import type { Checkpoints } from "./checkpoints.ts";
import { makeFolder } from "./folders.ts";
import type { HandlePool, Pooled } from "./handlepool.ts";
import { addFirstMailboxes } from "./mailboxes.ts";
import { Pins } from "./pins.ts";
import { Presence } from "./presence.ts";
import { hasDue, type Keep, lowest, orphans, purgeStep } from "./purge.ts";
import { BackgroundTimer, log } from "./background.ts";
import { LogFlush } from "./logflush.ts";
import { openContent } from "./opencontent.ts";
import { Parsing } from "./parsing.ts";
import { AccountSearch } from "./search/accountsearch.ts";
import type { OpenContent } from "./search/segment.ts";
import { Transaction } from "./transaction.ts";

/** How long an operation waits for another process, and how long between tries. */
const BUSY_MS = 10_000;
const RETRY_MS = 2;
/** How long it blocks the thread for that: the transactions of other threads take about as long. */
const BLOCK_MS = 1;
/** From an expunge, or a session's progress, to the purge. */
const PURGE_MS = 1000;
/** Between steps of a purge, at least, and in multiples of what the last took: others use the thread too. */
const PURGE_STEP_MS = 30;
const PURGE_PAUSES = 4;
/** From the opening to looking for what killed processes left: what the database was opened for comes first. */
const TIDY_MS = 50;
/** Until the next look while others use the account, whose files must stay. */
const TIDY_RETRY_MS = 30_000;
/** Until the next try while another purges; while sessions of others have not been told. */
const PURGE_BUSY_MS = 100;
const PURGE_RETRY_MS = 30_000;
/** Pages of the log from which it is copied into the database: while that is in use, and before it is closed. */
const MANY_LOG_PAGES = 2000;
const FEW_LOG_PAGES = 64;
/** From a session's progress to others' knowing of it. */
const TELL_MS = 1000;
/** Most time a closing account purges; what is left waits for the next opening. */
const PURGE_LAST_MS = 50;

export class AccountHandle implements Pooled {
  lastUsed = 0;
  /** Raised whenever the database was opened: what is remembered of it may be out of date. */
  generation = 0;
  readonly pins = new Pins(() => this.#moved());
  readonly content: string;
  readonly parsing: Parsing;
  readonly search: AccountSearch;
  /** Makes commits safe. */
  readonly log: LogFlush;
  readonly #presence: Presence;
  readonly #purge = new BackgroundTimer(() => this.#purgeSoon());
  readonly #tell = new BackgroundTimer(async () => this.#tellOthers());
  readonly #tidy = new BackgroundTimer(async () => this.#tidyUp());
  #db: AccountDatabase | undefined;
  #opening: Promise<void> | undefined;
  /** Pages that were written to the log since it was copied last, about. */
  #logPages = 0;
  #checkpointing: Promise<void> | undefined;
  #holds = 0;
  #cleaned = false;
  #pending = false;
  #closed = false;

  constructor(
    readonly account: AccountId,
    readonly folder: string,
    readonly directory: Directory,
    readonly pool: HandlePool,
    readonly checkpoints: Checkpoints,
    readonly alwaysFull: boolean,
    /** What of the expunged messages can be undeleted. */
    readonly keep: Keep,
    /** What is kept for searching, of accounts that say nothing of it. */
    readonly searchMode: SearchMode,
  ) {
    this.content = `${folder}/content`;
    const openOf: OpenContent = (db, email) => openContent(db, this, email);
    this.parsing = new Parsing(openOf, (durability, pages) => this.committed(durability, pages));
    this.search = new AccountSearch({
      folder,
      use: (work) => this.use(work),
      useAside: (work) => this.useAside(work),
      spare: pool.spare,
      mode: async () => (await directory.get(account))?.search ?? searchMode,
      content: openOf,
      parse: (db) => this.parsing.parse(db, this.parsing.next(db)) > 0,
    });
    this.log = new LogFlush(`${folder}/mail.db-wal`, () => this.use((db) => db.checkpoint()));
    this.#presence = new Presence(folder);
  }

  get written(): boolean {
    return this.#db?.written ?? false;
  }

  /** Nothing is open and nobody holds anything. */
  get unused(): boolean {
    return !this.#db && !this.#opening && !this.#checkpointing && !this.#presence.held && !this.log.waiting &&
      !this.#purge.waiting && !this.#tidy.waiting && !this.search.waiting;
  }

  /**
   * Runs synchronous work on the database, at once where it is open; again while another process holds a lock that it needs.
   * @throws {StoreError} nonexistent (account), inuse, diskfull
   */
  use<T>(work: (db: AccountDatabase) => T): Promise<T> {
    this.pool.spare.used();
    return this.useAside(work);
  }

  /** The same for what nobody waits for. */
  useAside<T>(work: (db: AccountDatabase) => T): Promise<T> {
    try {
      if (this.#db) return Promise.resolve(this.#used(this.#db, work));
    } catch (error) {
      if (!isBusy(error)) return Promise.reject(storeFault(error));
    }
    return this.#useLater(work);
  }

  async #useLater<T>(work: (db: AccountDatabase) => T): Promise<T> {
    const end = performance.now() + BUSY_MS;
    for (let isBusyNow = this.#db !== undefined;; isBusyNow = true) {
      if (isBusyNow) await delay(RETRY_MS);
      try {
        while (!this.#db) await this.#open();
        return this.#used(this.#db, work);
      } catch (error) {
        if (!isBusy(error) || performance.now() > end) throw storeFault(error);
      }
    }
  }

  #used<T>(db: AccountDatabase, work: (db: AccountDatabase) => T): T {
    this.lastUsed = performance.now();
    return work(db);
  }

  #open(): Promise<void> {
    this.#opening ??= this.#openNow().finally(() => this.#opening = undefined);
    return this.#opening;
  }

  async #openNow(): Promise<void> {
    const known = this.#closed ? undefined : await this.directory.get(this.account);
    if (!known || this.#closed) throw new StoreError("nonexistent", "the account does not exist");
    this.#enterFirst();
    try {
      this.#db = new AccountDatabase(`${this.folder}/mail.db`, (db) => {
        // Its database is lost: nobody knows its content files, and they are all that is left of the mail.
        this.#cleaned = true;
        const tx = new Transaction(db);
        addFirstMailboxes(tx);
        tx.finish();
      });
    } catch (error) {
      this.#leave();
      throw error;
    }
    this.#db.impatient(BLOCK_MS);
    this.generation++;
    this.lastUsed = performance.now();
    this.pool.opened(this);
    this.#tidy.start(TIDY_MS);
  }

  #enterFirst(): void {
    try {
      this.#presence.enter();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      makeFolder(this.folder);
      this.#presence.enter();
    }
  }

  /** What was left undone when the database was closed: files that a killed process left go, what is due is purged, and mail parsed. */
  #tidyUp(): void {
    const db = this.#db;
    if (!db || this.#closed) return;
    if (hasDue(db, this.keep)) this.expunged();
    if (this.parsing.pending(db)) this.search.arrived(0);
    if (this.#cleaned) return;
    // A file in hand is not in the database yet.
    if (this.#holds > 0) return this.#tidy.start(TIDY_MS);
    this.#cleaned = this.#presence.alone(() => removeFiles(this.content, orphans(db, this.content)));
    if (!this.#cleaned) this.#tidy.start(TIDY_RETRY_MS);
  }

  /** Makes the account's files stay while they are in use. @returns what ends it */
  hold(): () => void {
    this.#presence.enter();
    this.#holds++;
    let held = true;
    return () => {
      if (held) this.#holds--;
      held = false;
      this.#leave();
    };
  }

  /** What is expunged above `told` stays from here on, whoever purges. */
  pin(mailbox: MailboxId, told: ModSeq): Pin {
    this.#presence.enter();
    const pin = this.pins.add(mailbox, told);
    if (!this.#presence.tell(this.pins.floors())) this.#tell.start(TELL_MS);
    return pin;
  }

  #leave(): void {
    if (!this.#db && this.#holds === 0 && this.pins.size === 0) this.#presence.leave();
  }

  #moved(): void {
    if (this.#pending) this.#purge.start(PURGE_MS);
    this.#leave();
    if (this.#presence.held) this.#tell.start(TELL_MS);
  }

  /** Up to where sessions know; what they were the last to hear of may go now. */
  #tellOthers(): void {
    if (!this.#presence.tell(this.pins.floors())) this.#tell.start(TELL_MS);
    if (this.#db && hasDue(this.#db, this.keep)) this.expunged();
  }

  /** Something was expunged. */
  expunged(): void {
    this.#pending = true;
    this.#purge.start(PURGE_MS);
  }

  /**
   * There was a commit. What is "full" may be told only when `log` says that it is safe.
   * @param pages that it wrote, about
   */
  committed(durability: Durability, pages: number): void {
    if (durability === "full" || this.alwaysFull) this.log.committed();
    else this.log.soon();
    this.#logPages += pages;
    if (this.#logPages > MANY_LOG_PAGES) this.#checkpoint();
  }

  /** Copies the log into the database. */
  #checkpoint(): void {
    if (this.#checkpointing) return;
    this.#logPages = 0;
    this.#checkpointing = this.checkpoints.run(`${this.folder}/mail.db`).finally(() => this.#checkpointing = undefined);
  }

  /** Purges all that is due; stops at what sessions, here or elsewhere, have not been told of. */
  async purge(): Promise<void> {
    for (;;) {
      const next = await this.use((db) => this.#purgeOnce(db));
      if (next === undefined || next === PURGE_RETRY_MS) return;
      await delay(next);
    }
  }

  async #purgeSoon(): Promise<void> {
    if (this.#closed) return;
    const next = await this.use((db) => this.#purgeOnce(db));
    if (next !== undefined) this.#purge.start(next);
  }

  /** @returns milliseconds to the next step; undefined: nothing to do until a session of this thread moves */
  #purgeOnce(db: AccountDatabase): number | undefined {
    const start = performance.now();
    let next: number | undefined;
    const ran = this.#presence.purging((others) => {
      let among = false;
      const floors = () => {
        const told = others();
        among = told?.length !== 0;
        return told && lowest([this.pins.floors(), ...told]);
      };
      const { files, emails, more, waiting } = purgeStep(db, floors, this.keep);
      removeFiles(this.content, files);
      if (emails > 0 && !more) this.search.purged();
      this.#pending = more || waiting;
      if (more) next = Math.max(PURGE_STEP_MS, PURGE_PAUSES * (performance.now() - start));
      else if (waiting && among) next = PURGE_RETRY_MS;
    });
    return ran ? next : PURGE_BUSY_MS;
  }

  /** See `MailStore.safe`. */
  safe(): Promise<void> | undefined {
    return this.log.safe()?.catch((error) => {
      throw storeFault(error);
    });
  }

  idle(): void {
    this.search.idle();
    if (!this.#db) return;
    // Closing copies what is left; the pool asks again.
    if (this.#logPages > FEW_LOG_PAGES && !this.#closed) this.#checkpoint();
    if (this.#checkpointing) return;
    const db = this.#db;
    this.#logPages = 0;
    this.#db = undefined;
    this.pool.closed(this);
    db.close();
    this.log.closed();
    this.#leave();
  }

  /** Ends all; the handle cannot be used again. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening?.catch(() => {});
    await this.#tidy.stop();
    await this.#purge.stop();
    await this.search.close();
    const end = performance.now() + PURGE_LAST_MS;
    while (this.#db && this.#pending && performance.now() < end) {
      const next = this.#purgeOnce(this.#db);
      if (next === undefined || next === PURGE_RETRY_MS || next === PURGE_BUSY_MS) break;
    }
    await this.#tell.stop();
    await this.log.close();
    await this.#checkpointing;
    this.idle();
    this.#presence.leave();
  }
}

function removeFiles(folder: string, names: readonly string[]): void {
  for (const name of names) {
    try {
      Deno.removeSync(`${folder}/${name}`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        log.error("a content file could not be removed", { folder, name, error });
      }
    }
  }
}
