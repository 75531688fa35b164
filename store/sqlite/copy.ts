/** COPY and MOVE (RFC 9051 §6.4.7, §6.4.8): rows only, the emails are shared. */
import { ALL_FLAGS, type FlagMask, KEYWORD_BITS } from "../flags.ts";
import type { Copied } from "../store.ts";
import type { MailboxId, MailboxName, Uid, UidRanges } from "../types.ts";
import { FIXED_MASK, KeywordNumbers, keywordNumbers, packFlags, type StoredFlags } from "./keywords.ts";
import { addMessage, type MessageRow, messagesIn, removeMessages } from "./messages.ts";
import { checkQuota, type Quota } from "./quota.ts";
import { asMailbox, type MailboxRow } from "./rows.ts";
import type { Transaction } from "./transaction.ts";

/** @throws {StoreError} nonexistent, overquota, limit */
export function copyMessages(
  tx: Transaction,
  from: MailboxId,
  uids: UidRanges,
  to: MailboxName,
  quota: Quota,
  allowed: FlagMask = ALL_FLAGS,
): Copied {
  const source = tx.mailbox(from);
  const destination = tx.named(to);
  const messages = messagesIn(tx, source, uids);
  checkQuota(tx.account, quota, messages.length, messages.reduce((sum, { size }) => sum + size, 0));
  return addAll(tx, source, destination, messages, allowed);
}

/** As copy and expunge in one. @throws {StoreError} nonexistent, limit */
export function moveMessages(
  tx: Transaction,
  from: MailboxId,
  uids: UidRanges,
  to: MailboxName,
  allowed: FlagMask = ALL_FLAGS,
): Copied {
  const source = tx.mailbox(from);
  const destination = tx.named(to);
  const messages = messagesIn(tx, source, uids);
  // Removed first, so that a move of a whole mailbox into itself removes the old messages only.
  removeMessages(tx, source, messages, { moved: true });
  return addAll(tx, source, destination, messages, allowed);
}

function addAll(
  tx: Transaction,
  source: MailboxRow,
  destination: MailboxRow,
  messages: readonly MessageRow[],
  allowed: FlagMask,
): Copied {
  const flags = flagMapper(tx, source, destination);
  const destinationUids = messages.map((message) => {
    const { emailId, internalDate, size } = message;
    return addMessage(tx, tx.change(destination), {
      emailId,
      internalDate,
      size,
      ...flags(allowedOf(message, allowed)),
    });
  });
  return {
    destination: asMailbox(destination),
    sourceUids: messages.map(({ uid }) => uid as Uid),
    destinationUids,
    modseq: tx.modseq,
  };
}

function allowedOf({ word, more }: StoredFlags, allowed: FlagMask): StoredFlags {
  return { word: word & allowed, more: allowed & KEYWORD_BITS ? more : null };
}

/** Keywords have other numbers in another mailbox; each set of them is translated once. */
function flagMapper(tx: Transaction, source: MailboxRow, destination: MailboxRow): (flags: StoredFlags) => StoredFlags {
  if (source.id === destination.id) return ({ word, more }) => ({ word, more });
  let numbers: { from: KeywordNumbers; to: KeywordNumbers } | undefined;
  const known = new Map<string, StoredFlags>();
  return ({ word, more }) => {
    const keywords = word & ~FIXED_MASK;
    if (keywords === 0 && more === null) return { word, more };
    const key = more === null ? String(keywords) : `${keywords},${more}`;
    let mapped = known.get(key);
    if (!mapped) {
      numbers ??= { from: new KeywordNumbers(tx, source), to: new KeywordNumbers(tx, destination) };
      const { from, to } = numbers;
      mapped = packFlags(0, keywordNumbers({ word, more }).map((number) => to.make(from.name(number))));
      known.set(key, mapped);
    }
    return { word: (word & FIXED_MASK) | mapped.word, more: mapped.more };
  };
}
