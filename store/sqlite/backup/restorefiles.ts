/**
 * An account's files out of a backup, into a folder that nobody uses yet.
 *
 * What a client knows of the mailboxes may be younger than the backup: it may have seen UIDs that will be given again. So mailboxes get
 * new UIDVALIDITYs and object ids (RFC 9051 §2.3.1.1, RFC 8474 §4.1), and emails that are to come numbers that were never given.
 */
import { join } from "node:path";
import { StoreError } from "../../types.ts";
import { AccountDatabase } from "../database.ts";
import { makeFolder, syncFolder } from "../folders.ts";
import { newObjectId } from "../mailboxes.ts";
import { exists } from "../verifyreport.ts";
import { setLogged } from "./copy.ts";
import { copyFile } from "./files.ts";
import { accountFolder, type AccountManifest, type BackupFile } from "./manifest.ts";

/** More emails than an account gets between two backups. */
const EMAILS_SINCE = 1_000_000_000;

const UIDVALIDITY = "SELECT uidvalidity FROM account";
const MAILBOXES = "SELECT id FROM mailbox ORDER BY id";
const RENEW = "UPDATE mailbox SET uidvalidity = ?, object_id = ? WHERE id = ?";
const RENEW_ACCOUNT = "UPDATE account SET uidvalidity = ?, email_id = email_id + ?, modseq = modseq + 1";
const FORGET_READERS = [
  "DELETE FROM seen",
  "DELETE FROM reader",
  "DELETE FROM annotation WHERE reader_id <> 0",
];

export interface RestoreFilesOptions {
  /** Nothing was changed since the backup: clients go on with what they have. */
  readonly keepUidValidity: boolean;
  /** Numbers of other accounts mean the same as when the backup was made. */
  readonly sameAccounts: boolean;
}

/** @throws {StoreError} cannot: a file of the backup is damaged or missing; diskfull */
export async function restoreFiles(
  backup: string,
  manifest: AccountManifest,
  folder: string,
  { keepUidValidity, sameAccounts }: RestoreFilesOptions,
): Promise<void> {
  const from = accountFolder(backup, manifest.account);
  makeFolder(folder);
  await restoreFile(from, manifest.database, folder, "mail.db");
  if (manifest.content.length > 0) makeFolder(join(folder, "content"));
  for (const file of manifest.content) {
    await restoreFile(join(from, "content"), file, join(folder, "content"), file.name);
  }
  if (manifest.content.length > 0) syncFolder(join(folder, "content"));
  setLogged(join(folder, "mail.db"), true);
  const db = new AccountDatabase(join(folder, "mail.db"), () => {});
  try {
    db.write("full", () => {
      if (!keepUidValidity) renew(db);
      if (!sameAccounts) { for (const text of FORGET_READERS) db.run(text); }
    });
  } finally {
    db.close();
  }
  syncFolder(folder);
}

/** A file as it was when it was copied. @throws {StoreError} cannot */
export async function restoreFile(
  from: string,
  { name, size, sha256 }: BackupFile,
  to: string,
  as: string,
): Promise<void> {
  const path = join(from, name);
  if (!exists(path)) throw new StoreError("cannot", `${path} is missing`);
  const copied = await copyFile(path, to, as);
  if (copied.size === size && copied.sha256 === sha256) return;
  await Deno.remove(join(to, as));
  throw new StoreError("cannot", `${path} is damaged: it is not what the manifest says`);
}

function renew(db: AccountDatabase): void {
  const [last] = db.row<[number]>(UIDVALIDITY) ?? [0];
  let validity = Math.max(last, Math.floor(Date.now() / 1000));
  for (const [id] of db.rows<[number]>(MAILBOXES)) {
    db.run(RENEW, ++validity, newObjectId(), id);
  }
  db.run(RENEW_ACCOUNT, validity, EMAILS_SINCE);
}
