/** MailStore of one account: each operation is one transaction, and what it changed is told to the memory index and the bell. */
import { type ByteSource, memorySource } from "../mime/source.ts";
import type { MailboxIndex } from "../index.ts";
import type {
  Appended,
  Column,
  Copied,
  Draft,
  Expunged,
  FlagChange,
  FlagsStored,
  Mailbox,
  MailboxStatus,
  MailStore,
  NewMessage,
  Pin,
  Row,
  Usage,
} from "../store.ts";
import type { Bell } from "../changes.ts";
import {
  type AccountId,
  type EmailId,
  type MailboxId,
  type MailboxName,
  type ModSeq,
  type SpecialUse,
  StoreError,
  type Uid,
  type UidRanges,
} from "../types.ts";
import { appendMessages, type PreparedMessage, prepareMessage } from "./append.ts";
import { log } from "./background.ts";
import { ContentDraft, FileSource } from "./content.ts";
import { copyMessages, moveMessages } from "./copy.ts";
import type { AccountDatabase, Durability } from "./database.ts";
import { storeFault } from "./errors.ts";
import { expunge, vanishedSince } from "./expunge.ts";
import { storeFlags } from "./flags.ts";
import type { AccountHandle } from "./handle.ts";
import type { IndexCache, IndexOwner } from "./indexcache.ts";
import * as mailboxes from "./mailboxes.ts";
import { MemoryIndex } from "./memoryindex.ts";
import { type Quota, quotaOf, usageOf } from "./quota.ts";
import { BatchReader } from "./read.ts";
import { readPlan } from "./readplan.ts";
import { loadAccount, loadMailbox } from "./rows.ts";
import { sql } from "./statements.ts";
import { Transaction } from "./transaction.ts";

const CONTENT = sql(`SELECT header.bytes, content.bytes, content.file FROM content
  JOIN header ON header.email_id = content.email_id WHERE content.email_id = ?`);

/** How long an account's own quota is remembered. */
const QUOTA_MS = 1000;

export class SqliteMailStore implements MailStore, IndexOwner {
  readonly indexes = new Map<MailboxId, MemoryIndex>();
  /** Raised when another process may have changed something. */
  #generation = 0;
  #seenHandle = -1;
  #seenVersion = -1;
  #quota: { value: Quota; until: number } | undefined;

  constructor(
    readonly handle: AccountHandle,
    readonly bell: Bell,
    readonly cache: IndexCache,
    readonly defaultQuota: Quota,
    readonly maxKeywords: number,
  ) {}

  get account(): AccountId {
    return this.handle.account;
  }

  pinned(mailbox: MailboxId): boolean {
    return this.handle.pins.has(mailbox);
  }

  #read<T>(work: (db: AccountDatabase) => T): Promise<T> {
    return this.handle.use((db) => db.read(() => work(db)));
  }

  #write<T>(durability: Durability, work: (tx: Transaction) => T): Promise<T> {
    return this.handle.use((db) => {
      const { result, tx } = db.write(durability, () => {
        const tx = new Transaction(db, this.maxKeywords);
        const result = work(tx);
        tx.finish();
        return { result, tx };
      });
      this.#committed(tx, durability);
      return result;
    });
  }

  /** Stands in the same turn as the commit, so that nobody sees an index that lags behind. */
  #committed(tx: Transaction, durability: Durability): void {
    for (const change of tx.changes) {
      const { mailbox } = change;
      const index = this.indexes.get(mailbox.id);
      if (change.removed.length > 0) this.handle.expunged();
      if (!index) continue;
      if (mailbox.removeSeq !== null) this.#drop(index);
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
    if (tx.taken === undefined) return;
    if (durability === "flags") this.handle.unflushed();
    this.bell.ring({ account: this.account, mailboxes: tx.changes.map(({ mailbox }) => mailbox.id), modseq: tx.taken });
  }

  #drop(index: MemoryIndex): void {
    this.indexes.delete(index.mailbox);
    this.cache.dropped(index);
  }

  /** Forgets all that is kept in memory. */
  forget(): void {
    for (const index of [...this.indexes.values()]) this.#drop(index);
  }

  async #limits(): Promise<Quota> {
    const now = performance.now();
    if (!this.#quota || this.#quota.until < now) {
      const account = await this.handle.directory.get(this.account);
      if (!account) throw new StoreError("nonexistent", "the account does not exist");
      this.#quota = { value: quotaOf(account, this.defaultQuota), until: now + QUOTA_MS };
    }
    return this.#quota.value;
  }

  async modseq(): Promise<ModSeq> {
    return await this.#read((db) => loadAccount(db).modseq as ModSeq);
  }

  async mailboxes(): Promise<Mailbox[]> {
    return await this.#read(mailboxes.listMailboxes);
  }

  async mailbox(name: MailboxName): Promise<Mailbox | undefined> {
    return await this.#read((db) => mailboxes.mailboxNamed(db, name));
  }

  async status(mailbox: MailboxId): Promise<MailboxStatus> {
    return await this.#read((db) => mailboxes.mailboxStatus(db, mailbox));
  }

  async subscriptions(): Promise<MailboxName[]> {
    return await this.#read(mailboxes.subscriptions);
  }

  async createMailbox(name: MailboxName, specialUse?: readonly SpecialUse[]): Promise<Mailbox> {
    return await this.#write("full", (tx) => mailboxes.createMailbox(tx, name, specialUse));
  }

  async deleteMailbox(name: MailboxName): Promise<void> {
    await this.#write("full", (tx) => mailboxes.deleteMailbox(tx, name));
  }

  async renameMailbox(from: MailboxName, to: MailboxName): Promise<void> {
    await this.#write("full", (tx) => mailboxes.renameMailbox(tx, from, to));
  }

  async setSubscribed(name: MailboxName, subscribed: boolean): Promise<void> {
    await this.#write("full", (tx) => mailboxes.setSubscribed(tx, name, subscribed));
  }

  async usage(): Promise<Usage> {
    const quota = await this.#limits();
    return await this.#read((db) => usageOf(loadAccount(db), quota));
  }

  async index(mailbox: MailboxId): Promise<MailboxIndex> {
    return await this.handle.use((db) => this.#index(db, mailbox));
  }

  #index(db: AccountDatabase, mailbox: MailboxId): MemoryIndex {
    const version = db.dataVersion();
    if (version !== this.#seenVersion || this.handle.generation !== this.#seenHandle) this.#generation++;
    this.#seenVersion = version;
    this.#seenHandle = this.handle.generation;
    const known = this.indexes.get(mailbox);
    if (known?.generation === this.#generation) {
      this.cache.used(known, this);
      return known;
    }
    try {
      const index = db.read(() => {
        const row = loadMailbox(db, mailbox);
        if (!row) throw new StoreError("nonexistent", "the mailbox does not exist");
        if (!known) return new MemoryIndex(db, row);
        known.refresh(db, row);
        return known;
      });
      index.generation = this.#generation;
      this.indexes.set(mailbox, index);
      this.cache.used(index, this);
      return index;
    } catch (error) {
      if (known) this.#drop(known);
      throw error;
    }
  }

  pin(mailbox: MailboxId, told: ModSeq): Pin {
    return this.handle.pin(mailbox, told);
  }

  async claimRecent(mailbox: MailboxId): Promise<Uid> {
    const now = await this.#read((db) => loadMailbox(db, mailbox));
    if (!now) throw new StoreError("nonexistent", "the mailbox does not exist");
    if (now.recentUid === now.uidNext) return now.uidNext as Uid;
    return await this.#write("flags", (tx) => {
      const row = tx.mailbox(mailbox);
      const first = row.recentUid as Uid;
      row.recentUid = row.uidNext;
      row.recent = 0;
      tx.count(row);
      return first;
    });
  }

  async vanishedSince(mailbox: MailboxId, since: ModSeq, ranges: UidRanges): Promise<UidRanges> {
    return await this.#read((db) => vanishedSince(db, mailbox, since, ranges));
  }

  async draft(sizeHint: number): Promise<Draft> {
    await this.handle.use(() => {});
    return new ContentDraft(this.handle.content, sizeHint, () => this.handle.hold());
  }

  async append(mailbox: MailboxName, messages: readonly NewMessage[]): Promise<Appended> {
    try {
      const quota = await this.#limits();
      const prepared: PreparedMessage[] = [];
      for (const message of messages) prepared.push(await prepareMessage(message, this.handle.content));
      const appended = await this.#write("full", (tx) => appendMessages(tx, mailbox, prepared, quota));
      for (const { draft } of prepared) draft.taken();
      return appended;
    } catch (error) {
      throw storeFault(error);
    } finally {
      for (const { draft } of messages) await draft.discard();
    }
  }

  async storeFlags(mailbox: MailboxId, uids: UidRanges, change: FlagChange): Promise<FlagsStored> {
    return await this.#write("flags", (tx) => storeFlags(tx, mailbox, uids, change));
  }

  async expunge(mailbox: MailboxId, uids?: UidRanges): Promise<Expunged> {
    return await this.#write("full", (tx) => expunge(tx, mailbox, uids));
  }

  async copy(from: MailboxId, uids: UidRanges, to: MailboxName): Promise<Copied> {
    const quota = await this.#limits();
    return await this.#write("full", (tx) => copyMessages(tx, from, uids, to, quota));
  }

  async move(from: MailboxId, uids: UidRanges, to: MailboxName): Promise<Copied> {
    return await this.#write("full", (tx) => moveMessages(tx, from, uids, to));
  }

  async *read<const C extends readonly Column[]>(
    mailbox: MailboxId,
    uids: UidRanges,
    columns: C,
    told: ModSeq,
  ): AsyncIterable<Row<C>[]> {
    const reader = new BatchReader(mailbox, uids, readPlan(columns), told);
    for (;;) {
      const rows = await this.handle.use((db) => reader.next(db));
      if (!rows) return;
      yield rows as unknown as Row<C>[];
    }
  }

  async content(email: EmailId): Promise<(ByteSource & Disposable) | undefined> {
    return await this.handle.use((db) => {
      const row = db.row<[Uint8Array, Uint8Array | null, string | null]>(CONTENT, email);
      if (!row) return undefined;
      const [header, body, file] = row;
      if (file !== null) {
        return FileSource.open(`${this.handle.content}/${file}`, this.handle.hold());
      }
      const bytes = new Uint8Array(header.length + (body?.length ?? 0));
      bytes.set(header);
      if (body) bytes.set(body, header.length);
      return { ...memorySource(bytes), [Symbol.dispose]() {} };
    });
  }
}
