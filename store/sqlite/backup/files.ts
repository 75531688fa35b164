/** Files of a backup: written under a temporary name, flushed, then renamed, so a name never stands for half a file. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { syncFolder } from "../folders.ts";
import type { BackupFile } from "./manifest.ts";

/** What a killed backup leaves begins with this; nothing refers to it. */
export const UNFINISHED = "tmp-";

const CHUNK = 1 << 20;

/** Replaces a file by one with this text. */
export function writeWhole(folder: string, name: string, text: string): void {
  const path = join(folder, UNFINISHED + name);
  {
    using file = Deno.openSync(path, { write: true, create: true, truncate: true, mode: 0o600 });
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    file.syncSync();
  }
  Deno.renameSync(path, join(folder, name));
  syncFolder(folder);
}

/** Size and SHA-256 of a file, and its bytes into another where one is given. */
export async function digestFile(path: string, into?: Deno.FsFile): Promise<{ size: number; sha256: string }> {
  using file = await Deno.open(path, { read: true });
  const hash = createHash("sha256");
  const chunk = new Uint8Array(CHUNK);
  let size = 0;
  for (let count = await file.read(chunk); count !== null; count = await file.read(chunk)) {
    const bytes = chunk.subarray(0, count);
    hash.update(bytes);
    size += count;
    for (let rest = bytes; into && rest.length > 0;) rest = rest.subarray(await into.write(rest));
  }
  return { size, sha256: hash.digest("hex") };
}

/** Copies a file, flushed but for the folder's entry. A copy that was not ended is not there. */
export async function copyFile(from: string, folder: string, name: string): Promise<BackupFile> {
  const path = join(folder, UNFINISHED + name);
  try {
    using file = await Deno.open(path, { write: true, create: true, truncate: true, mode: 0o600 });
    const copied = await digestFile(from, file);
    await file.sync();
    await Deno.rename(path, join(folder, name));
    return { name, ...copied };
  } catch (error) {
    await Deno.remove(path).catch(() => {}); // It may not have been made; the next backup removes it otherwise.
    throw error;
  }
}

/** Another name for the same bytes. @returns false: the file system cannot, or it is another one */
export async function linkFile(from: string, to: string): Promise<boolean> {
  try {
    await Deno.link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw error;
    if (error instanceof Deno.errors.AlreadyExists) throw error;
    return false;
  }
}

/** Removes what `keep` does not name. */
export async function removeOthers(folder: string, keep: ReadonlySet<string>): Promise<void> {
  for (const { name } of [...Deno.readDirSync(folder)]) {
    if (!keep.has(name)) await Deno.remove(join(folder, name), { recursive: true });
  }
}

/** Whether the file is there with that size. */
export function hasSize(path: string, size: number): boolean {
  try {
    return Deno.statSync(path).size === size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
