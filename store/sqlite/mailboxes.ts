/** Mailboxes and subscriptions (RFC 9051 §6.3.4 to §6.3.8, RFC 6154 §3). */
import type { Mailbox, MailboxStatus } from "../store.ts";
import { type MailboxId, type MailboxName, MAX_UID, type SpecialUse, StoreError, type Uid } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import { copyAnnotations, removeAnnotations } from "./annotations.ts";
import { removeKeywords } from "./keywords.ts";
import { removeReaders } from "./marks.ts";
import { moveMessages } from "./copy.ts";
import { messagesIn, removeMessages } from "./messages.ts";
import { removePacked } from "./packedindex.ts";
import { asMailbox, asStatus, findMailbox, loadMailbox, loadMailboxes, type MailboxRow } from "./rows.ts";
import { sql } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Most mailboxes an account can have. */
const MAX_MAILBOXES = 10_000;

const COUNT = sql("SELECT count(*) FROM mailbox WHERE removeseq IS NULL");
const ADD = sql(
  `INSERT INTO mailbox (name, uidvalidity, object_id, special_use, createseq, changeseq, modseq, expungeseq,
  uidnext, recent_uid, recent, messages, unseen, deleted, deleted_size, size)
  VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5, 0, 1, 1, 0, 0, 0, 0, 0, 0)`,
);
/** `0` follows `/`: what is below a name lies between the two. */
const BELOW = sql(`SELECT name FROM mailbox
  WHERE removeseq IS NULL AND name >= ?1 || '/' AND name < ?1 || '0'`);
const HAS_BELOW = sql(`SELECT EXISTS (SELECT 1 FROM mailbox
  WHERE removeseq IS NULL AND name >= ?1 || '/' AND name < ?1 || '0')`);
const SUBSCRIPTIONS = sql("SELECT name FROM subscription");
const SUBSCRIBE = sql("INSERT OR IGNORE INTO subscription (name) VALUES (?)");
const UNSUBSCRIBE = sql("DELETE FROM subscription WHERE name = ?");

/** What vanished earlier; the last messages follow when they are purged. */
const FORGET_VANISHED = sql("DELETE FROM expunged WHERE mailbox_id = ? AND email_id IS NULL");

/** What a new account starts with. */
const FIRST_MAILBOXES: readonly (readonly [string, readonly SpecialUse[]])[] = [
  ["INBOX", []],
  ["Sent", ["sent"]],
  ["Drafts", ["drafts"]],
  ["Archive", ["archive"]],
  ["Junk", ["junk"]],
  ["Trash", ["trash"]],
];

const EVERYTHING = [{ first: 1 as Uid, last: MAX_UID }];

export function listMailboxes(db: AccountDatabase): Mailbox[] {
  return loadMailboxes(db).map(asMailbox);
}

export function mailboxNamed(db: AccountDatabase, name: MailboxName): Mailbox | undefined {
  const row = findMailbox(db, name);
  return row && asMailbox(row);
}

/** @throws {StoreError} nonexistent */
export function mailboxStatus(db: AccountDatabase, mailbox: MailboxId): MailboxStatus {
  const row = loadMailbox(db, mailbox);
  if (!row) throw new StoreError("nonexistent", "the mailbox does not exist");
  return asStatus(row);
}

export function mailboxStatuses(db: AccountDatabase): Map<MailboxId, MailboxStatus> {
  return new Map(loadMailboxes(db).map((row) => [row.id, asStatus(row)]));
}

export function subscriptions(db: AccountDatabase): MailboxName[] {
  return db.rows<[MailboxName]>(SUBSCRIPTIONS).map(([name]) => name);
}

export function setSubscribed(tx: Transaction, name: MailboxName, subscribed: boolean): void {
  if (tx.db.run(subscribed ? SUBSCRIBE : UNSUBSCRIBE, name) === 0) return;
  tx.take();
  tx.relisted = true;
}

/** Fills a new account. */
export function addFirstMailboxes(tx: Transaction): void {
  for (const [name, use] of FIRST_MAILBOXES) add(tx, name, use.join(" "));
}

/** One that no mailbox ever had (RFC 8474 §4.1). */
export function newObjectId(): string {
  return `M${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`;
}

function add(tx: Transaction, name: string, specialUse: string): void {
  tx.db.run(ADD, name, tx.nextUidValidity(), newObjectId(), specialUse, tx.take());
  tx.db.run(SUBSCRIBE, name);
  tx.relisted = true;
}

/** Makes the missing parents of `name`. @throws {StoreError} limit */
function addParents(tx: Transaction, name: string): void {
  for (let at = name.indexOf("/"); at >= 0; at = name.indexOf("/", at + 1)) {
    const parent = name.slice(0, at);
    if (!tx.find(parent)) add(tx, parent, "");
  }
  const [count] = tx.db.row<[number]>(COUNT) ?? [0];
  if (count >= MAX_MAILBOXES) throw new StoreError("limit", `an account can have ${MAX_MAILBOXES} mailboxes`);
}

/** @throws {StoreError} alreadyexists, useattr, limit */
export function createMailbox(tx: Transaction, name: MailboxName, specialUse: readonly SpecialUse[] = []): Mailbox {
  if (tx.find(name)) throw new StoreError("alreadyexists", "the mailbox exists already");
  if (specialUse.length > 0) {
    const taken = loadMailboxes(tx.db).flatMap((row) => row.specialUse.split(" "));
    const twice = specialUse.find((use) => taken.includes(use));
    if (twice) throw new StoreError("useattr", `another mailbox is used for ${twice} already`);
  }
  addParents(tx, name);
  add(tx, name, [...new Set(specialUse)].join(" "));
  return asMailbox(tx.named(name));
}

/** Its subscription stays (RFC 9051 §6.3.7). @throws {StoreError} nonexistent, haschildren, cannot */
export function deleteMailbox(tx: Transaction, name: MailboxName): void {
  if (name === "INBOX") throw new StoreError("cannot", "INBOX cannot be deleted");
  const row = tx.named(name);
  if (tx.db.row<[number]>(HAS_BELOW, name)?.[0]) {
    throw new StoreError("haschildren", "the mailbox has others below it");
  }
  tx.change(row); // also of an empty mailbox: who looks at it must hear that it is gone
  removeMessages(tx, row, messagesIn(tx, row, EVERYTHING));
  tx.db.run(FORGET_VANISHED, row.id);
  removeKeywords(tx.db, row.id);
  removeAnnotations(tx.db, row.id);
  removeReaders(tx.db, row.id);
  removePacked(tx.db, row.id);
  tx.rename(row);
  row.removeSeq = tx.take();
}

/** @throws {StoreError} nonexistent, alreadyexists, cannot, limit */
export function renameMailbox(tx: Transaction, from: MailboxName, to: MailboxName): void {
  const row = tx.named(from);
  if (tx.find(to)) throw new StoreError("alreadyexists", "the mailbox exists already");
  if (from === "INBOX") {
    const made = createMailbox(tx, to);
    copyAnnotations(tx, row.id, made.id);
    moveMessages(tx, row.id, EVERYTHING, made.name);
    return;
  }
  if (to.startsWith(`${from}/`)) throw new StoreError("cannot", "a mailbox cannot be moved below itself");
  addParents(tx, to);
  const below = tx.db.rows<[string]>(BELOW, from).map(([name]) => tx.named(name));
  renameRow(tx, row, to);
  for (const child of below) renameRow(tx, child, to + child.name.slice(from.length));
}

/** The old name's subscription stays (RFC 9051 §6.3.7); the new name gets its own if the old one had. */
function renameRow(tx: Transaction, row: MailboxRow, name: string): void {
  tx.rename(row);
  row.name = name;
  if (row.subscribed) tx.db.run(SUBSCRIBE, name);
}
