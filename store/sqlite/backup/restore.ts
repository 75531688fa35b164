/**
 * A whole backup into an empty data folder, or one account that is gone into a store that is in use.
 *
 * Invariant: files are made aside and renamed when they are whole; directory.db, or the account's row in it, comes last. So an
 * interrupted restore has restored nothing, and can be done again.
 */
import { dirname, join } from "node:path";
import { type AccountId, StoreError } from "../../types.ts";
import { makeFolder, syncFolder } from "../folders.ts";
import { exists, namesIn } from "../verifyreport.ts";
import { AccountRows } from "./accountrows.ts";
import { setLogged } from "./copy.ts";
import { type BackupManifest, readAccountManifest, readManifest } from "./manifest.ts";
import { restoreFile, restoreFiles } from "./restorefiles.ts";

const RESTORING = "restoring";
const LOCK = "lock";

/** A backup that no other process changes while it is open. */
export class OpenBackup implements Disposable {
  readonly #lock: Deno.FsFile | undefined;

  private constructor(readonly folder: string, readonly manifest: BackupManifest) {
    this.#lock = lockShared(folder);
  }

  /** @throws {StoreError} nonexistent, cannot (damaged), inuse */
  static open(folder: string): OpenBackup {
    const manifest = readManifest(folder);
    if (!manifest) throw new StoreError("nonexistent", `there is no backup in ${folder}`);
    return new OpenBackup(folder, manifest);
  }

  get directory(): string {
    return join(this.folder, this.manifest.directory.name);
  }

  [Symbol.dispose](): void {
    this.#lock?.close();
  }
}

/** undefined: nobody can write to it. @throws {StoreError} inuse */
function lockShared(folder: string): Deno.FsFile | undefined {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(join(folder, LOCK), { write: true });
  } catch {
    return undefined;
  }
  if (file.tryLockSync(false)) return file;
  file.close();
  throw new StoreError("inuse", `a backup to ${folder} is running`);
}

export interface RestoreAllOptions {
  readonly keepUidValidity: boolean;
  /** Another account is done. */
  readonly progress: (of: number) => void;
}

/** @throws {StoreError} cannot: there is data, or the backup is damaged; diskfull */
export async function restoreAll(backup: OpenBackup, dataDir: string, options: RestoreAllOptions): Promise<number> {
  const aside = join(dataDir, RESTORING);
  clear(dataDir, aside);
  makeFolder(join(aside, "accounts"));
  const { directory, accounts, other } = backup.manifest;
  for (const { id, address } of accounts) {
    const manifest = readAccountManifest(backup.folder, id);
    if (manifest) {
      const { keepUidValidity } = options;
      try {
        const folder = join(aside, "accounts", String(id));
        await restoreFiles(backup.folder, manifest, folder, { keepUidValidity, sameAccounts: true });
      } catch (error) {
        if (!(error instanceof StoreError) || error.fault !== "cannot") throw error;
        throw new StoreError("cannot", `${address}: ${error.message}`);
      }
    }
    options.progress(accounts.length);
  }
  for (const file of other) {
    const path = join(aside, "other", file.path);
    makeFolder(dirname(path));
    await restoreFile(
      join(backup.folder, "other"),
      file,
      dirname(path),
      file.path.slice(file.path.lastIndexOf("/") + 1),
    );
    syncFolder(dirname(path));
  }
  await restoreFile(backup.folder, directory, aside, "directory.db");
  setLogged(join(aside, "directory.db"), true);
  syncFolder(join(aside, "accounts"));
  syncFolder(aside);
  for (const name of namesIn(join(aside, "other"))) Deno.renameSync(join(aside, "other", name), join(dataDir, name));
  Deno.renameSync(join(aside, "accounts"), join(dataDir, "accounts"));
  syncFolder(dataDir);
  Deno.renameSync(join(aside, "directory.db"), join(dataDir, "directory.db"));
  syncFolder(dataDir);
  Deno.removeSync(aside, { recursive: true });
  return accounts.length;
}

/** Makes an empty data folder, also of one that an interrupted restore has begun to fill. @throws {StoreError} cannot */
function clear(dataDir: string, aside: string): void {
  makeFolder(dataDir);
  const began = exists(aside) && !exists(join(dataDir, "directory.db"));
  const names = namesIn(dataDir).filter((name) => name !== "lost+found" && name !== "run");
  if (names.length > 0 && !began) {
    throw new StoreError("cannot", `${dataDir} is not empty: restore single accounts, or move it away first`);
  }
  for (const name of names) Deno.removeSync(join(dataDir, name), { recursive: true });
}

/**
 * Makes an account again that is not there any more, with all that the backup knows of it.
 * @returns its number, and what of it could not be had back
 * @throws {StoreError} alreadyexists, cannot
 */
export async function restoreAccount(
  backup: OpenBackup,
  dataDir: string,
  address: string,
  { keepUidValidity }: { readonly keepUidValidity: boolean },
): Promise<{ account: AccountId; left: string[] }> {
  using rows = new AccountRows(backup.directory, dataDir);
  const saved = rows.saved(address);
  if (!saved) throw new StoreError("nonexistent", `the backup has no account ${address}`);
  const id = rows.reserve(saved);
  const manifest = readAccountManifest(backup.folder, saved.id);
  if (manifest) {
    const aside = join(dataDir, "accounts", `.restoring-${id}`);
    if (exists(aside)) Deno.removeSync(aside, { recursive: true });
    const sameAccounts = id === saved.id;
    await restoreFiles(backup.folder, manifest, aside, { keepUidValidity, sameAccounts });
    Deno.renameSync(aside, join(dataDir, "accounts", String(id)));
    syncFolder(join(dataDir, "accounts"));
  }
  return { account: id, left: rows.add(saved, id) };
}
