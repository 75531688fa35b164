/** Object identifiers as clients see them (RFC 8474 §7: 1 to 255 of `A-Za-z0-9_-`). */
import type { Mailbox, MailStore } from "../../store/store.ts";
import type { EmailId } from "../../store/types.ts";

/** Whose mail it is, and who looks. */
type Whose = Pick<MailStore, "account" | "reader">;

/** MAILBOXID: stays with the mailbox over RENAME. */
export function mailboxObjectId(mailbox: Mailbox): string {
  return mailbox.objectId;
}

/** EMAILID: the same for copies of one email in all mailboxes of an account. */
export function emailObjectId(email: EmailId, whose: Whose): string {
  return `E${prefix(whose)}${email}`;
}

/** THREADID: the same for all emails of a conversation. */
export function threadObjectId(thread: EmailId, whose: Whose): string {
  return `T${prefix(whose)}${thread}`;
}

/** Accounts count their emails each for itself: in what another one shares, its number tells them apart. */
function prefix({ account, reader }: Whose): string {
  return account === reader ? "" : `${account}-`;
}

/** The row that an EMAILID or THREADID names; undefined: no such identifier was ever given out. */
export function objectRow(kind: "E" | "T", id: string, whose: Whose): EmailId | undefined {
  const start = kind + prefix(whose);
  const digits = id.slice(start.length);
  if (!id.startsWith(start) || !/^[1-9][0-9]{0,15}$/.test(digits)) return undefined;
  const row = Number(digits);
  return Number.isSafeInteger(row) ? row as EmailId : undefined;
}
