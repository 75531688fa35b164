/**
 * Expunged messages that are still kept: which there are, and putting them back.
 *
 * Invariant: an email is put back at most once; what expunged rows it had let go of it in the same transaction.
 */
import { Flag } from "../flags.ts";
import { headerFields } from "../mime/section.ts";
import { decodeHeader } from "../mime/words.ts";
import type { MailboxId, MailboxName, Uid } from "../types.ts";
import type { DeletedFilter } from "../upkeep.ts";
import type { AccountDatabase } from "./database.ts";
import { FIXED_MASK } from "./keywords.ts";
import { createMailbox } from "./mailboxes.ts";
import { addMessage } from "./messages.ts";
import { sql } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** In the order of removal. */
const KEPT = sql(
  `SELECT x.email_id, x.mailbox_id, x.uid, x.expunged_at, x.internal_date, x.size, x.flags, x.more_keywords,
    b.name, b.removeseq IS NULL
  FROM expunged x INDEXED BY expunged_kept CROSS JOIN mailbox b ON b.id = x.mailbox_id
  WHERE x.email_id IS NOT NULL AND x.expunged_at >= max(1, ?1)
    AND NOT EXISTS (SELECT 1 FROM message WHERE message.email_id = x.email_id)
  ORDER BY x.expunged_at, x.mailbox_id, x.modseq, x.uid`,
);
const STILL_KEPT = sql(`SELECT 1 FROM expunged WHERE mailbox_id = ?1 AND uid = ?2 AND email_id = ?3
  AND NOT EXISTS (SELECT 1 FROM message WHERE message.email_id = ?3)`);
const HEADER = sql("SELECT bytes FROM header WHERE email_id = ?");
const SIZE_OF_KEPT = sql("SELECT total(size) FROM expunged WHERE email_id = ? AND expunged_at > 0");
const LET_GO = sql("UPDATE expunged SET email_id = NULL, more_keywords = NULL WHERE email_id = ?");

export interface KeptRow {
  readonly email: number;
  readonly mailbox: MailboxId;
  readonly uid: Uid;
  readonly expungedAt: number;
  readonly internalDate: number;
  readonly size: number;
  readonly word: number;
  readonly more: string | null;
  readonly name: MailboxName;
  /** Its mailbox is still there. */
  readonly there: boolean;
}

type KeptValues = [number, MailboxId, Uid, number, number, number, number, string | null, MailboxName, number];

/** Of each email the last removal, in their order. */
export function keptMessages(db: AccountDatabase, { since = 0, mailbox }: DeletedFilter): KeptRow[] {
  const byEmail = new Map<number, KeptRow>();
  for (const values of db.rows<KeptValues>(KEPT, since)) {
    const [email, id, uid, expungedAt, internalDate, size, word, more, name, there] = values;
    byEmail.delete(email);
    byEmail.set(email, {
      email,
      mailbox: id,
      uid,
      expungedAt,
      internalDate,
      size,
      word,
      more,
      name,
      there: there === 1,
    });
  }
  return [...byEmail.values()].filter(({ name }) => mailbox === undefined || name === mailbox);
}

/** From and Subject of an email, decoded. */
export function headlines(db: AccountDatabase, email: number): { from: string; subject: string } {
  const header = db.row<[Uint8Array]>(HEADER, email)?.[0] ?? new Uint8Array(0);
  const field = (name: string) => {
    const bytes = headerFields(header, [name], false);
    return decodeHeader(bytes.subarray(bytes.indexOf(0x3a) + 1)).replace(/\s+/g, " ").trim();
  };
  return { from: field("from"), subject: field("subject") };
}

/** Puts one back. @returns false: a purge, or another undelete, came before @throws {StoreError} limit */
export function putBack(tx: Transaction, row: KeptRow): boolean {
  const { email, name, internalDate, size } = row;
  if (!tx.db.row(STILL_KEPT, row.mailbox, row.uid, email)) return false;
  if (!tx.find(name)) createMailbox(tx, name);
  const mailbox = tx.named(name);
  const mask = ~Flag.Deleted;
  const flags = mailbox.id === row.mailbox
    ? { word: row.word & mask, more: row.more }
    : { word: row.word & mask & FIXED_MASK, more: null };
  addMessage(tx, tx.change(mailbox), { emailId: email, internalDate, size, ...flags });
  tx.account.expungedSize -= tx.db.row<[number]>(SIZE_OF_KEPT, email)?.[0] ?? 0;
  tx.db.run(LET_GO, email);
  return true;
}
