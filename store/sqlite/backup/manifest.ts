/**
 * What a backup consists of. `roost-backup.json` names the copy of directory.db and the accounts; `accounts/<id>/manifest.json` names
 * an account's database and content files.
 *
 * Invariant: files have names of their own content or never change, and a manifest is replaced in one step, so whatever it names is
 * there and whole, also after a backup that was killed.
 */
import { join } from "node:path";
import { StoreError } from "../../types.ts";
import { writeWhole } from "./files.ts";

export const BACKUP_VERSION = 1;
export const BACKUP_MANIFEST = "roost-backup.json";
const ACCOUNT_MANIFEST = "manifest.json";

export interface BackupFile {
  /** Without a folder. */
  readonly name: string;
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** A file of the data folder that is in no database: keys and certificates, for instance. */
export interface OtherFile extends BackupFile {
  /** Where it was, within the data folder. */
  readonly path: string;
}

export interface BackupManifest {
  readonly version: number;
  /** When it was ended, as in 2026-01-31T12:00:00.000Z. */
  readonly time: string;
  readonly directory: BackupFile;
  readonly other: readonly OtherFile[];
  readonly accounts: readonly { readonly id: number; readonly address: string }[];
}

export interface AccountManifest {
  readonly version: number;
  readonly account: number;
  readonly address: string;
  /** When it was copied. */
  readonly time: string;
  /** `account.state` of the copy. */
  readonly state: string;
  /** The last email that there was. */
  readonly lastEmail: number;
  readonly database: BackupFile;
  readonly content: readonly BackupFile[];
}

/** undefined: there is no backup. @throws {StoreError} cannot */
export function readManifest(folder: string): BackupManifest | undefined {
  return read<BackupManifest>(
    join(folder, BACKUP_MANIFEST),
    ({ directory, other, accounts }) =>
      isFile(directory) && Array.isArray(other) && other.every(isOther) &&
      Array.isArray(accounts) && accounts.every(({ id }) => Number.isSafeInteger(id)),
  );
}

export function writeManifest(folder: string, manifest: BackupManifest): void {
  writeWhole(folder, BACKUP_MANIFEST, JSON.stringify(manifest, undefined, 1) + "\n");
}

/** The folder of an account's files. */
export function accountFolder(folder: string, account: number): string {
  return join(folder, "accounts", String(account));
}

/** undefined: the account had no mail. @throws {StoreError} cannot */
export function readAccountManifest(folder: string, account: number): AccountManifest | undefined {
  return read<AccountManifest>(
    join(accountFolder(folder, account), ACCOUNT_MANIFEST),
    ({ database, content }) => isFile(database) && Array.isArray(content) && content.every(isFile),
  );
}

export function writeAccountManifest(folder: string, manifest: AccountManifest): void {
  writeWhole(accountFolder(folder, manifest.account), ACCOUNT_MANIFEST, JSON.stringify(manifest, undefined, 1) + "\n");
}

function read<T extends { version: number }>(path: string, wellFormed: (manifest: T) => boolean): T | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const manifest = parse(text) as T | undefined;
  if (manifest && manifest.version > BACKUP_VERSION) {
    throw new StoreError("cannot", `${path} is of version ${manifest.version}, this program knows ${BACKUP_VERSION}`);
  }
  if (!manifest || manifest.version !== BACKUP_VERSION || !wellFormed(manifest)) {
    throw new StoreError("cannot", `${path} is damaged`);
  }
  return manifest;
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A name that leads nowhere else. */
function isFile(file: BackupFile | undefined): boolean {
  return file !== undefined && file !== null && typeof file.name === "string" &&
    /^[\w-]+(\.[\w-]+)*$/.test(file.name) &&
    Number.isSafeInteger(file.size) && typeof file.sha256 === "string";
}

function isOther(file: OtherFile): boolean {
  return isFile(file) && typeof file.path === "string" && !file.path.startsWith("/") &&
    file.path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
