/** The rows that carry counters, as mutable objects: loaded once in a transaction, written once at its end. */
import type { Mailbox, MailboxStatus } from "../store.ts";
import type { MailboxId, MailboxName, ModSeq, SpecialUse, Uid } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import { sql } from "./statements.ts";

const ACCOUNT = sql("SELECT modseq, uidvalidity, email_id, messages, size, expunged_size FROM account WHERE id = 1");
const SAVE_ACCOUNT = sql(
  `UPDATE account SET modseq = ?, uidvalidity = ?, email_id = ?, messages = ?, size = ?, expunged_size = ?, state = random()
  WHERE id = 1`,
);

export interface AccountRow {
  modseq: number;
  /** The last that was given out. */
  uidValidity: number;
  /** The last that was given out. */
  emailId: number;
  messages: number;
  size: number;
  /** Bytes of what was expunged and can be undeleted. */
  expungedSize: number;
}

export function loadAccount(db: AccountDatabase): AccountRow {
  const row = db.row<[number, number, number, number, number, number]>(ACCOUNT);
  if (!row) throw new Error("the account row is missing");
  const [modseq, uidValidity, emailId, messages, size, expungedSize] = row;
  return { modseq, uidValidity, emailId, messages, size, expungedSize };
}

export function saveAccount(db: AccountDatabase, row: AccountRow): void {
  db.runWithState(SAVE_ACCOUNT, row.modseq, row.uidValidity, row.emailId, row.messages, row.size, row.expungedSize);
}

const MAILBOX_COLUMNS =
  `id, name, uidvalidity, object_id, special_use, createseq, changeseq, modseq, expungeseq, uidnext,
  recent_uid, recent, messages, unseen, deleted, deleted_size, size,
  EXISTS (SELECT 1 FROM subscription WHERE subscription.name = mailbox.name)`;
const MAILBOXES = sql(`SELECT ${MAILBOX_COLUMNS} FROM mailbox WHERE removeseq IS NULL`);
const MAILBOX_BY_ID = sql(`SELECT ${MAILBOX_COLUMNS} FROM mailbox WHERE id = ? AND removeseq IS NULL`);
const MAILBOX_BY_NAME = sql(`SELECT ${MAILBOX_COLUMNS} FROM mailbox WHERE name = ? AND removeseq IS NULL`);
const SAVE_MAILBOX = sql(
  `UPDATE mailbox SET name = ?, uidvalidity = ?, special_use = ?, changeseq = ?, removeseq = ?, modseq = ?, expungeseq = ?,
  uidnext = ?, recent_uid = ?, recent = ?, messages = ?, unseen = ?, deleted = ?, deleted_size = ?, size = ? WHERE id = ?`,
);
/** Saves without touching the index on names. */
const SAVE_COUNTERS = sql(
  `UPDATE mailbox SET modseq = ?, expungeseq = ?, uidnext = ?, recent_uid = ?, recent = ?, messages = ?,
  unseen = ?, deleted = ?, deleted_size = ?, size = ? WHERE id = ?`,
);

export interface MailboxRow {
  readonly id: MailboxId;
  name: string;
  uidValidity: number;
  readonly objectId: string;
  /** Words with spaces between. */
  specialUse: string;
  readonly createSeq: number;
  /** Last change of name or special use. */
  changeSeq: number;
  /** Set by DELETE. */
  removeSeq: number | null;
  /** Last change of a message. */
  modseq: number;
  /** Last removal of a message. */
  expungeSeq: number;
  uidNext: number;
  /** Messages from here on were told as \Recent to nobody. */
  recentUid: number;
  recent: number;
  messages: number;
  unseen: number;
  deleted: number;
  deletedSize: number;
  size: number;
  readonly subscribed: boolean;
}

// deno-fmt-ignore
type MailboxValues = [number, string, number, string, string, number, number, number, number, number, number, number, number, number, number, number, number, number];

function mailboxRow(values: MailboxValues): MailboxRow {
  return {
    id: values[0] as MailboxId,
    name: values[1],
    uidValidity: values[2],
    objectId: values[3],
    specialUse: values[4],
    createSeq: values[5],
    changeSeq: values[6],
    removeSeq: null,
    modseq: values[7],
    expungeSeq: values[8],
    uidNext: values[9],
    recentUid: values[10],
    recent: values[11],
    messages: values[12],
    unseen: values[13],
    deleted: values[14],
    deletedSize: values[15],
    size: values[16],
    subscribed: values[17] === 1,
  };
}

/** All mailboxes that are not removed. */
export function loadMailboxes(db: AccountDatabase): MailboxRow[] {
  return db.rows<MailboxValues>(MAILBOXES).map(mailboxRow);
}

export function loadMailbox(db: AccountDatabase, id: MailboxId): MailboxRow | undefined {
  const values = db.row<MailboxValues>(MAILBOX_BY_ID, id);
  return values && mailboxRow(values);
}

export function findMailbox(db: AccountDatabase, name: string): MailboxRow | undefined {
  const values = db.row<MailboxValues>(MAILBOX_BY_NAME, name);
  return values && mailboxRow(values);
}

/** @param named its name, special use or removal changed too */
export function saveMailbox(db: AccountDatabase, row: MailboxRow, named: boolean): void {
  const counters = [
    row.modseq,
    row.expungeSeq,
    row.uidNext,
    row.recentUid,
    row.recent,
    row.messages,
    row.unseen,
    row.deleted,
    row.deletedSize,
    row.size,
    row.id,
  ];
  if (named) {
    const { name, uidValidity, specialUse, changeSeq, removeSeq } = row;
    db.run(SAVE_MAILBOX, name, uidValidity, specialUse, changeSeq, removeSeq, ...counters);
  } else db.run(SAVE_COUNTERS, ...counters);
}

export function asMailbox(row: MailboxRow): Mailbox {
  return {
    id: row.id,
    name: row.name as MailboxName,
    uidValidity: row.uidValidity,
    objectId: row.objectId,
    specialUse: row.specialUse === "" ? [] : row.specialUse.split(" ") as SpecialUse[],
    subscribed: row.subscribed,
    createSeq: row.createSeq as ModSeq,
  };
}

export function asStatus(row: MailboxRow): MailboxStatus {
  return {
    messages: row.messages,
    unseen: row.unseen,
    deleted: row.deleted,
    deletedSize: row.deletedSize,
    size: row.size,
    uidNext: row.uidNext as Uid,
    uidValidity: row.uidValidity,
    highestModSeq: row.modseq as ModSeq,
    recent: row.recent,
  };
}
