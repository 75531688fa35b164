/** Object identifiers as clients see them (RFC 8474 §7: 1 to 255 of `A-Za-z0-9_-`). */
import type { Mailbox } from "../../store/store.ts";
import type { EmailId } from "../../store/types.ts";

/** MAILBOXID: stays with the mailbox over RENAME. */
export function mailboxObjectId(mailbox: Mailbox): string {
  return mailbox.objectId;
}

/** EMAILID: the same for copies of one email in all mailboxes. */
export function emailObjectId(email: EmailId): string {
  return `E${email}`;
}

/** THREADID: the same for all emails of a conversation. */
export function threadObjectId(thread: EmailId): string {
  return `T${thread}`;
}

/** The row that an EMAILID or THREADID names; undefined: no such identifier was ever given out. */
export function objectRow(prefix: "E" | "T", id: string): EmailId | undefined {
  if (!id.startsWith(prefix) || !/^[1-9][0-9]{0,15}$/.test(id.slice(1))) return undefined;
  const row = Number(id.slice(1));
  return Number.isSafeInteger(row) ? row as EmailId : undefined;
}
