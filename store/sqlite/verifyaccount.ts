/** One account's mail database: totals, mailboxes, subscriptions, threads; and who has which email. */
import { join } from "node:path";
import { mailSnapshot } from "./mailsnapshot.ts";
import { MAIL_STEPS } from "./migrations.ts";
import { verifySearchIndex } from "./search/verify.ts";
import { CHANGED_SINCE, verifyChanged } from "./verifychanged.ts";
import { verifyContent } from "./verifycontent.ts";
import { type MailboxValues, verifyMailbox } from "./verifymailbox.ts";
import { PACKED_SINCE, verifyPacked } from "./verifypacked.ts";
import { exists, namesIn, type Report, type Snapshot } from "./verifyreport.ts";
import { verifyShared } from "./verifyshared.ts";

const ACCOUNT = `SELECT modseq, uidvalidity, email_id, messages, size, expunged_size,
    (SELECT total(x.size) FROM expunged x WHERE x.email_id IS NOT NULL AND x.expunged_at > 0) AS kept FROM account`;
const MAILBOXES = "SELECT * FROM mailbox ORDER BY name";
const STRAY_ROWS = `SELECT 'message' AS what, mailbox_id AS mailbox FROM message
    WHERE mailbox_id NOT IN (SELECT id FROM mailbox WHERE removeseq IS NULL)
  UNION SELECT 'keyword', mailbox_id FROM keyword WHERE mailbox_id NOT IN (SELECT id FROM mailbox WHERE removeseq IS NULL)
  UNION SELECT 'expunged', mailbox_id FROM expunged WHERE mailbox_id NOT IN (SELECT id FROM mailbox)`;
const LAST_EMAIL =
  "SELECT coalesce(max(id), 0) AS last FROM (SELECT id FROM email UNION ALL SELECT email_id FROM unparsed)";
const BAD_REFERENCES = "SELECT count(*) AS count FROM reference WHERE thread_id < 1 OR thread_id > ?";
const SUBSCRIPTIONS = "SELECT name FROM subscription";

type AccountValues = Record<
  "modseq" | "uidvalidity" | "email_id" | "messages" | "size" | "expunged_size" | "kept",
  number
>;

export const NO_ACCOUNT_ROW = "mail.db has not one account row";

export const SPECIAL_USES: ReadonlySet<string> = new Set([
  "all",
  "archive",
  "drafts",
  "flagged",
  "important",
  "junk",
  "sent",
  "trash",
]);

export function verifyAccount(folder: string, report: Report): { mailboxes: number; messages: number } {
  const path = join(folder, "mail.db");
  if (!exists(path)) {
    // An account that was never used has none; but then it has no mail either.
    for (const name of namesIn(join(folder, "content"))) report({ what: `content/${name} without mail.db` });
    return { mailboxes: 0, messages: 0 };
  }
  using db = mailSnapshot(path);
  const counted = verifyDatabase(db, join(folder, "content"), 0, report);
  verifySearchIndex(db, folder, report);
  return counted;
}

/**
 * The same for a copy of a database.
 * @param content where its content files are
 * @param lastEmail emails up to this one were looked at before
 */
export function verifyCopy(path: string, content: string, lastEmail: number, report: Report): void {
  using db = mailSnapshot(path);
  verifyDatabase(db, content, lastEmail, report);
}

function verifyDatabase(
  db: Snapshot,
  content: string,
  lastEmail: number,
  report: Report,
): { mailboxes: number; messages: number } {
  for (const line of db.integrityFaults()) report({ what: `mail.db: ${line}` });
  const version = db.schemaVersion();
  if (version === undefined) return { mailboxes: 0, messages: 0 };
  // An older one is brought up to date when the account is used; what is read of it here is the same.
  if (version < 1 || version > MAIL_STEPS.length) {
    report({ what: `mail.db has schema ${version}, this program knows ${MAIL_STEPS.length}` });
    return { mailboxes: 0, messages: 0 };
  }
  if (version >= CHANGED_SINCE) verifyChanged(db, report);
  if (version >= PACKED_SINCE) verifyPacked(db, report);
  return verifyMail(db, content, lastEmail, report);
}

function verifyMail(
  db: Snapshot,
  content: string,
  lastEmail: number,
  report: Report,
): { mailboxes: number; messages: number } {
  const [account, ...others] = db.rows<AccountValues>(ACCOUNT);
  if (account === undefined || others.length > 0) {
    report({ what: NO_ACCOUNT_ROW });
    return { mailboxes: 0, messages: 0 };
  }
  const all = db.rows<MailboxValues>(MAILBOXES);
  const live = all.filter(({ removeseq }) => removeseq === null);
  let [messages, size] = [0, 0];
  for (const row of all) {
    verifySequences(row, account, report);
    const counted = verifyMailbox(db, row, report);
    messages += counted.messages;
    size += counted.size;
  }
  verifyNames(live, report);
  verifyIdentities(all, live, report);
  if (account.messages !== messages) {
    report({ what: `the account counts ${account.messages} messages, has ${messages}` });
  }
  if (account.expunged_size !== account.kept) {
    report({ what: `the account counts ${account.expunged_size} bytes kept after EXPUNGE, has ${account.kept}` });
  }
  if (account.size !== size) report({ what: `the account counts ${account.size} bytes, has ${size}` });
  for (const { what, mailbox } of db.rows<{ what: string; mailbox: number }>(STRAY_ROWS)) {
    report({ what: `rows of ${what} are of mailbox ${mailbox}, which does not exist` });
  }
  const last = Number(db.row(LAST_EMAIL)?.last);
  if (last > account.email_id) report({ what: `the last email is ${last}, the account says ${account.email_id}` });
  if (db.row(BAD_REFERENCES, account.email_id)?.count !== 0) {
    report({ what: "references lead to threads that never were" });
  }
  for (const { name } of db.rows<{ name: string }>(SUBSCRIPTIONS)) {
    if (!isMailboxName(name)) report({ what: `the subscription ${JSON.stringify(name)} is no mailbox name` });
  }
  verifyShared(db, account.modseq, report);
  verifyContent(db, content, { last: account.email_id, known: lastEmail }, report);
  return { mailboxes: live.length, messages };
}

function verifySequences(row: MailboxValues, account: { modseq: number; uidvalidity: number }, report: Report): void {
  const ordered = [
    [row.createseq, "createseq", row.changeseq, "changeseq"],
    [row.createseq, "createseq", row.modseq, "modseq"],
    [row.changeseq, "changeseq", account.modseq, "the account's modseq"],
    [row.modseq, "modseq", account.modseq, "the account's modseq"],
    [row.expungeseq, "expungeseq", row.modseq, "modseq"],
    [row.removeseq ?? 0, "removeseq", account.modseq, "the account's modseq"],
    [row.uidvalidity, "uidvalidity", account.uidvalidity, "the account's last uidvalidity"],
    [row.recent_uid, "recent_uid", row.uidnext, "uidnext"],
    [1, "1", row.uidnext, "uidnext"],
    [1, "1", row.uidvalidity, "uidvalidity"],
  ] as const;
  for (const [low, lowName, high, highName] of ordered) {
    if (low > high) report({ mailbox: row.name, what: `${lowName} ${low} is above ${highName} ${high}` });
  }
}

/** Names are well formed, unique by the index, and have all their parents; there is an INBOX. */
function verifyNames(live: readonly MailboxValues[], report: Report): void {
  const names = new Set(live.map(({ name }) => name));
  if (!names.has("INBOX")) report({ what: "there is no INBOX" });
  for (const name of names) {
    if (!isMailboxName(name)) report({ mailbox: name, what: `${JSON.stringify(name)} is no mailbox name` });
    const parent = name.slice(0, Math.max(0, name.lastIndexOf("/")));
    if (parent !== "" && !names.has(parent)) report({ mailbox: name, what: `its parent ${parent} does not exist` });
  }
}

function verifyIdentities(all: readonly MailboxValues[], live: readonly MailboxValues[], report: Report): void {
  const objectIds = new Set<string>();
  const validities = new Set<number>();
  for (const { name, object_id, uidvalidity } of all) {
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(object_id)) report({ mailbox: name, what: `${object_id} is no object id` });
    if (objectIds.has(object_id)) report({ mailbox: name, what: `another mailbox has the object id ${object_id}` });
    if (validities.has(uidvalidity)) report({ mailbox: name, what: `another mailbox has UIDVALIDITY ${uidvalidity}` });
    objectIds.add(object_id);
    validities.add(uidvalidity);
  }
  const taken = new Set<string>();
  for (const { name, special_use } of live) {
    for (const use of special_use === "" ? [] : special_use.split(" ")) {
      if (!SPECIAL_USES.has(use)) report({ mailbox: name, what: `${JSON.stringify(use)} is no special use` });
      if (taken.has(use)) report({ mailbox: name, what: `another mailbox is used for ${use} too` });
      taken.add(use);
    }
  }
}

export function isMailboxName(name: string): boolean {
  return name === name.normalize("NFC") && !/\p{Cc}/u.test(name) &&
    (name === "INBOX" || name.toUpperCase() !== "INBOX") &&
    name.split("/").every((element) => element !== "" && element !== "." && element !== "..");
}
