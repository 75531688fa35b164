/**
 * A backup of a whole store, while a server uses it. An account that cannot be copied is told, keeps its last good copy and does not
 * keep the others from being copied.
 */
import { createHash } from "node:crypto";
import { join, sep } from "node:path";
import { StoreError } from "../../types.ts";
import { makeFolder, syncFolder } from "../folders.ts";
import { exists, namesIn, Snapshot } from "../verifyreport.ts";
import { backupAccount } from "./account.ts";
import { copyDatabase } from "./copy.ts";
import { copyFile, hasSize, removeOthers } from "./files.ts";
import { BACKUP_MANIFEST, BACKUP_VERSION, type OtherFile, readManifest, writeManifest } from "./manifest.ts";

export interface BackupOptions {
  readonly dataDir: string;
  /** Made if it is not there; belongs to backups of this store alone. */
  readonly target: string;
  /** Look at all that was copied whether it keeps the store's promises. */
  readonly verify: boolean;
  /** An account, or something else of the store, that could not be copied. */
  readonly failed: (what: string, error: unknown) => void;
  /** Another account is done. */
  readonly progress: (of: number) => void;
}

export interface Backup {
  readonly accounts: number;
  readonly changed: number;
  readonly failed: number;
  readonly linked: number;
  readonly copied: number;
  readonly bytes: number;
}

/** Parts of the data folder that are copied otherwise or mean nothing elsewhere. */
const NOT_OTHER = new Set(["accounts", "run", "directory.db", "directory.db-wal", "directory.db-shm", "restoring"]);
const OTHER = "other";
const LOCK = "lock";

/** @throws {StoreError} cannot, inuse (by another backup), diskfull */
export async function backupStore(options: BackupOptions): Promise<Backup> {
  const { dataDir, target, verify } = options;
  prepare(dataDir, target);
  using _lock = lock(target);
  makeFolder(join(target, "accounts"));
  makeFolder(join(target, OTHER));
  const before = readManifest(target);
  const sums = { changed: 0, failed: 0, linked: 0, copied: 0, bytes: 0 };
  const directory = await copyDatabase(join(dataDir, "directory.db"), target, "directory");
  sums.bytes += directory.size;
  const accounts = accountsOf(join(target, directory.name), verify);
  for (const account of accounts) {
    try {
      const { outcome, linked, copied, bytes } = await backupAccount(account, { dataDir, target, verify });
      if (outcome === "copied") sums.changed++;
      sums.linked += linked;
      sums.copied += copied;
      sums.bytes += bytes;
    } catch (error) {
      // Removed while the others were copied: not there any more, and nothing is lost.
      if (!exists(join(dataDir, "accounts", String(account.id)))) continue;
      sums.failed++;
      options.failed(account.address, error);
    }
    options.progress(accounts.length);
  }
  const other = await copyOther(options, before?.other ?? [], sums);
  syncFolder(target);
  writeManifest(target, { version: BACKUP_VERSION, time: new Date().toISOString(), directory, other, accounts });
  await removeOthers(target, new Set([BACKUP_MANIFEST, LOCK, OTHER, "accounts", directory.name]));
  await removeOthers(join(target, OTHER), new Set(other.map(({ name }) => name)));
  await removeOthers(join(target, "accounts"), new Set(accounts.map(({ id }) => String(id))));
  return { accounts: accounts.length, ...sums };
}

/** Makes the folder. @throws {StoreError} cannot: it is no place for a backup */
function prepare(dataDir: string, target: string): void {
  makeFolder(target);
  const [data, place] = [Deno.realPathSync(dataDir) + sep, Deno.realPathSync(target) + sep];
  if (place.startsWith(data)) throw new StoreError("cannot", `${target} is within the data directory`);
  const names = namesIn(target).filter((name) => name !== "lost+found");
  if (names.length > 0 && !names.includes(BACKUP_MANIFEST) && !names.includes(LOCK)) {
    throw new StoreError("cannot", `${target} is not empty, and no backup`);
  }
}

/** The first file there, which tells the folder from others. @throws {StoreError} inuse */
function lock(target: string): Deno.FsFile {
  const file = Deno.openSync(join(target, LOCK), { write: true, create: true, mode: 0o600 });
  if (file.tryLockSync(true)) return file;
  file.close();
  throw new StoreError("inuse", `another backup to ${target}, or a restore from it, is running`);
}

function accountsOf(path: string, verify: boolean): { id: number; address: string }[] {
  using db = new Snapshot(path);
  const faults = verify ? db.integrityFaults() : [];
  if (faults.length > 0) throw new StoreError("cannot", `directory.db is damaged: ${faults[0]}`);
  return db.rows<{ id: number; address: string }>("SELECT id, address FROM account ORDER BY id");
}

/** Keys and certificates that the server made or fetched. */
async function copyOther(
  { dataDir, target, failed }: BackupOptions,
  before: readonly OtherFile[],
  sums: { failed: number; bytes: number },
): Promise<OtherFile[]> {
  const files: OtherFile[] = [];
  for (const path of otherFiles(dataDir, "")) {
    try {
      const sha256 = createHash("sha256").update(Deno.readFileSync(join(dataDir, path))).digest("hex");
      const known = before.find((file) => file.path === path && file.sha256 === sha256);
      if (known && hasSize(join(target, OTHER, known.name), known.size)) {
        files.push(known);
        continue;
      }
      const place = createHash("sha256").update(path).digest("hex").slice(0, 8);
      const file = await copyFile(join(dataDir, path), join(target, OTHER), `${place}-${sha256.slice(0, 16)}`);
      files.push({ path, ...file });
      sums.bytes += file.size;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue; // Replaced just now, under another name.
      sums.failed++;
      failed(path, error);
    }
  }
  syncFolder(join(target, OTHER));
  return files;
}

function* otherFiles(dataDir: string, folder: string): Iterable<string> {
  for (const { name, isFile, isDirectory } of Deno.readDirSync(join(dataDir, folder))) {
    if (folder === "" && NOT_OTHER.has(name)) continue;
    const path = folder === "" ? name : `${folder}/${name}`;
    if (isDirectory) yield* otherFiles(dataDir, path);
    else if (isFile && !name.endsWith(".sock")) yield path;
  }
}
