/**
 * A consistent copy of a database that others go on writing to: SQLite's online backup, all pages in one step, which is one read
 * transaction. So it ends, however busy the database is, and writers do not wait.
 */
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { digestFile, UNFINISHED } from "./files.ts";
import type { BackupFile } from "./manifest.ts";

const ALL_PAGES = 0x7fffffff;
const BUSY_TIMEOUT = 10_000;

/** Where a database's header says whether it has a log beside it, for those who read and for those who write. */
const LOG_FIELDS = 18;

/** Says whether a database that nobody uses has a log: a copy has none, so it is one file, also while it is read. */
export function setLogged(path: string, logged: boolean): void {
  using file = Deno.openSync(path, { read: true, write: true });
  file.seekSync(LOG_FIELDS, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(2).fill(logged ? 2 : 1));
  file.syncSync();
}

/**
 * Copies a database into a folder, under a name made of `stem` and its content.
 * @returns the file, flushed but for the folder's entry
 */
export async function copyDatabase(path: string, folder: string, stem: string): Promise<BackupFile> {
  const unfinished = join(folder, `${UNFINISHED}${stem}.db`);
  await removeIfThere(unfinished);
  // Made first, so that nobody else can read it at any time.
  Deno.openSync(unfinished, { write: true, createNew: true, mode: 0o600 }).close();
  try {
    const source = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT });
    try {
      await backup(source, unfinished, { rate: ALL_PAGES });
    } finally {
      source.close();
    }
    setLogged(unfinished, false);
    const digest = await digestFile(unfinished);
    const name = `${stem}-${digest.sha256.slice(0, 16)}.db`;
    await Deno.rename(unfinished, join(folder, name));
    return { name, ...digest };
  } catch (error) {
    await removeIfThere(unfinished);
    throw error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  for (const name of [path, `${path}-journal`, `${path}-wal`, `${path}-shm`]) {
    await Deno.remove(name).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}
