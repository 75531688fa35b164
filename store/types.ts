/** The words of the store: identifiers, flags, ranges and the faults it reports. */

declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: B };

/** Row number of an account in the directory; also its folder's name. */
export type AccountId = Brand<number, "AccountId">;
/** Row number of a mailbox in its account; never used again after a DELETE. */
export type MailboxId = Brand<number, "MailboxId">;
/** Row number of an email (content and what is derived from it) in its account. */
export type EmailId = Brand<number, "EmailId">;
/** Unique identifier of a message in a mailbox, 1 to 2^32-1 (RFC 9051 §2.3.1.1). */
export type Uid = Brand<number, "Uid">;
/** Account-wide modification sequence, 1 to 2^53-1 here, 63 bits on the wire (RFC 7162 §3.1). */
export type ModSeq = Brand<number, "ModSeq">;
/** A mailbox name as the store keeps it: NFC UTF-8 text, `/` between levels, `INBOX` in capitals. */
export type MailboxName = Brand<string, "MailboxName">;

/** Both ends included; first <= last. */
export interface UidRange {
  readonly first: Uid;
  readonly last: Uid;
}

/** Ascending, not touching, not overlapping; `1:*` is one range, whatever the mailbox holds. */
export type UidRanges = readonly UidRange[];

export const MAX_UID = 0xffffffff as Uid;

/** The special uses of RFC 6154 and 8457, as kept: lower case, without the backslash. */
export type SpecialUse = "all" | "archive" | "drafts" | "flagged" | "important" | "junk" | "sent" | "trash";

/** Why the store refused; the transaction it stood in has left no trace. */
export type StoreFault =
  | "nonexistent" // the mailbox, account or message is not (or no longer) there
  | "expunged" // the message is gone since it was looked at
  | "alreadyexists" // a mailbox or account of that name
  | "haschildren" // a parent cannot be deleted before its children (RFC 9051 §6.3.5)
  | "cannot" // never possible: deleting INBOX, renaming to below itself …
  | "overquota"
  | "limit" // keywords of a mailbox, mailboxes of an account, UIDs used up
  | "toomany" // annotations (RFC 5464 §4.3)
  | "toolarge" // annotations; `most` says how many bytes there may be
  | "useattr" // special use taken by another mailbox (RFC 6154 §3)
  | "diskfull"
  | "inuse"; // locked by another process for longer than we wait

/** Thrown by store operations; everything else that they throw is a bug. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  /** @param most the number that was exceeded, where a client wants to know */
  constructor(readonly fault: StoreFault, message: string, readonly most?: number) {
    super(message);
  }
}
