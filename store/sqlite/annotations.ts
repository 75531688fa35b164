/**
 * Annotations of mailboxes and of the account (RFC 5464). A removed entry stays as a row without a value, so that sessions can be told
 * of the removal; the oldest of these go when there are many.
 *
 * Invariant: limits count per reader: what another account says privately about a shared mailbox takes no room of the owner's.
 */
import type { Annotation, AnnotationNotice } from "../store.ts";
import { type AccountId, type MailboxId, type ModSeq, StoreError } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import { loadMailbox } from "./rows.ts";
import { sql } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** In place of a mailbox's number, for annotations of the account. */
const ACCOUNT = 0;
/** In place of a reader's number, for shared annotations and the owner's private ones. */
const OWNER = 0;

const ENTRIES = sql(`SELECT entry, value, modseq FROM annotation
  WHERE mailbox_id = ?1 AND reader_id = ?2 AND value IS NOT NULL ORDER BY entry`);
const VALUE = sql("SELECT value FROM annotation WHERE mailbox_id = ? AND reader_id = ? AND entry = ?");
const SET = sql(`INSERT INTO annotation (mailbox_id, reader_id, entry, value, modseq) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET value = excluded.value, modseq = excluded.modseq`);
const TOTALS = sql(`SELECT count(*), coalesce(sum(length(value)), 0) FROM annotation INDEXED BY annotation_reader
  WHERE reader_id = ? AND value IS NOT NULL`);
const SINCE = sql(`SELECT mailbox_id, reader_id, entry, modseq FROM annotation INDEXED BY annotation_reader
  WHERE reader_id = ? AND modseq > ? ORDER BY modseq, entry`);
const REMOVED = sql(`SELECT modseq FROM annotation INDEXED BY annotation_removed
  WHERE reader_id = ? AND value IS NULL ORDER BY modseq DESC LIMIT 1 OFFSET ?`);
const FORGET = sql("DELETE FROM annotation WHERE reader_id = ? AND value IS NULL AND modseq <= ?");
const FORGET_MAILBOX = sql("DELETE FROM annotation WHERE mailbox_id = ?");
const COPY = sql(`INSERT INTO annotation (mailbox_id, reader_id, entry, value, modseq)
  SELECT ?2, reader_id, entry, value, ?3 FROM annotation WHERE mailbox_id = ?1 AND value IS NOT NULL`);

/** Removed entries that are remembered for notices. */
const MOST_REMOVED = 1000;

export interface AnnotationLimits {
  /** Of all mailboxes and the account. */
  readonly entries: number;
  readonly bytes: number;
  /** Bytes of one value. */
  readonly value: number;
}

/** @param reader undefined: the owner */
export function annotations(
  db: AccountDatabase,
  mailbox: MailboxId | null,
  reader: AccountId | undefined,
): Annotation[] {
  const id = mailbox ?? ACCOUNT;
  const own = rowsOf(db, id, OWNER);
  if (reader === undefined) return own;
  const found = [...own.filter(({ entry }) => !isPrivate(entry)), ...rowsOf(db, id, reader)];
  return found.sort((a, b) => a.entry < b.entry ? -1 : 1);
}

function rowsOf(db: AccountDatabase, mailbox: number, reader: number): Annotation[] {
  return db.rows<[string, Uint8Array, number]>(ENTRIES, mailbox, reader)
    .map(([entry, value, modseq]) => ({ entry, value, modseq: modseq as ModSeq }));
}

function isPrivate(entry: string): boolean {
  return entry.startsWith("/private/");
}

/** All or none. @throws {StoreError} nonexistent, toomany, toolarge */
export function setAnnotations(
  tx: Transaction,
  mailbox: MailboxId | null,
  reader: AccountId | undefined,
  changes: readonly { readonly entry: string; readonly value: Uint8Array | null }[],
  limits: AnnotationLimits,
): ModSeq | undefined {
  if (mailbox !== null && !loadMailbox(tx.db, mailbox)) {
    throw new StoreError("nonexistent", "the mailbox does not exist");
  }
  const grown = new Set<number>();
  const touched = new Set<number>();
  for (const { entry, value } of changes) {
    if (value && value.length > limits.value) {
      throw new StoreError("toolarge", `an annotation has at most ${limits.value} bytes`, limits.value);
    }
    const whose = reader !== undefined && isPrivate(entry) ? reader : OWNER;
    const before = tx.db.row<[Uint8Array | null]>(VALUE, mailbox ?? ACCOUNT, whose, entry)?.[0] ?? null;
    if (before === null && value === null || before && value && equal(before, value)) continue;
    tx.db.run(SET, mailbox ?? ACCOUNT, whose, entry, value, tx.take());
    touched.add(whose);
    if ((value?.length ?? 0) > (before?.length ?? 0) || before === null) grown.add(whose);
  }
  for (const whose of grown) checkLimits(tx.db, whose, limits);
  for (const whose of touched) forgetOldest(tx.db, whose);
  return tx.taken;
}

function checkLimits(db: AccountDatabase, reader: number, limits: AnnotationLimits): void {
  const [count, bytes] = db.row<[number, number]>(TOTALS, reader) ?? [0, 0];
  if (count > limits.entries) throw new StoreError("toomany", `there can be ${limits.entries} annotations`);
  if (bytes > limits.bytes) {
    throw new StoreError("toolarge", `annotations have at most ${limits.bytes} bytes in all`, limits.bytes);
  }
}

function forgetOldest(db: AccountDatabase, reader: number): void {
  const oldest = db.row<[number]>(REMOVED, reader, MOST_REMOVED)?.[0];
  if (oldest !== undefined) db.run(FORGET, reader, oldest);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** What changed after `since`, as far as the reader may see it. */
export function annotationsSince(
  db: AccountDatabase,
  reader: AccountId | undefined,
  since: ModSeq,
): AnnotationNotice[] {
  const own = noticesOf(db, OWNER, since);
  if (reader === undefined) return own;
  return [...own.filter(({ entry }) => !isPrivate(entry)), ...noticesOf(db, reader, since)]
    .sort((a, b) => a.modseq - b.modseq);
}

function noticesOf(db: AccountDatabase, reader: number, since: ModSeq): AnnotationNotice[] {
  return db.rows<[number, number, string, number]>(SINCE, reader, since).map(([mailbox, _, entry, modseq]) => ({
    mailbox: mailbox === ACCOUNT ? null : mailbox as MailboxId,
    entry,
    modseq: modseq as ModSeq,
  }));
}

/** With the mailbox (RFC 5464 §4.1). */
export function removeAnnotations(db: AccountDatabase, mailbox: MailboxId): void {
  db.run(FORGET_MAILBOX, mailbox);
}

/** RENAME of INBOX: both have them afterwards (RFC 5464 §4.1). */
export function copyAnnotations(tx: Transaction, from: MailboxId, to: MailboxId): void {
  tx.db.run(COPY, from, to, tx.take());
}
