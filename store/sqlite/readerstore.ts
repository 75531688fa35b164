/**
 * One account's mail as another account sees it. What the reader may do is not decided here; what differs for a reader is: \Seen and
 * private annotations are its own, special uses and \Recent are the owner's alone.
 */
import { ALL_FLAGS, Flag, type FlagMask, maskedFlags } from "../flags.ts";
import type { MailboxIndex } from "../index.ts";
import type { Needle, TextQuery, TextsFound, TextsKnown } from "../search.ts";
import type { ByteSource } from "../mime/source.ts";
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
import {
  type AccountId,
  type EmailId,
  type MailboxId,
  type MailboxName,
  MAX_UID,
  type ModSeq,
  type SpecialUse,
  type Uid,
  type UidRanges,
} from "../types.ts";
import { annotations, annotationsSince, setAnnotations } from "./annotations.ts";
import { copyMessages, moveMessages } from "./copy.ts";
import { expunge } from "./expunge.ts";
import type { SqliteMailStore } from "./mailstore.ts";
import type { AccountDatabase } from "./database.ts";
import { mailboxStatus } from "./mailboxes.ts";
import { countSeen, loadMarks, type Mark, mark, marksSince, readerModSeq, seenIn } from "./marks.ts";
import { ReaderIndex } from "./readerindex.ts";
import { storeReaderFlags } from "./readers.ts";
import type { Transaction } from "./transaction.ts";

/** Mailboxes whose index is kept for a reader. */
const MOST_INDEXES = 20;

export class ReaderMailStore implements MailStore {
  readonly #indexes = new Map<MailboxId, ReaderIndex>();

  constructor(readonly base: SqliteMailStore, readonly reader: AccountId) {}

  get account(): AccountId {
    return this.base.account;
  }

  modseq(): Promise<ModSeq> {
    return this.base.modseq();
  }

  safe(): Promise<void> | undefined {
    return this.base.safe();
  }

  async mailboxes(): Promise<readonly Mailbox[]> {
    return (await this.base.mailboxes()).map(asShared);
  }

  async mailbox(name: MailboxName): Promise<Mailbox | undefined> {
    const mailbox = await this.base.mailbox(name);
    return mailbox && asShared(mailbox);
  }

  async status(mailbox: MailboxId): Promise<MailboxStatus> {
    return await this.base.reading((db) => {
      const status = mailboxStatus(db, mailbox);
      const modseq = readerModSeq(db, mailbox, this.reader);
      return {
        ...status,
        unseen: status.messages - countSeen(db, mailbox, this.reader),
        recent: 0,
        highestModSeq: Math.max(status.highestModSeq, modseq) as ModSeq,
      };
    });
  }

  async statuses(): Promise<ReadonlyMap<MailboxId, MailboxStatus>> {
    const statuses = new Map<MailboxId, MailboxStatus>();
    for (const { id } of await this.base.mailboxes()) statuses.set(id, await this.status(id));
    return statuses;
  }

  /** The owner's are nobody else's business. */
  subscriptions(): Promise<MailboxName[]> {
    return Promise.resolve([]);
  }

  async createMailbox(name: MailboxName, specialUse?: readonly SpecialUse[]): Promise<Mailbox> {
    return asShared(await this.base.createMailbox(name, specialUse));
  }

  deleteMailbox(name: MailboxName): Promise<void> {
    return this.base.deleteMailbox(name);
  }

  renameMailbox(from: MailboxName, to: MailboxName): Promise<void> {
    return this.base.renameMailbox(from, to);
  }

  setSubscribed(): Promise<void> {
    throw new Error("subscriptions of a reader are kept in its own account");
  }

  usage(): Promise<Usage> {
    return this.base.usage();
  }

  async index(mailbox: MailboxId, look?: Look): Promise<MailboxIndex> {
    const known = this.#indexes.get(mailbox);
    const index = await this.base.reading((db) => {
      // Read first, so that the snapshot stands before the base is compared with it.
      const marked = readerModSeq(db, mailbox, this.reader);
      const base = this.base.indexIn(db, mailbox, look);
      if (known?.isCurrent(base, marked)) return known;
      return new ReaderIndex(base, this.#marks(db, known, base, marked), marked);
    });
    this.#indexes.delete(mailbox);
    this.#indexes.set(mailbox, index);
    if (this.#indexes.size > MOST_INDEXES) {
      for (const oldest of this.#indexes.keys()) {
        this.#indexes.delete(oldest);
        break;
      }
    }
    return index;
  }

  #marks(
    db: AccountDatabase,
    known: ReaderIndex | undefined,
    { mailbox, list }: MailboxIndex,
    marked: number,
  ): ReadonlyMap<number, Mark> {
    // Marks of removed messages are left in memory until they are many.
    if (known && known.marks.size <= 2 * list.count) {
      return known.marked === marked
        ? known.marks
        : known.marksWith(marksSince(db, mailbox, this.reader, known.marked));
    }
    return new Map(loadMarks(db, mailbox, this.reader).map((mark) => [mark[0], mark]));
  }

  pin(mailbox: MailboxId, told: ModSeq): Pin {
    return this.base.pin(mailbox, told);
  }

  /** None is. */
  claimRecent(): Promise<Uid> {
    return Promise.resolve(MAX_UID);
  }

  vanishedSince(mailbox: MailboxId, since: ModSeq, ranges: UidRanges): Promise<UidRanges> {
    return this.base.vanishedSince(mailbox, since, ranges);
  }

  draft(sizeHint: number): Promise<Draft> {
    return this.base.draft(sizeHint);
  }

  /** Delivery is nobody's own. */
  deliver(
    mailboxes: readonly MailboxName[],
    message: NewMessage,
    options?: { readonly suppressSeconds?: number },
  ): Promise<readonly Delivered[]> {
    return this.base.deliver(mailboxes, message, options);
  }

  append(
    mailbox: MailboxName,
    messages: readonly NewMessage[],
    options: { readonly overQuota?: boolean } = {},
  ): Promise<Appended> {
    return this.base.append(mailbox, messages.map(withoutSeen), {
      ...options,
      after: (tx, appended) => this.#markNew(tx, appended, messages),
    });
  }

  importMessages(): Promise<void> {
    throw new Error("mail is imported into the owner's account");
  }

  replace(from: MailboxId, uid: Uid, to: MailboxName, message: NewMessage): Promise<Appended> {
    return this.base.replace(
      from,
      uid,
      to,
      withoutSeen(message),
      (tx, appended) => this.#markNew(tx, appended, [message]),
    );
  }

  #markNew(tx: Transaction, { mailbox, uids }: Appended, messages: readonly NewMessage[]): void {
    const seen = uids.filter((_, at) => messages[at].flags.fixed & Flag.Seen);
    mark(tx, mailbox.id, this.reader, seen, true);
  }

  storeFlags(mailbox: MailboxId, uids: UidRanges, change: FlagChange): Promise<FlagsStored> {
    return this.base.writing("flags", (tx) => storeReaderFlags(tx, mailbox, this.reader, uids, change));
  }

  expunge(mailbox: MailboxId, uids?: UidRanges): Promise<Expunged> {
    return this.base.writing("full", (tx) => expunge(tx, mailbox, uids));
  }

  remove(mailbox: MailboxId, uids: UidRanges): Promise<Expunged> {
    return this.base.remove(mailbox, uids);
  }

  async copy(from: MailboxId, uids: UidRanges, to: MailboxName, allowed: FlagMask = ALL_FLAGS): Promise<Copied> {
    const quota = await this.base.limits();
    return await this.base.writing("full", (tx) => {
      const seen = seenIn(tx, from, this.reader, uids);
      return this.#markCopies(tx, copyMessages(tx, from, uids, to, quota, allowed | Flag.Seen), seen, allowed);
    });
  }

  move(from: MailboxId, uids: UidRanges, to: MailboxName, allowed: FlagMask = ALL_FLAGS): Promise<Copied> {
    return this.base.writing("full", (tx) => {
      const seen = seenIn(tx, from, this.reader, uids);
      return this.#markCopies(tx, moveMessages(tx, from, uids, to, allowed | Flag.Seen), seen, allowed);
    });
  }

  /** The owner's \Seen comes along with the message; the reader's is the reader's to keep. */
  #markCopies(tx: Transaction, copied: Copied, seen: ReadonlySet<number>, allowed: number): Copied {
    const { destination, sourceUids, destinationUids } = copied;
    if (allowed & Flag.Seen) {
      mark(tx, destination.id, this.reader, destinationUids.filter((_, at) => seen.has(sourceUids[at])), true);
    }
    return { ...copied, destination: asShared(destination), modseq: tx.modseq };
  }

  find(mailbox: MailboxId, uids: UidRanges, needles: readonly Needle[]): AsyncIterable<TextsFound> {
    return this.base.find(mailbox, uids, needles);
  }

  async *readPacked(
    mailbox: MailboxId,
    uids: UidRanges,
    columns: readonly PackedColumn[],
    told: ModSeq,
  ): AsyncIterable<PackedRows> {
    for await (const rows of this.base.readPacked(mailbox, uids, columns, told)) {
      if (columns.includes("flagWord")) {
        const words = rows.numbers("flagWord");
        for (let i = 0; i < words.length; i++) words[i] &= ~Flag.Seen;
      }
      yield rows;
    }
  }

  async *read<const C extends readonly Column[]>(
    mailbox: MailboxId,
    uids: UidRanges,
    columns: C,
    told: ModSeq,
  ): AsyncIterable<Row<C>[]> {
    const at = columns.indexOf("flagWord");
    for await (const rows of this.base.read(mailbox, uids, columns, told)) {
      // Asked for messages that are gone: whether this reader saw them is not known any more.
      if (at >= 0) { for (const row of rows as unknown as number[][]) row[at] &= ~Flag.Seen; }
      yield rows;
    }
  }

  annotations(mailbox: MailboxId | null): Promise<readonly Annotation[]> {
    return this.base.reading((db) => annotations(db, mailbox, this.reader));
  }

  setAnnotations(
    mailbox: MailboxId | null,
    changes: readonly { readonly entry: string; readonly value: Uint8Array | null }[],
  ): Promise<ModSeq | undefined> {
    const { annotationLimits } = this.base;
    return this.base.writing("full", (tx) => setAnnotations(tx, mailbox, this.reader, changes, annotationLimits));
  }

  annotationsSince(since: ModSeq): Promise<readonly AnnotationNotice[]> {
    return this.base.reading((db) => annotationsSince(db, this.reader, since));
  }

  match(mailbox: MailboxId, uids: Uint32Array, queries: readonly TextQuery[]): Promise<(TextsKnown | undefined)[]> {
    return this.base.match(mailbox, uids, queries);
  }

  content(email: EmailId): Promise<(ByteSource & Disposable) | undefined> {
    return this.base.content(email);
  }
}

function asShared(mailbox: Mailbox): Mailbox {
  return { ...mailbox, specialUse: [], subscribed: false };
}

function withoutSeen(message: NewMessage): NewMessage {
  return { ...message, flags: maskedFlags(message.flags, ~Flag.Seen) };
}
