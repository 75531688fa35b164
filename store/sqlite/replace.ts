/** REPLACE: the old message goes and the new one comes in one transaction (RFC 8508 §3.4). */
import type { Appended } from "../store.ts";
import { type MailboxId, type MailboxName, StoreError, type Uid } from "../types.ts";
import { appendMessages, type PreparedMessage } from "./append.ts";
import { messagesIn, removeMessages } from "./messages.ts";
import type { Quota } from "./quota.ts";
import type { Transaction } from "./transaction.ts";

/** @throws {StoreError} nonexistent (a mailbox), expunged (the message), overquota, limit */
export function replaceMessage(
  tx: Transaction,
  from: MailboxId,
  uid: Uid,
  to: MailboxName,
  message: PreparedMessage,
  quota: Quota,
): Appended {
  const source = tx.mailbox(from);
  const old = messagesIn(tx, source, [{ first: uid, last: uid }]);
  if (old.length === 0) throw new StoreError("expunged", "the message does not exist any more");
  // Removed first: quota counts without it.
  removeMessages(tx, source, old);
  return appendMessages(tx, to, [message], quota);
}
