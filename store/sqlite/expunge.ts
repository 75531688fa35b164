/** EXPUNGE, and what QRESYNC asks about it (RFC 9051 §6.4.3, RFC 7162 §3.2.5). */
import type { Expunged } from "../store.ts";
import { type MailboxId, MAX_UID, type Uid, type UidRange, type UidRanges } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import { deletedIn, messagesIn, removeMessages } from "./messages.ts";
import { loadMailbox } from "./rows.ts";
import { sql } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const VANISHED = sql("SELECT uid FROM expunged WHERE mailbox_id = ? AND modseq > ?");
const KEPT_UNTIL = sql("SELECT max(kept_until) FROM mirror WHERE mailbox_id = ?");
const UIDS = sql("SELECT uid FROM message WHERE mailbox_id = ? ORDER BY uid");

/** Beyond, a source's UIDs that are not here are not told. */
const MOST_UIDS = 10_000_000;

/** @throws {StoreError} nonexistent */
export function expunge(tx: Transaction, mailbox: MailboxId, uids?: UidRanges): Expunged {
  const row = tx.mailbox(mailbox);
  const messages = deletedIn(tx, row, uids ?? [{ first: 1 as Uid, last: MAX_UID }]);
  removeMessages(tx, row, messages);
  return { modseq: tx.taken, uids: messages.map(({ uid }) => uid as Uid) };
}

/** Whatever their flags. @throws {StoreError} nonexistent */
export function removeUids(tx: Transaction, mailbox: MailboxId, uids: UidRanges): Expunged {
  const row = tx.mailbox(mailbox);
  const messages = messagesIn(tx, row, uids);
  removeMessages(tx, row, messages);
  return { modseq: tx.taken, uids: messages.map(({ uid }) => uid as Uid) };
}

/** UIDs expunged after `since`, within the ranges. */
export function vanishedSince(db: AccountDatabase, mailbox: MailboxId, since: number, ranges: UidRanges): UidRanges {
  if (since < (db.row<[number | null]>(KEPT_UNTIL, mailbox)?.[0] ?? 0)) {
    const { uidNext } = loadMailbox(db, mailbox) ?? { uidNext: Infinity };
    if (uidNext <= MOST_UIDS) return missing(db, mailbox, uidNext, ranges);
  }
  const uids = Float64Array.from(db.rows<[number]>(VANISHED, mailbox, since), ([uid]) => uid).sort();
  const vanished: UidRange[] = [];
  let at = 0;
  let first = 0;
  let last = 0;
  for (const uid of uids) {
    while (at < ranges.length && ranges[at].last < uid) at++;
    if (at === ranges.length) break;
    if (uid < ranges[at].first) continue;
    if (first !== 0 && uid === last + 1) {
      last = uid;
      continue;
    }
    if (first !== 0) vanished.push({ first: first as Uid, last: last as Uid });
    first = last = uid;
  }
  if (first !== 0) vanished.push({ first: first as Uid, last: last as Uid });
  return vanished;
}

/**
 * UIDs below UIDNEXT without a message, within the ranges. Of a mailbox that keeps the UIDs of another server nobody here knows what was expunged there
 * when, so all of it is told (RFC 7162 §5.1).
 */
function missing(db: AccountDatabase, mailbox: MailboxId, uidNext: number, ranges: UidRanges): UidRanges {
  const found: UidRange[] = [];
  let at = 0;
  let next = 1;
  for (const [uid] of [...db.rows<[number]>(UIDS, mailbox), [uidNext]]) {
    const last = uid - 1;
    while (at < ranges.length && ranges[at].last < next) at++;
    for (let k = at; next <= last && k < ranges.length && ranges[k].first <= last; k++) {
      found.push({
        first: Math.max(next, ranges[k].first) as Uid,
        last: Math.min(last, ranges[k].last) as Uid,
      });
    }
    next = uid + 1;
  }
  return found;
}
