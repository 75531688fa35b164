/**
 * What the server asks of storage. Every operation is atomic: it is wholly done when its promise resolves, or it throws and has
 * changed nothing. No transaction reaches outside, so a network database could stand behind this interface. After each commit
 * the bell is rung (see changes.ts).
 *
 * Durability: what is done survives a killed process. Changes of the directory survive power loss, too, and so do content,
 * expunge and mailbox changes once `MailStore.safe` has resolved: who tells anybody of what he did or saw waits for it first. So
 * one flush serves many operations. At a power cut at most the last second of flag changes is lost.
 */
import type { AccountId, EmailId, MailboxId, MailboxName, ModSeq, SpecialUse, Uid, UidRanges } from "./types.ts";
import type { FlagMask, FlagSet } from "./flags.ts";
import type { Rights } from "./rights.ts";
import type { MailboxIndex } from "./index.ts";
import type { Bell } from "./changes.ts";
import type { Mirrors } from "./mirrors.ts";
import type { Needle, TextQuery, TextsFound, TextsKnown } from "./search.ts";
import type { Upkeep } from "./upkeep.ts";
import type { Directory } from "./directory.ts";
import type { ByteSource } from "./mime/source.ts";

export type * from "./directory.ts";

export interface Store {
  readonly directory: Directory;
  readonly bell: Bell;
  /**
   * The mail of one account. Handles are shared and cheap to hold; the database beneath is opened on use and closed when idle.
   * The first use of a new account makes INBOX and the special-use mailboxes.
   * @throws {StoreError} nonexistent
   */
  mail(account: AccountId): MailStore;
  /** The same as another account sees it: its own \Seen and private annotations, no special uses, nothing \Recent. */
  mailFor(owner: AccountId, reader: AccountId): MailStore;
  /** What only an administrator or the server itself does to an account's mail. @throws {StoreError} nonexistent */
  upkeep(account: AccountId): Upkeep;
  /** Other servers' mailboxes that an account's mail is kept like. @throws {StoreError} nonexistent */
  mirrors(account: AccountId): Mirrors;
  /** Emails of the accounts in use that are not in their search index yet, about; accounts without any are not named. */
  readonly unindexed: ReadonlyMap<AccountId, number>;
  /** Who may do what with whose mailboxes. */
  readonly acl: Acl;
  /** Ends all work and closes all files. */
  close(): Promise<void>;
}

export interface Mailbox {
  readonly id: MailboxId;
  readonly name: MailboxName;
  readonly uidValidity: number;
  /** Stable over RENAME (RFC 8474 §4.1), `[A-Za-z0-9_-]{1,255}`. */
  readonly objectId: string;
  readonly specialUse: readonly SpecialUse[];
  readonly subscribed: boolean;
  readonly createSeq: ModSeq;
}

/** Counters, kept with each change, so reading them costs one row. */
export interface MailboxStatus {
  readonly messages: number;
  readonly unseen: number;
  /** Messages with \Deleted, and their bytes. */
  readonly deleted: number;
  readonly deletedSize: number;
  /** Bytes of all messages (RFC822.SIZE summed). */
  readonly size: number;
  readonly uidNext: Uid;
  readonly uidValidity: number;
  readonly highestModSeq: ModSeq;
  /** Messages that no rev1 session has been told of as \Recent. */
  readonly recent: number;
}

export interface Usage {
  readonly bytes: number;
  readonly messages: number;
  /** 0 is none. */
  readonly limitBytes: number;
  readonly limitMessages: number;
}

/** A message's bytes on their way in: memory up to the inline limit, then a temporary file. */
export interface Draft {
  readonly size: number;
  /** @throws {StoreError} diskfull */
  write(bytes: Uint8Array): Promise<void>;
  /** What was written; usable until the draft is appended or discarded. Only the last one asked for may be read. */
  source(): ByteSource;
  /** Forgets the bytes; harmless after an append that took them. */
  discard(): Promise<void>;
}

export interface NewMessage {
  readonly draft: Draft;
  readonly flags: FlagSet;
  /** Seconds since 1970; undefined is now. */
  readonly internalDate?: number;
}

/** A message as an administrator brings it. */
export interface ImportedMessage {
  readonly draft: Draft;
  readonly flags: FlagSet;
  /** Seconds since 1970. */
  readonly internalDate: number;
  /** At least one; its bytes are kept once. */
  readonly mailboxes: readonly MailboxName[];
}

export interface Appended {
  readonly mailbox: Mailbox;
  readonly uids: readonly Uid[];
  readonly modseq: ModSeq;
}

/** What a delivery did to one mailbox. */
export interface Delivered {
  readonly mailbox: Mailbox;
  /** None: the same message had come before. */
  readonly uid?: Uid;
}

export interface Copied {
  readonly destination: Mailbox;
  /** Pairs by position; ascending by source. Shorter than what was asked when messages were gone. */
  readonly sourceUids: readonly Uid[];
  readonly destinationUids: readonly Uid[];
  readonly modseq: ModSeq;
}

export interface FlagChange {
  readonly mode: "set" | "add" | "remove";
  readonly flags: FlagSet;
  /** RFC 7162 §3.1.3: messages with a higher modseq are left alone and reported in `modified`. */
  readonly unchangedSince?: ModSeq;
  /** Flags that may be changed, see `FlagMask`; others stay as they are. All of them unless given. */
  readonly allowed?: FlagMask;
}

export interface FlagsStored {
  /** The modseq that changed messages got; undefined when nothing changed. */
  readonly modseq?: ModSeq;
  /** Messages whose flags really changed, ascending. */
  readonly changed: readonly Uid[];
  /** Refused by unchangedSince, ascending. */
  readonly modified: readonly Uid[];
}

/** What can be read of a message without its content. Types by name in ColumnTypes. */
export interface ColumnTypes {
  uid: Uid;
  /** Flag word: fixed bits and inline keywords (see flags.ts). For messages no longer in the index. */
  flagWord: number;
  /** Keywords with numbers from INLINE_KEYWORDS on. */
  moreKeywords: readonly number[];
  modseq: ModSeq;
  /** Seconds since 1970. */
  internalDate: number;
  saveDate: number;
  size: number;
  emailId: EmailId;
  /** EmailId of the thread's first email. */
  threadId: EmailId;
  /** Days since 1970-01-01 of the Date header as written, its zone ignored; null without a date (RFC 9051 §6.4.4). */
  sentDay: number | null;
  /** Seconds since 1970 of the Date header in UTC; the internal date without one (RFC 5256 §2.2). */
  sentTime: number;
  /** 1: the subject is that of a reply or of a forwarded message (RFC 5256 §3 THREAD), 0: it is not. */
  isReply: number;
  /** Keys of i;unicode-casemap (RFC 5051): the base subject (RFC 5256 §2.1), */
  baseSubject: string;
  /** addr-mailbox of the first address, empty without one (RFC 5256 §3 SORT), */
  sortFrom: string;
  sortTo: string;
  sortCc: string;
  /** and RFC 5957 §3. */
  displayFrom: string;
  displayTo: string;
  /** The Message-ID as THREAD compares it: a hash of 8 characters, empty without one. */
  threadKey: string;
  /** Such hashes of References or, without them, of the first of In-Reply-To: 8 characters each, the nearest last. */
  threadReferences: string;
  /** Ready wire bytes, parentheses included: RFC 9051 §7.5.2. */
  envelope: Uint8Array;
  bodyStructure: Uint8Array;
  /** BODYSTRUCTURE without extension data. */
  body: Uint8Array;
  /** At most 200 characters (RFC 8970). */
  preview: string;
  /** Header with the empty line that ends it. */
  header: Uint8Array;
  /** Packed parts with offsets, see mime/structure.ts. */
  structure: Uint8Array;
  /** Case-folded decoded header fields, a line each: `name: value\n`, names in lower case. */
  searchHeaders: Uint8Array;
  /** Case-folded decoded text of all text parts and the headers of enclosed messages; null: not made yet, or too large to keep; read the content. */
  searchText: Uint8Array | null;
  /** All bytes, where they are kept inline; null: kept in a file, use `content()`. */
  inlineContent: Uint8Array | null;
}
export type Column = keyof ColumnTypes;

/** Columns that can be read packed. */
export type NumberColumn =
  | "uid"
  | "flagWord"
  | "modseq"
  | "internalDate"
  | "saveDate"
  | "size"
  | "emailId"
  | "threadId";
export type BytesColumn = "envelope" | "bodyStructure" | "body" | "header";
export type PackedColumn = NumberColumn | BytesColumn;

/** Some messages, column by column. Shared arrays, not to be changed. */
export interface PackedRows {
  readonly count: number;
  /** By message. @throws Error the column was not read */
  numbers(column: NumberColumn): Float64Array;
  /** @throws Error the column was not read */
  bytes(column: BytesColumn): PackedBytes;
}

/** The bytes of all messages one after another, and where those of each end. */
export interface PackedBytes {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

export type Row<C extends readonly Column[]> = { -readonly [K in keyof C]: ColumnTypes[C[K]] };

/** Whose commits are looked for. */
export type Look = "all" | "own";

/** Keeps what a session has not been told of readable. */
export interface Pin {
  /** The session has been told everything up to here; raise it, never lower it. */
  modseq: ModSeq;
  release(): void;
}

export interface Expunged {
  readonly modseq?: ModSeq;
  readonly uids: readonly Uid[];
}

/** Something said about a mailbox or the account (RFC 5464). */
export interface Annotation {
  /** Lower case, `/private/…` or `/shared/…`. */
  readonly entry: string;
  readonly value: Uint8Array;
  readonly modseq: ModSeq;
}

/** An entry that was set or removed. */
export interface AnnotationNotice {
  /** null: of the account. */
  readonly mailbox: MailboxId | null;
  readonly entry: string;
  readonly modseq: ModSeq;
}

/** An entry of a mailbox's access control list (RFC 4314 §2). */
export interface AclEntry {
  /** An address, `anyone`, or one of them behind `-` for rights that are taken away; as it was given. */
  readonly identifier: string;
  readonly rights: Rights;
}

/** A mailbox that another account shares. */
export interface Grant {
  readonly owner: AccountId;
  /** The owner's. */
  readonly address: string;
  readonly mailbox: MailboxId;
  readonly rights: Rights;
}

/**
 * Access control lists of all accounts. Owners are not in them: they have all rights. Identifiers compare without regard to case.
 * After a change the bell rings for the owner and, where one account is named, for that account.
 */
export interface Acl {
  /** In the order of identifiers. */
  entries(owner: AccountId, mailbox: MailboxId): Promise<AclEntry[]>;
  /** Replaces, extends or cuts the rights of an identifier; with none left, a replacement keeps the entry. @throws {StoreError} limit */
  change(
    owner: AccountId,
    mailbox: MailboxId,
    identifier: string,
    mode: "set" | "add" | "remove",
    rights: Rights,
  ): Promise<void>;
  /** Forgets an identifier; harmless where there is none. */
  remove(owner: AccountId, mailbox: MailboxId, identifier: string): Promise<void>;
  /** Gives `to` the entries of `from`, for a mailbox made below another (RFC 4314 §4 CREATE). */
  inherit(owner: AccountId, from: MailboxId, to: readonly MailboxId[]): Promise<void>;
  /** What the reader may do with a mailbox of somebody else. */
  rights(reader: AccountId, owner: AccountId, mailbox: MailboxId): Promise<Rights>;
  /** All mailboxes of others on which the reader has rights: one look-up. Some may be deleted by now. */
  granted(reader: AccountId): Promise<Grant[]>;
}

export interface MailStore {
  readonly account: AccountId;
  /** Who looks: the account itself, or the one that it shares mailboxes with. */
  readonly reader: AccountId;

  /** The highest modseq that a commit of this account has taken. */
  modseq(): Promise<ModSeq>;

  /** All mailboxes, in no promised order. */
  mailboxes(): Promise<readonly Mailbox[]>;
  mailbox(name: MailboxName): Promise<Mailbox | undefined>;
  /** @throws {StoreError} nonexistent */
  status(mailbox: MailboxId): Promise<MailboxStatus>;
  /** Of all mailboxes at once. */
  statuses(): Promise<ReadonlyMap<MailboxId, MailboxStatus>>;
  /** All names subscribed to, also of mailboxes that do not exist (RFC 9051 §6.3.7). */
  subscriptions(): Promise<MailboxName[]>;
  /** Makes missing parents; all new ones are subscribed. @throws {StoreError} alreadyexists, useattr, limit */
  createMailbox(name: MailboxName, specialUse?: readonly SpecialUse[]): Promise<Mailbox>;
  /** @throws {StoreError} nonexistent, haschildren, cannot (INBOX) */
  deleteMailbox(name: MailboxName): Promise<void>;
  /** Children move along. INBOX: its messages move to the new mailbox, INBOX stays (RFC 9051 §6.3.6). @throws {StoreError} */
  renameMailbox(from: MailboxName, to: MailboxName): Promise<void>;
  setSubscribed(name: MailboxName, subscribed: boolean): Promise<void>;

  usage(): Promise<Usage>;

  /**
   * The shared index of a mailbox, up to date with the last commit.
   * @param look "own": commits of other processes need not be in it, which saves looking for them
   * @throws {StoreError} nonexistent, also when deleted
   */
  index(mailbox: MailboxId, look?: Look): Promise<MailboxIndex>;
  /** What is expunged above `told`, or was and is still there, stays readable from here on: pin first, then read. */
  pin(mailbox: MailboxId, told: ModSeq): Pin;
  /**
   * Makes this session the one that is told of the new messages as \Recent (RFC 3501 §2.3.2): the first UID that was not told to
   * any before. Takes no modseq.
   */
  claimRecent(mailbox: MailboxId): Promise<Uid>;

  /** UIDs expunged after `since`, within `ranges`, for QRESYNC (RFC 7162 §3.2.5). */
  vanishedSince(mailbox: MailboxId, since: ModSeq, ranges: UidRanges): Promise<UidRanges>;

  /** `sizeHint` in bytes decides where the bytes go; 0 if unknown. */
  draft(sizeHint: number): Promise<Draft>;
  /** All or nothing. Takes the drafts. @throws {StoreError} nonexistent, overquota, limit, diskfull */
  append(
    mailbox: MailboxName,
    messages: readonly NewMessage[],
    options?: {
      /** The quota is not asked: the server's own messages, an administrator's import. */ readonly overQuota?: boolean;
    },
  ): Promise<Appended>;
  /**
   * One email as a new message in each of these mailboxes, which must differ. With `suppressSeconds` not in those into which one
   * with the same Message-ID was delivered in that time. Takes the draft. Resolves when it is safe. @throws {StoreError} nonexistent, overquota, limit, diskfull
   */
  deliver(
    mailboxes: readonly MailboxName[],
    message: NewMessage,
    options?: { readonly suppressSeconds?: number },
  ): Promise<readonly Delivered[]>;
  /** Adds messages whatever the quota is. All or nothing. Takes the drafts. Resolves when it is safe. @throws {StoreError} nonexistent, limit, diskfull */
  importMessages(messages: readonly ImportedMessage[]): Promise<void>;
  /**
   * As append of one message and expunge of another, whatever its flags, in one transaction; quota counts what is left after both
   * (RFC 8508 §3.4). Takes the draft.
   * @throws {StoreError} nonexistent (a mailbox), expunged (the message), overquota, limit, diskfull
   */
  replace(from: MailboxId, uid: Uid, to: MailboxName, message: NewMessage): Promise<Appended>;
  /** @throws {StoreError} nonexistent (mailbox), limit (keywords) */
  storeFlags(mailbox: MailboxId, uids: UidRanges, change: FlagChange): Promise<FlagsStored>;
  /** Removes messages with \Deleted, all or those in `uids`. */
  expunge(mailbox: MailboxId, uids?: UidRanges): Promise<Expunged>;
  /** Removes the messages whatever their flags. @throws {StoreError} nonexistent */
  remove(mailbox: MailboxId, uids: UidRanges): Promise<Expunged>;
  /** Copies keep flags (those in `allowed`, all unless given), internal date, email; get a new save date. @throws {StoreError} nonexistent (destination), overquota */
  copy(from: MailboxId, uids: UidRanges, to: MailboxName, allowed?: FlagMask): Promise<Copied>;
  /** As copy and expunge in one transaction. Moving into the same mailbox gives new UIDs. */
  move(from: MailboxId, uids: UidRanges, to: MailboxName, allowed?: FlagMask): Promise<Copied>;

  /**
   * Rows in ascending order of UID, in batches that bound memory. No transaction is open between batches.
   * Messages expunged after `told` are still there.
   */
  read<const C extends readonly Column[]>(
    mailbox: MailboxId,
    uids: UidRanges,
    columns: C,
    told: ModSeq,
  ): AsyncIterable<Row<C>[]>;
  /** As `read`, for many messages of which little is wanted: nothing is made for a single message. */
  readPacked(
    mailbox: MailboxId,
    uids: UidRanges,
    columns: readonly PackedColumn[],
    told: ModSeq,
  ): AsyncIterable<PackedRows>;
  /**
   * In which of these messages' texts bytes are, found without reading the texts into memory.
   * @param needles each not empty and at most LONGEST_NEEDLE bytes; MOST_NEEDLES at most
   */
  find(mailbox: MailboxId, uids: UidRanges, needles: readonly Needle[]): AsyncIterable<TextsFound>;
  /**
   * What is known of the texts of messages without reading them: for each query by place in `uids`, or undefined where nothing is.
   * Messages that came a short while ago, or are gone, can have any text.
   * @param uids ascending
   */
  match(
    mailbox: MailboxId,
    uids: Uint32Array,
    queries: readonly TextQuery[],
  ): Promise<(TextsKnown | undefined)[]>;
  /** Annotations of a mailbox, or of the account (null): shared ones and the reader's private ones, by entry. */
  annotations(mailbox: MailboxId | null): Promise<readonly Annotation[]>;
  /**
   * Sets (or with null removes) entries, all or none. @returns the modseq taken; undefined when nothing changed
   * @throws {StoreError} nonexistent, toomany, toolarge
   */
  setAnnotations(
    mailbox: MailboxId | null,
    changes: readonly { readonly entry: string; readonly value: Uint8Array | null }[],
  ): Promise<ModSeq | undefined>;
  /** Entries that were set or removed after `since`, with their last modseq. */
  annotationsSince(since: ModSeq): Promise<readonly AnnotationNotice[]>;

  /**
   * Resolves when all that was done to this mail so far, by whomever, survives power loss (flag changes apart); undefined: it does
   * already. @throws {StoreError} diskfull; the system's error. Then it may not survive, and nobody must be told that it will.
   */
  safe(): Promise<void> | undefined;

  /** A message's bytes; the caller closes it. undefined: gone. */
  content(email: EmailId): Promise<(ByteSource & Disposable) | undefined>;
}
