/** What is known of mailboxes that are kept as they are on another server: which message here is which there. */
import type { FlagSet } from "./flags.ts";
import type { NewMessage } from "./store.ts";
import type { MailboxId, Uid } from "./types.ts";

/** A mailbox of another server, and where it goes here. */
export interface Mirror {
  readonly id: number;
  /** Whose mailbox on which server; any text. */
  readonly source: string;
  /** Its name there. */
  readonly name: string;
  /** May be deleted by now. */
  readonly mailbox: MailboxId;
  /** There. */
  readonly uidValidity: number;
  /** Changes there up to this mod-sequence are here: decimal digits; "" for none. */
  readonly modseq: string;
  /** There, when it was looked at last. */
  readonly subscribed: boolean;
  /** UIDs and UIDVALIDITY here are those there. */
  readonly keepsUids: boolean;
}

export interface MirroredMessage {
  readonly sourceUid: number;
  /** Here; the message may be gone or moved by now. */
  readonly uid: Uid;
  /** Its flags there when they were taken over last, as `flagsText` writes them. */
  readonly flags: string;
}

export interface NewMirrored {
  readonly sourceUid: number;
  readonly message: NewMessage;
  /** As in MirroredMessage. */
  readonly flags: string;
}

/** What changed there of one message's flags. */
export interface MirroredFlags {
  readonly sourceUid: number;
  readonly uid: Uid;
  readonly add: FlagSet;
  readonly remove: FlagSet;
  /** As in MirroredMessage, after the change. */
  readonly flags: string;
}

export interface MirrorAdded {
  readonly added: number;
  /**
   * false: UIDs were to be kept and could not be, as the mailbox has given them to other messages. It has a new UIDVALIDITY now.
   */
  readonly keepsUids: boolean;
}

/**
 * Mirrors of one account. Each operation is one transaction: what it does to messages and what it notes of them stand or fall
 * together. Quota is not asked.
 *
 * Where a mirror keeps UIDs, `above` is the source's highest mod-sequence: what is changed here gets a higher one, so that a client
 * that knows the source's is told of it (RFC 7162 §3.1).
 */
export interface Mirrors {
  list(source: string): Promise<Mirror[]>;
  /**
   * A new mirror. One of the same source and name is forgotten with all it knew.
   * @param keep gives the mailbox the source's UIDVALIDITY. That needs an empty mailbox that has given no UID from `firstUid` on, and
   *   a UIDVALIDITY that no other mailbox of the account ever had; otherwise `keepsUids` is false.
   * @throws {StoreError} nonexistent
   */
  start(
    mirror: Omit<Mirror, "id" | "modseq" | "keepsUids">,
    keep?: { readonly firstUid: number; readonly above: number },
  ): Promise<Mirror>;
  /** The name or subscription is another one there. */
  update(mirror: Mirror, change: { readonly name?: string; readonly subscribed?: boolean }): Promise<void>;
  forget(mirror: Mirror): Promise<void>;
  /** Ascending by source UID. */
  messages(mirror: Mirror): Promise<MirroredMessage[]>;
  /** Messages that are here already and turn out to be those of the source. Their flags stay. */
  adopt(mirror: Mirror, messages: readonly MirroredMessage[]): Promise<void>;
  /**
   * Adds messages, ascending by source UID; those that are mirrored already are left out. Takes the drafts.
   * @throws {StoreError} nonexistent, limit, diskfull
   */
  add(mirror: Mirror, messages: readonly NewMirrored[], above: number): Promise<MirrorAdded>;
  /** Ascending by UID here. @throws {StoreError} nonexistent, limit */
  changeFlags(mirror: Mirror, changes: readonly MirroredFlags[], above: number): Promise<void>;
  /**
   * Messages that are gone there. @param keep leaves them here. @returns how many were removed
   * @throws {StoreError} nonexistent
   */
  remove(mirror: Mirror, messages: readonly MirroredMessage[], keep: boolean, above: number): Promise<number>;
  /** All is here up to `modseq`. @param uidNext the source's: where UIDs are kept, none below it will be given here */
  finish(mirror: Mirror, modseq: string, uidNext: number, above: number): Promise<void>;
}

/** Flags in one order, so that equal ones are equal as text. @param names no spaces in them */
export function flagsText(names: Iterable<string>): string {
  return [...new Set(names)].sort().join(" ");
}
