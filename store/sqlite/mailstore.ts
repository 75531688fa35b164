/** MailStore of one account: each operation is one transaction, and what it changed is told to the memory index and the bell. */
import type { ByteSource } from "../mime/source.ts";
import type { MailboxIndex } from "../index.ts";
import type { FlagMask } from "../flags.ts";
import type {
  Annotation,
  AnnotationNotice,
  Appended,
  Column,
  Copied,
  Delivered,
  Draft,
  Expunged,
  FlagChange,
  FlagsStored,
  ImportedMessage,
  Look,
  Mailbox,
  MailboxStatus,
  MailStore,
  NewMessage,
  PackedColumn,
  PackedRows,
  Pin,
  Row,
  Usage,
} from "../store.ts";
import type { Bell } from "../changes.ts";
import type { Needle, TextQuery, TextsFound, TextsKnown } from "../search.ts";
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
import { AccountIndexes } from "./accountindexes.ts";
import { type AnnotationLimits, annotations, annotationsSince, setAnnotations } from "./annotations.ts";
import { appendMessages, importMessages, type PreparedMessage, prepareMessage } from "./append.ts";
import { log } from "./background.ts";
import { batches } from "./batches.ts";
import { ContentDraft } from "./content.ts";
import { copyMessages, moveMessages } from "./copy.ts";
import { deliverMessage } from "./deliver.ts";
import type { AccountDatabase, Durability } from "./database.ts";
import { storeFault } from "./errors.ts";
import { expunge, removeUids, vanishedSince } from "./expunge.ts";
import { indexedFlags } from "./flagcolumns.ts";
import { storeFlags } from "./flags.ts";
import type { AccountHandle } from "./handle.ts";
import type { IndexCache } from "./indexcache.ts";
import { KnownMailboxes } from "./knownmailboxes.ts";
import * as mailboxes from "./mailboxes.ts";
import { PackedReader } from "./packedread.ts";
import { NO_QUOTA, type Quota, quotaOf, usageOf } from "./quota.ts";
import { BatchReader } from "./read.ts";
import { ReaderMailStore } from "./readerstore.ts";
import { openContent } from "./opencontent.ts";
import { parsedFor, readPlan } from "./readplan.ts";
import { replaceMessage } from "./replace.ts";
import { loadAccount, loadMailbox } from "./rows.ts";
import { TextFinder } from "./textfinder.ts";
import { Transaction } from "./transaction.ts";

/** How long an account's own quota is remembered. */
const QUOTA_MS = 1000;

export class SqliteMailStore implements MailStore {
  readonly #indexes: AccountIndexes;
  readonly #mailboxes = new KnownMailboxes();
  readonly #views = new Map<AccountId, MailStore>();
  #quota: { value: Quota; until: number; version: number } | undefined;

  constructor(
    readonly handle: AccountHandle,
    readonly bell: Bell,
    cache: IndexCache,
    readonly defaultQuota: Quota,
    readonly maxKeywords: number,
    readonly annotationLimits: AnnotationLimits,
    /** Forgets who may use a mailbox that is gone. */
    readonly forgetAcl: (mailbox: MailboxId) => Promise<void>,
  ) {
    this.#indexes = new AccountIndexes(handle, cache);
  }

  get account(): AccountId {
    return this.handle.account;
  }

  get reader(): AccountId {
    return this.account;
  }

  /** The same mail as another account sees it. */
  seenBy(reader: AccountId): MailStore {
    let view = this.#views.get(reader);
    if (!view) this.#views.set(reader, view = new ReaderMailStore(this, reader));
    return view;
  }

  /** Runs reads on one snapshot; a single statement has one by itself. */
  #read<T>(work: (db: AccountDatabase) => T): Promise<T> {
    return this.handle.use((db) => db.read(() => work(db)));
  }

  #write<T>(durability: Durability, work: (tx: Transaction) => T): Promise<T> {
    return this.handle.use((db) => {
      const { result, tx } = db.write("flags", () => {
        const tx = new Transaction(db, this.maxKeywords);
        const result = work(tx);
        tx.finish();
        return { result, tx };
      });
      this.#committed(tx, durability);
      return result;
    });
  }

  /** Runs reads on one snapshot, for those who look at this mail in another way. */
  reading<T>(work: (db: AccountDatabase) => T): Promise<T> {
    return this.#read(work);
  }

  /** Runs a write transaction for them. */
  writing<T>(durability: Durability, work: (tx: Transaction) => T): Promise<T> {
    return this.#write(durability, work);
  }

  #committed(tx: Transaction, durability: Durability): void {
    if (tx.relisted) this.#mailboxes.forget();
    if (tx.db.changed) this.handle.committed(durability, tx.pages);
    this.#indexes.committed(tx.changes);
    if (tx.changes.some(({ removed }) => removed.length > 0)) this.handle.expunged();
    if (tx.newEmails > 0) {
      this.handle.search.arrived(tx.newEmails);
      this.handle.parsing.keepUp(tx.db, tx.account.emailId);
    }
    if (tx.taken === undefined) return;
    const mailboxes = new Set([...tx.changes.map(({ mailbox }) => mailbox.id), ...tx.marked]);
    this.bell.ring({ account: this.account, mailboxes: [...mailboxes], modseq: tx.taken });
  }

  safe(): Promise<void> | undefined {
    return this.handle.safe();
  }

  /** Nothing is open, and nobody holds anything. */
  get unused(): boolean {
    return this.handle.unused && !this.#indexes.waiting;
  }

  /** Forgets all that is kept in memory. */
  forget(): void {
    this.#indexes.forget();
    this.#mailboxes.forget();
  }

  /** Ends all; it cannot be used again. */
  async close(): Promise<void> {
    await this.#indexes.close();
    this.forget();
    await this.handle.close();
  }

  async limits(): Promise<Quota> {
    const now = performance.now();
    const version = this.handle.directory.quotaVersion;
    if (!this.#quota || this.#quota.until < now || this.#quota.version !== version) {
      const account = await this.handle.directory.get(this.account);
      if (!account) throw new StoreError("nonexistent", "the account does not exist");
      this.#quota = { value: quotaOf(account, this.defaultQuota), until: now + QUOTA_MS, version };
    }
    return this.#quota.value;
  }

  modseq(): Promise<ModSeq> {
    return this.handle.use((db) => loadAccount(db).modseq as ModSeq);
  }

  mailboxes(): Promise<readonly Mailbox[]> {
    return this.handle.use((db) => this.#mailboxes.all(db, this.handle.generation));
  }

  mailbox(name: MailboxName): Promise<Mailbox | undefined> {
    return this.handle.use((db) => this.#mailboxes.named(db, this.handle.generation, name));
  }

  status(mailbox: MailboxId): Promise<MailboxStatus> {
    return this.handle.use((db) => mailboxes.mailboxStatus(db, mailbox));
  }

  statuses(): Promise<ReadonlyMap<MailboxId, MailboxStatus>> {
    return this.handle.use(mailboxes.mailboxStatuses);
  }

  subscriptions(): Promise<MailboxName[]> {
    return this.handle.use(mailboxes.subscriptions);
  }

  createMailbox(name: MailboxName, specialUse?: readonly SpecialUse[]): Promise<Mailbox> {
    return this.#write("full", (tx) => mailboxes.createMailbox(tx, name, specialUse));
  }

  async deleteMailbox(name: MailboxName): Promise<void> {
    const removed = await this.#write("full", (tx) => {
      const { id } = tx.named(name);
      mailboxes.deleteMailbox(tx, name);
      return id;
    });
    await this.safe(); // the list goes for good: the mailbox must not come back without it
    try {
      await this.forgetAcl(removed);
    } catch (error) {
      // It gives nobody anything: the mailbox is gone, and its number is never used again.
      log.error("an access control list could not be removed", { error });
    }
  }

  async renameMailbox(from: MailboxName, to: MailboxName): Promise<void> {
    await this.#write("full", (tx) => mailboxes.renameMailbox(tx, from, to));
  }

  async setSubscribed(name: MailboxName, subscribed: boolean): Promise<void> {
    await this.#write("full", (tx) => mailboxes.setSubscribed(tx, name, subscribed));
  }

  async usage(): Promise<Usage> {
    const quota = await this.limits();
    return await this.handle.use((db) => usageOf(loadAccount(db), quota));
  }

  index(mailbox: MailboxId, look?: Look): Promise<MailboxIndex> {
    return this.handle.use((db) => this.#indexes.get(db, mailbox, look));
  }

  /** The index, within a transaction on the database. */
  indexIn(db: AccountDatabase, mailbox: MailboxId, look?: Look): MailboxIndex {
    return this.#indexes.get(db, mailbox, look);
  }

  pin(mailbox: MailboxId, told: ModSeq): Pin {
    return this.handle.pin(mailbox, told);
  }

  async claimRecent(mailbox: MailboxId): Promise<Uid> {
    // Messages that are in no index yet are nobody's: they are claimed when they are told.
    const known = this.#indexes.known(mailbox);
    if (known && known.recentUid >= known.uidNext) return known.uidNext;
    const now = await this.handle.use((db) => loadMailbox(db, mailbox));
    if (!now) throw new StoreError("nonexistent", "the mailbox does not exist");
    if (now.recentUid === now.uidNext) return now.uidNext as Uid;
    const { first, next } = await this.#write("flags", (tx) => {
      const row = tx.mailbox(mailbox);
      const first = row.recentUid as Uid;
      row.recentUid = row.uidNext;
      row.recent = 0;
      tx.count(row);
      return { first, next: row.uidNext };
    });
    this.#indexes.claimed(mailbox, next);
    return first;
  }

  vanishedSince(mailbox: MailboxId, since: ModSeq, ranges: UidRanges): Promise<UidRanges> {
    return this.#read((db) => vanishedSince(db, mailbox, since, ranges));
  }

  async draft(sizeHint: number): Promise<Draft> {
    await this.handle.use(() => {});
    return new ContentDraft(this.handle.content, sizeHint, () => this.handle.hold());
  }

  /** @param options.after runs in the same transaction */
  async append(
    mailbox: MailboxName,
    messages: readonly NewMessage[],
    { overQuota = false, after }: { overQuota?: boolean; after?: (tx: Transaction, appended: Appended) => void } = {},
  ): Promise<Appended> {
    try {
      const quota = overQuota ? NO_QUOTA : await this.limits();
      const prepared: PreparedMessage[] = [];
      for (const message of messages) prepared.push(await prepareMessage(message, this.handle.content));
      const appended = await this.#write("full", (tx) => {
        const appended = appendMessages(tx, mailbox, prepared, quota);
        after?.(tx, appended);
        return { ...appended, modseq: tx.modseq };
      });
      for (const { draft } of prepared) draft.taken();
      return appended;
    } catch (error) {
      throw storeFault(error);
    } finally {
      for (const { draft } of messages) await draft.discard();
    }
  }

  async deliver(
    mailboxes: readonly MailboxName[],
    message: NewMessage,
    { suppressSeconds = 0 }: { readonly suppressSeconds?: number } = {},
  ): Promise<readonly Delivered[]> {
    try {
      const quota = await this.limits();
      const prepared = await prepareMessage(message, this.handle.content);
      const delivered = await this.#write(
        "full",
        (tx) => deliverMessage(tx, mailboxes, prepared, quota, suppressSeconds),
      );
      if (delivered.some(({ uid }) => uid !== undefined)) prepared.draft.taken();
      await this.safe();
      return delivered;
    } catch (error) {
      throw storeFault(error);
    } finally {
      await message.draft.discard();
    }
  }

  async importMessages(messages: readonly ImportedMessage[]): Promise<void> {
    try {
      const prepared: PreparedMessage<ImportedMessage>[] = [];
      for (const message of messages) prepared.push(await prepareMessage(message, this.handle.content));
      await this.#write("full", (tx) => importMessages(tx, prepared));
      for (const { draft } of prepared) draft.taken();
      await this.safe();
    } catch (error) {
      throw storeFault(error);
    } finally {
      for (const { draft } of messages) await draft.discard();
    }
  }

  /** @param after runs in the same transaction */
  async replace(
    from: MailboxId,
    uid: Uid,
    to: MailboxName,
    message: NewMessage,
    after?: (tx: Transaction, appended: Appended) => void,
  ): Promise<Appended> {
    try {
      const quota = await this.limits();
      const prepared = await prepareMessage(message, this.handle.content);
      const appended = await this.#write("full", (tx) => {
        const appended = replaceMessage(tx, from, uid, to, prepared, quota);
        after?.(tx, appended);
        return { ...appended, modseq: tx.modseq };
      });
      prepared.draft.taken();
      return appended;
    } catch (error) {
      throw storeFault(error);
    } finally {
      await message.draft.discard();
    }
  }

  storeFlags(mailbox: MailboxId, uids: UidRanges, change: FlagChange): Promise<FlagsStored> {
    return this.#write("flags", (tx) => {
      const index = this.#indexes.get(tx.db, mailbox);
      return storeFlags(tx, mailbox, indexedFlags(index, uids), change);
    });
  }

  expunge(mailbox: MailboxId, uids?: UidRanges): Promise<Expunged> {
    return this.#write("full", (tx) => expunge(tx, mailbox, uids));
  }

  remove(mailbox: MailboxId, uids: UidRanges): Promise<Expunged> {
    return this.#write("full", (tx) => removeUids(tx, mailbox, uids));
  }

  async copy(from: MailboxId, uids: UidRanges, to: MailboxName, allowed?: FlagMask): Promise<Copied> {
    const quota = await this.limits();
    return await this.#write("full", (tx) => copyMessages(tx, from, uids, to, quota, allowed));
  }

  move(from: MailboxId, uids: UidRanges, to: MailboxName, allowed?: FlagMask): Promise<Copied> {
    return this.#write("full", (tx) => moveMessages(tx, from, uids, to, allowed));
  }

  annotations(mailbox: MailboxId | null): Promise<readonly Annotation[]> {
    return this.#read((db) => annotations(db, mailbox, undefined));
  }

  setAnnotations(
    mailbox: MailboxId | null,
    changes: readonly { readonly entry: string; readonly value: Uint8Array | null }[],
  ): Promise<ModSeq | undefined> {
    return this.#write("full", (tx) => setAnnotations(tx, mailbox, undefined, changes, this.annotationLimits));
  }

  annotationsSince(since: ModSeq): Promise<readonly AnnotationNotice[]> {
    return this.#read((db) => annotationsSince(db, undefined, since));
  }

  read<const C extends readonly Column[]>(
    mailbox: MailboxId,
    uids: UidRanges,
    columns: C,
    told: ModSeq,
  ): AsyncIterable<Row<C>[]> {
    const plan = readPlan(columns);
    return batches(this.handle, { mailbox, uids, parsed: parsedFor(columns) }, (uids) => {
      const reader = new BatchReader(mailbox, uids, plan, told);
      return (db) => reader.next(db) as unknown as Row<C>[] | undefined;
    });
  }

  readPacked(
    mailbox: MailboxId,
    uids: UidRanges,
    columns: readonly PackedColumn[],
    told: ModSeq,
  ): AsyncIterable<PackedRows> {
    return batches(this.handle, { mailbox, uids, parsed: parsedFor(columns) }, (uids) => {
      const reader = new PackedReader(mailbox, uids, columns, told);
      return (db) => reader.next(db);
    });
  }

  find(mailbox: MailboxId, uids: UidRanges, needles: readonly Needle[]): AsyncIterable<TextsFound> {
    return batches(this.handle, { mailbox, uids, parsed: "flags" }, (uids) => {
      const finder = new TextFinder(mailbox, uids, needles);
      return (db) => finder.next(db);
    });
  }

  async match(
    mailbox: MailboxId,
    uids: Uint32Array,
    queries: readonly TextQuery[],
  ): Promise<(TextsKnown | undefined)[]> {
    const emails = await this.handle.use((db) => this.#indexes.emailsOf(db, mailbox, uids));
    return await this.handle.search.lookUp(emails, uids.length, queries);
  }

  content(email: EmailId): Promise<(ByteSource & Disposable) | undefined> {
    return this.handle.use((db) => openContent(db, this.handle, email));
  }
}
