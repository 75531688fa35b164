/** Folders that survive power loss: a file is safe only when the entry that names it is. */
import { dirname } from "node:path";

/** Makes a folder and those above it, for the owner alone; each new entry is on the disk before this returns. */
export function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return;
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    makeFolder(dirname(path));
    return makeFolder(path);
  }
  syncFolder(dirname(path));
}

/** Opens a file that is there to be locked, or makes it. @returns undefined: its folder is gone */
export function openLock(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path, { write: true, create: true, mode: 0o600 });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Flushes a folder's entries to the disk. */
export function syncFolder(path: string): void {
  using folder = Deno.openSync(path, { read: true });
  folder.syncSync();
}
