/**
 * One account into a backup. Its database is copied first, then the content files that the copy names; both while this process is
 * present and lets nobody purge. The new manifest replaces the old one when all is there, and
 * only then the old files go.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../types.ts";
import { makeFolder, syncFolder } from "../folders.ts";
import { Presence } from "../presence.ts";
import { verifyCopy } from "../verifyaccount.ts";
import { mailSnapshot } from "../mailsnapshot.ts";
import { PARSED_UP_TO } from "../parsing.ts";
import { exists } from "../verifyreport.ts";
import { copyDatabase } from "./copy.ts";
import { copyFile, digestFile, hasSize, linkFile, removeOthers } from "./files.ts";
import {
  accountFolder,
  type AccountManifest,
  BACKUP_VERSION,
  type BackupFile,
  readAccountManifest,
  writeAccountManifest,
} from "./manifest.ts";

export interface BackupAccountOptions {
  readonly dataDir: string;
  /** The backup's folder. */
  readonly target: string;
  readonly verify: boolean;
}

export interface AccountBackup {
  /** unused: it has no mail yet; unchanged: since the last backup. */
  readonly outcome: "unused" | "unchanged" | "copied";
  readonly linked: number;
  readonly copied: number;
  /** That were written; linked files take none. */
  readonly bytes: number;
}

const NOTHING: Omit<AccountBackup, "outcome"> = { linked: 0, copied: 0, bytes: 0 };
/** Faults that are told of one account. */
const LISTED = 5;

const STATE = "SELECT CAST(state AS TEXT) AS state FROM account";
const CONTENT = "SELECT file, lower(hex(sha256)) AS sha256 FROM content WHERE file IS NOT NULL ORDER BY email_id";
/** Those behind it are looked at again. */
const LAST_EMAIL = `SELECT ${PARSED_UP_TO} AS last`;

/** @throws Error saying what could not be copied, or what of the copy is wrong; the last good state is kept */
export async function backupAccount(
  account: { readonly id: number; readonly address: string },
  options: BackupAccountOptions,
): Promise<AccountBackup> {
  const source = join(options.dataDir, "accounts", String(account.id));
  const before = lastManifest(options.target, account.id);
  if (!exists(join(source, "mail.db"))) {
    if (before) throw new Error("its mail.db is missing; the backup keeps what it has");
    return { outcome: "unused", ...NOTHING };
  }
  const folder = accountFolder(options.target, account.id);
  const presence = new Presence(source);
  presence.enter({ everything: true });
  try {
    const state = stateOf(join(source, "mail.db"));
    if (state === undefined) return { outcome: "unused", ...NOTHING };
    if (before?.state === state && isWhole(before, folder)) return { outcome: "unchanged", ...NOTHING };
    return await copyAccount(account, source, folder, before, options);
  } finally {
    presence.leave();
  }
}

/** A damaged one is none: all is copied anew. */
function lastManifest(target: string, account: number): AccountManifest | undefined {
  try {
    return readAccountManifest(target, account);
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

/** undefined: nothing was ever written to it */
function stateOf(path: string): string | undefined {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
  try {
    if (db.prepare("SELECT 1 FROM sqlite_schema").get() === undefined) return undefined;
    return String(db.prepare(STATE).get()?.state);
  } finally {
    db.close();
  }
}

function isWhole({ database, content }: AccountManifest, folder: string): boolean {
  return hasSize(join(folder, database.name), database.size) &&
    content.every(({ name, size }) => hasSize(join(folder, "content", name), size));
}

async function copyAccount(
  { id, address }: { readonly id: number; readonly address: string },
  source: string,
  folder: string,
  before: AccountManifest | undefined,
  { verify, target }: BackupAccountOptions,
): Promise<AccountBackup> {
  makeFolder(join(folder, "content"));
  const time = new Date().toISOString();
  const database = await copyDatabase(join(source, "mail.db"), folder, "mail");
  const path = join(folder, database.name);
  const copy = readCopy(path);
  const content = await copyContent(copy.files, join(source, "content"), join(folder, "content"), before);
  syncFolder(join(folder, "content"));
  syncFolder(folder);
  const faults = [...content.faults, ...verify ? faultsOf(path, join(folder, "content"), before?.lastEmail ?? 0) : []];
  const { state, lastEmail } = copy;
  const manifest = { version: BACKUP_VERSION, account: id, address, time, state, lastEmail, database };
  writeAccountManifest(target, { ...manifest, content: content.files });
  await removeOthers(folder, new Set([database.name, "content", "manifest.json"]));
  await removeOthers(join(folder, "content"), new Set(content.files.map(({ name }) => name)));
  if (faults.length > 0) throw new Error(`copied, with faults that it has: ${listed(faults)}`);
  return {
    outcome: "copied",
    linked: content.linked,
    copied: content.copied,
    bytes: database.size + content.bytes,
  };
}

interface ContentName {
  readonly file: string;
  readonly sha256: string;
}

function readCopy(path: string): { state: string; lastEmail: number; files: ContentName[] } {
  using db = mailSnapshot(path);
  return {
    state: String(db.row(STATE)?.state),
    lastEmail: Number(db.row(LAST_EMAIL)?.last),
    files: db.rows<{ file: string; sha256: string }>(CONTENT),
  };
}

async function copyContent(
  names: readonly ContentName[],
  from: string,
  to: string,
  before: AccountManifest | undefined,
): Promise<{ files: BackupFile[]; faults: string[]; linked: number; copied: number; bytes: number }> {
  const known = new Map(before?.content.map((file) => [file.name, file]));
  const files: BackupFile[] = [];
  const faults: string[] = [];
  let [linked, copied, bytes] = [0, 0, 0];
  for (const { file: name, sha256 } of names) {
    const there = known.get(name);
    if (there && hasSize(join(to, name), there.size)) {
      files.push(there);
      continue;
    }
    if (!exists(join(from, name))) {
      faults.push(`content/${name} is missing`);
      continue;
    }
    let file: BackupFile;
    if (hasSize(join(to, name), Deno.statSync(join(from, name)).size)) {
      file = { name, ...await digestFile(join(to, name)) }; // of a backup that was killed
    } else if (await linkFresh(join(from, name), join(to, name))) {
      file = { name, ...await digestFile(join(to, name)) };
      linked++;
    } else {
      file = await copyFile(join(from, name), to, name);
      copied++;
      bytes += file.size;
    }
    if (file.sha256 !== sha256) faults.push(`content/${name} is damaged: its SHA-256 is not that of the message`);
    files.push(file);
  }
  return { files, faults, linked, copied, bytes };
}

/** Whatever stood there is none of the backup's. */
async function linkFresh(from: string, to: string): Promise<boolean> {
  if (exists(to)) await Deno.remove(to);
  return await linkFile(from, to);
}

/** Emails do not change: those that the last backup had were looked at then. @throws Error where its pages are damaged */
function faultsOf(path: string, content: string, lastEmail: number): string[] {
  const faults: string[] = [];
  verifyCopy(path, content, lastEmail, ({ mailbox, uid, what, note }) => {
    if (!note) faults.push([mailbox, uid && `UID ${uid}`, what].filter((part) => part !== undefined).join(": "));
  });
  const damage = faults.filter((fault) => fault.startsWith("mail.db: "));
  if (damage.length > 0) throw new Error(`damaged, the backup keeps what it has; see roost salvage: ${listed(damage)}`);
  return faults;
}

function listed(faults: readonly string[]): string {
  const more = faults.length - LISTED;
  return `${faults.slice(0, LISTED).join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}
