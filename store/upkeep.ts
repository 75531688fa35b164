/** What an administrator, or the server by itself, does to an account's mail: none of it is a session's to ask. */
import type { FlagSet } from "./flags.ts";
import type { Draft, Expunged } from "./store.ts";
import type { EmailId, MailboxId, MailboxName, ModSeq, Uid } from "./types.ts";

/** An expunged message that can be undeleted. What was moved, or is still in another mailbox, is not among them. */
export interface DeletedMessage {
  /** Where it was; the mailbox itself may be gone. */
  readonly mailbox: MailboxName;
  readonly uid: Uid;
  readonly email: EmailId;
  /** Seconds since 1970. */
  readonly expungedAt: number;
  readonly internalDate: number;
  readonly size: number;
  /** Of the header, decoded; "" where it has none. */
  readonly from: string;
  readonly subject: string;
}

export interface DeletedFilter {
  /** Expunged at this time or later, in seconds since 1970. */
  readonly since?: number;
  /** Out of this mailbox. */
  readonly mailbox?: MailboxName;
}

/** A message in a mailbox, by what tells it from others wherever it came from. */
export interface HeldMessage {
  readonly uid: Uid;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly digest: string;
  readonly flags: FlagSet;
}

/** A message that was saved somewhere: its bytes, and where it goes with which flags. */
export interface RestoredMessage {
  readonly draft: Draft;
  /** At least one; the bytes are kept once. */
  readonly places: readonly RestoredPlace[];
}

export interface RestoredPlace {
  readonly mailbox: MailboxName;
  readonly flags: FlagSet;
  /** Seconds since 1970. */
  readonly internalDate: number;
}

/** What a classifier is to learn of an email; "forget": what it was told before is not true any more, and nothing else is. */
export type Verdict = "junk" | "notjunk" | "forget";

export interface Judgement {
  readonly email: EmailId;
  readonly verdict: Verdict;
  /** By where it is, not by a keyword, which can be taken back. */
  readonly byPlace: boolean;
}

export interface Judgements {
  readonly judgements: readonly Judgement[];
  readonly from: ModSeq;
  readonly until: ModSeq;
}

export interface Upkeep {
  /** Oldest removal first. Of an email that was expunged more than once, the last removal counts. */
  deleted(filter: DeletedFilter): Promise<DeletedMessage[]>;
  /**
   * Puts them back where they were, with new UIDs, their flags but \Deleted, and their internal dates; mailboxes that are gone are
   * made again (there, keywords are lost). Quota is not asked.
   * @returns how many, by mailbox
   */
  undelete(filter: DeletedFilter): Promise<ReadonlyMap<MailboxName, number>>;
  /** Expunges what has been in the mailbox since before `saved`, seconds since 1970 (SAVEDATE, RFC 8514). @throws {StoreError} nonexistent */
  expungeSavedBefore(mailbox: MailboxId, saved: number): Promise<Expunged["uids"]>;
  /** In the order of UIDs. */
  held(mailbox: MailboxId): Promise<readonly HeldMessage[]>;
  /** Adds messages whatever the quota is. All or nothing. Takes the drafts. @throws {StoreError} nonexistent (a mailbox), limit, diskfull */
  restore(messages: readonly RestoredMessage[]): Promise<void>;
  /** Removes for good what need not be kept any longer, in steps; what sessions still can read stays. */
  purge(): Promise<void>;
  /**
   * The highest of `percents` of the quota that is reached and that the owner has not been warned of; from now on it counts as told.
   * Falling below one makes it due again. undefined: nothing to tell.
   */
  dueWarning(percents: readonly number[]): Promise<number | undefined>;
  /**
   * What owners and their programs have said of junk and no classifier was told yet: one judgement an email, the last.
   * @param since where nothing was ever told: changes after this count
   * @returns also from where and up to where it looked
   */
  dueJudgements(since: ModSeq): Promise<Judgements>;
  /** A classifier was told, or could not take it. */
  judged(judgement: Judgement): Promise<void>;
  /** All changes up to here were looked at, and told. */
  judgedUntil(until: ModSeq): Promise<void>;
}
