/**
 * What the server asks of storage. Every operation is atomic: it is wholly done and (see Durability) safe when its promise
 * resolves, or it throws and has changed nothing. No transaction reaches outside, so a network database could stand behind
 * this interface. After each commit the bell is rung (see changes.ts).
 *
 * Durability: content, expunge, mailbox and account changes survive power loss once resolved; flag changes survive a killed
 * process, and at a power cut at most the last second of them is lost.
 */
import type { AccountId, EmailId, MailboxId, MailboxName, ModSeq, SpecialUse, Uid, UidRanges } from "./types.ts";
import type { FlagMask, FlagSet } from "./flags.ts";
import type { Rights } from "./rights.ts";
import type { MailboxIndex } from "./index.ts";
import type { Bell } from "./changes.ts";
import type { TextQuery } from "./search.ts";
import type { Upkeep } from "./upkeep.ts";
import type { ByteSource } from "./mime/source.ts";

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
  /** Emails of the accounts in use that are not in their search index yet, about. */
  readonly unindexed: number;
  /** Who may do what with whose mailboxes. */
  readonly acl: Acl;
  /** Ends all work and closes all files. */
  close(): Promise<void>;
}

/** An account as the directory knows it. */
export interface Account {
  readonly id: AccountId;
  /** Login address, NFC; compares without regard to case. */
  readonly address: string;
  /** Set: logins are refused with this text (after the right password); delivery goes on. */
  readonly disabled: string | null;
  /** Bytes; 0 is none; null takes the configured default. */
  readonly quotaBytes: number | null;
  /** Messages; 0 is none; null takes the configured default. */
  readonly quotaMessages: number | null;
  /** May set the quota of every account (RFC 9208 §4.1.3). */
  readonly admin: boolean;
  /** The main password is refused by mail protocols: app passwords and client keys only. */
  readonly appPasswordsOnly: boolean;
  /** Capabilities that its sessions do not get, as named in the capability table. */
  readonly withheld: readonly string[];
  /** What is kept to make its searches quick; null takes the configured default. */
  readonly search: SearchMode | null;
  /** Seconds since 1970. */
  readonly created: number;
}

/** What is kept for searching: everything, what headers need, nothing. */
export type SearchMode = "full" | "headers" | "off";

/** Derived secrets by mechanism name, as JSON text; never a password. See auth/secrets.ts. */
export type Credentials = Readonly<Record<string, string>>;

export interface NewAccount {
  readonly address: string;
  readonly credentials: Credentials;
}

/** A password for one device or program. Its secrets share the account's salts, so that SCRAM can tell which was used. */
export interface NewAppPassword {
  /** One line of text, unique within the account without regard to case. */
  readonly name: string;
  readonly credentials: Credentials;
  /** What it may be used for: "imap", "lmtp"; never empty. */
  readonly scopes: readonly string[];
  /** Networks in CIDR notation that it may be used from; empty: from anywhere. */
  readonly networks: readonly string[];
  /** Seconds since 1970; null: never. */
  readonly expires: number | null;
}

export interface AppPassword extends NewAppPassword {
  readonly id: number;
  /** Seconds since 1970. */
  readonly created: number;
  /** Seconds since 1970, and from which address. */
  readonly lastUsed: number | null;
  readonly lastRemote: string | null;
}

/** A public key that logs in as an account. */
export interface NewClientKey {
  readonly account: AccountId;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly fingerprint: string;
  readonly name: string;
  /** The connection is logged in from its greeting on; otherwise AUTHENTICATE EXTERNAL is needed. */
  readonly preauth: boolean;
}

export interface ClientKey extends NewClientKey {
  readonly created: number;
  readonly lastUsed: number | null;
  readonly lastRemote: string | null;
}

/** One try to log in. Attempts that are equal in all but the time are one group. */
export interface LoginAttempt {
  /** Seconds since 1970. */
  readonly at: number;
  /** The account, where the name is one's. */
  readonly account: AccountId | null;
  /** The name as the client gave it; at most 320 bytes are kept. "" where it gave none. */
  readonly user: string;
  readonly remote: string;
  /** "imap", "lmtp". */
  readonly protocol: string;
  /** "SCRAM-SHA-256-PLUS", "LOGIN", "preauth". */
  readonly mechanism: string;
  /** "TLSv1.3" and the cipher; "" in clear text. */
  readonly tls: string;
  readonly cipher: string;
  /** Fingerprint of the key that the client showed, registered or not; "". */
  readonly clientKey: string;
  /** Name of the app password that was used; "". */
  readonly appPassword: string;
  /** What it said by ID, as `name/version (os)`; "". */
  readonly userAgent: string;
  /** "ok", or why not: "credentials", "disabled", "throttled", "malformed", "aborted", "temporary", … */
  readonly result: string;
}

export interface AttemptGroup extends Omit<LoginAttempt, "at"> {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

export interface Directory {
  /** One transaction for all. @throws {StoreError} alreadyexists, naming the address. */
  add(accounts: readonly NewAccount[]): Promise<Account[]>;
  /** Removes the account and its mail. @throws {StoreError} nonexistent */
  remove(account: AccountId): Promise<void>;
  list(): Promise<Account[]>;
  find(address: string): Promise<Account | undefined>;
  get(account: AccountId): Promise<Account | undefined>;
  /** Empty for an account that is not there. */
  credentials(account: AccountId): Promise<Credentials>;
  setCredentials(account: AccountId, credentials: Credentials): Promise<void>;
  /** null enables. */
  setDisabled(account: AccountId, message: string | null): Promise<void>;
  setQuota(account: AccountId, quota: { bytes: number | null; messages: number | null }): Promise<void>;
  /** Raised by each `setQuota` here: limits that are remembered are out of date. */
  readonly quotaVersion: number;
  setAdmin(account: AccountId, admin: boolean): Promise<void>;
  setAppPasswordsOnly(account: AccountId, only: boolean): Promise<void>;
  /** Searches find the same in every mode. */
  setSearch(account: AccountId, mode: SearchMode | null): Promise<void>;
  /** @throws {StoreError} nonexistent; alreadyexists, for the name within the account */
  addAppPassword(account: AccountId, password: NewAppPassword): Promise<void>;
  /** By name; expired ones too. */
  appPasswords(account: AccountId): Promise<AppPassword[]>;
  /** @throws {StoreError} nonexistent */
  removeAppPassword(account: AccountId, name: string): Promise<void>;
  /** @throws {StoreError} nonexistent; alreadyexists, a key belongs to one account */
  addClientKey(key: NewClientKey): Promise<void>;
  /** Those of one account or of all. */
  clientKeys(account?: AccountId): Promise<ClientKey[]>;
  clientKey(fingerprint: string): Promise<ClientKey | undefined>;
  /** @throws {StoreError} nonexistent */
  removeClientKey(fingerprint: string): Promise<void>;
  /** Notes when a credential was used last; lost at most when the process is killed. */
  credentialUsed(used: { appPassword: number } | { clientKey: string }, at: number, remote: string): Promise<void>;
  /**
   * Adds each to its group, in one transaction; a killed process loses none that are written, a power cut the latest. Forgets
   * what is older than 30 days, and beyond 10,000 groups an account, of failures and of successes each; names that are nobody's
   * count as one account. Long and unprintable texts are kept as `shortText` makes them.
   */
  recordAttempts(attempts: readonly AttemptGroup[]): Promise<void>;
  /** Latest first. `account` null: those of names that are nobody's. `since`: those whose latest is not before it. */
  attempts(
    filter: { account?: AccountId | null; since?: number; failed?: boolean; most?: number },
  ): Promise<AttemptGroup[]>;
  /** Replaces the list. @throws {StoreError} nonexistent */
  setWithheld(account: AccountId, capabilities: readonly string[]): Promise<void>;
  /** A server-wide value, as the key from which salts of unknown users are derived. */
  setting(name: string): Promise<string | undefined>;
  setSetting(name: string, value: string): Promise<void>;
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
  /** Case-folded decoded text of all text parts and the headers of enclosed messages; null: too large to keep, read the content. */
  searchText: Uint8Array | null;
  /** All bytes, where they are kept inline; null: kept in a file, use `content()`. */
  inlineContent: Uint8Array | null;
}
export type Column = keyof ColumnTypes;
export type Row<C extends readonly Column[]> = { -readonly [K in keyof C]: ColumnTypes[C[K]] };

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
  mailboxes(): Promise<Mailbox[]>;
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

  /** The shared index of a mailbox, up to date with the last commit. @throws {StoreError} nonexistent, also when deleted */
  index(mailbox: MailboxId): Promise<MailboxIndex>;
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
   * with the same Message-ID was delivered in that time. Takes the draft. @throws {StoreError} nonexistent, overquota, limit, diskfull
   */
  deliver(
    mailboxes: readonly MailboxName[],
    message: NewMessage,
    options?: { readonly suppressSeconds?: number },
  ): Promise<readonly Delivered[]>;
  /** Adds messages whatever the quota is. All or nothing. Takes the drafts. @throws {StoreError} nonexistent, limit, diskfull */
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
  /**
   * What is known of the texts of messages without reading them: for each query a `Match` by place in `uids`, or undefined where
   * nothing is. "Maybe" stands also for messages that came a short while ago, or are gone.
   * @param uids ascending
   */
  match(
    mailbox: MailboxId,
    uids: Uint32Array,
    queries: readonly TextQuery[],
  ): Promise<(Uint8Array | undefined)[]>;
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

  /** A message's bytes; the caller closes it. undefined: gone. */
  content(email: EmailId): Promise<(ByteSource & Disposable) | undefined>;
}
