/**
 * Delivery: one email into one or several mailboxes of its account, and not again where the same message has just come.
 *
 * Invariant: that a message was delivered is remembered in the transaction that delivers it, so neither can be without the other.
 */
import { createHash } from "node:crypto";
import { Header } from "../mime/header.ts";
import { normalMessageId } from "../mime/sortkeys.ts";
import { firstMessageId } from "../mime/threading.ts";
import type { Delivered } from "../store.ts";
import type { MailboxName } from "../types.ts";
import { addEmail, type PreparedMessage, storedFlags } from "./append.ts";
import { knownAlready } from "./judged.ts";
import { KeywordNumbers } from "./keywords.ts";
import { addMessage } from "./messages.ts";
import { checkQuota, type Quota } from "./quota.ts";
import { asMailbox, type MailboxRow } from "./rows.ts";
import { sql } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const KNOWN = sql("SELECT at FROM delivered WHERE mailbox_id = ? AND message_id = ?");
const REMEMBER = sql("INSERT OR REPLACE INTO delivered (mailbox_id, message_id, at) VALUES (?, ?, ?)");
const FORGET = sql("DELETE FROM delivered WHERE at < ?");

/** All or nothing. @throws {StoreError} nonexistent, overquota, limit */
export function deliverMessage(
  tx: Transaction,
  names: readonly MailboxName[],
  prepared: PreparedMessage,
  quota: Quota,
  suppressSeconds: number,
): Delivered[] {
  const mailboxes = names.map((name) => tx.named(name));
  const messageId = suppressSeconds > 0 ? firstMessageId(new Header(prepared.header).get("message-id")) : null;
  const id = messageId === null ? undefined : hashOf(messageId);
  const known = new Set(id && mailboxes.filter((mailbox) => hasCome(tx, mailbox, id, suppressSeconds)));
  const size = prepared.draft.size;
  const copies = mailboxes.length - known.size;
  checkQuota(tx.account, quota, copies, copies * size);
  const emailId = copies > 0 ? addEmail(tx, prepared) : 0;
  const delivered = mailboxes.map((mailbox): Delivered => {
    if (known.has(mailbox)) return { mailbox: asMailbox(mailbox) };
    const { flags, internalDate = tx.now } = prepared.message;
    const stored = storedFlags(flags, () => new KeywordNumbers(tx, mailbox));
    const uid = addMessage(tx, tx.change(mailbox), { emailId, internalDate, size, ...stored });
    knownAlready(tx, mailbox, emailId, stored.word);
    if (id) tx.db.run(REMEMBER, mailbox.id, id, tx.now);
    return { mailbox: asMailbox(mailbox), uid };
  });
  if (id) tx.db.run(FORGET, tx.now - suppressSeconds);
  return delivered;
}

/** A time to come is that of a clock which has been set back. */
function hasCome(tx: Transaction, mailbox: MailboxRow, id: Uint8Array, seconds: number): boolean {
  const row = tx.db.row<[number]>(KNOWN, mailbox.id, id);
  return row !== undefined && Math.abs(tx.now - row[0]) <= seconds;
}

function hashOf(messageId: string): Uint8Array {
  return createHash("sha256").update(normalMessageId(messageId)).digest().subarray(0, 16);
}
