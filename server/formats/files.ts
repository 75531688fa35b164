/**
 * Files of a tree that somebody else owns and may change while it is read.
 *
 * Invariant: no byte is read from a file outside of the tree. A folder that is a symbolic link is not entered; a file is read only
 * when, after it was opened, its real path stands in the tree and is the file that was opened.
 */
import { sep } from "node:path";
import { reason } from "../reason.ts";
import { type Report, SourceError } from "./source.ts";

const PIECE = 256 * 1024;

/** Sorted names. Files are regular ones and links; folders are no links. */
export interface Listing {
  readonly files: string[];
  readonly folders: string[];
}

/** What a folder holds; empty, and told, where it cannot be read. */
export function listFolder(path: string, report: Report): Listing {
  const files: string[] = [];
  const folders: string[] = [];
  try {
    for (const entry of Deno.readDirSync(path)) {
      const { name } = entry;
      if (entry.isFile) files.push(name);
      else if (entry.isDirectory) folders.push(name);
      else if (!entry.isSymlink) report.skipped(`${path}/${name}`, "not a file");
      else if (!leadsToFolder(`${path}/${name}`)) files.push(name);
      else report.skipped(`${path}/${name}`, "a symbolic link to a folder is not followed");
    }
  } catch (error) {
    report.skipped(path, reason(error));
  }
  return { files: files.sort(), folders: folders.sort() };
}

function leadsToFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    // It leads nowhere: opening it says so.
    return false;
  }
}

export function isFolder(path: string): boolean {
  try {
    return Deno.lstatSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** The tree that paths must stay in; that it is a link itself does not matter. */
export function realRoot(path: string): string {
  return Deno.realPathSync(path);
}

export interface OpenFile extends Disposable {
  readonly file: Deno.FsFile;
  readonly size: number;
  /** Seconds since 1970. */
  readonly modified: number;
}

/** @throws {SourceError} not a regular file in the tree; what opening throws */
export function openInside(root: string, path: string): OpenFile {
  // A pipe would be waited for.
  if (!Deno.statSync(path).isFile) throw new SourceError("not a regular file");
  const file = Deno.openSync(path, { read: true });
  try {
    const opened = file.statSync();
    const real = Deno.realPathSync(path);
    if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) {
      throw new SourceError("a symbolic link that leads out of the tree is not followed");
    }
    const found = Deno.lstatSync(real);
    if (!opened.isFile || found.ino !== opened.ino || found.dev !== opened.dev) {
      throw new SourceError("it was replaced while it was opened");
    }
    const modified = Math.floor((opened.mtime?.getTime() ?? 0) / 1000);
    return { file, size: opened.size, modified, [Symbol.dispose]: () => file.close() };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Bytes [start, end). @throws {SourceError} the file is shorter now */
export function readRange(file: Deno.FsFile, start: number, end: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(end - start);
  file.seekSync(start, Deno.SeekMode.Start);
  for (let filled = 0; filled < bytes.length;) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) throw new SourceError("the file became shorter while it was read");
    filled += count;
  }
  return bytes;
}

/** Bytes [start, end) in pieces of 256 KiB. */
export function* readPieces(file: Deno.FsFile, start: number, end: number): Iterable<Uint8Array> {
  for (let at = start; at < end; at += PIECE) yield readRange(file, at, Math.min(end, at + PIECE));
}

/** The text of a small file of the tree; undefined where it is missing, or, told, where it cannot be read. */
export function readSmall(root: string, path: string, report: Report, most = 64 * 1024 * 1024): string | undefined {
  try {
    using opened = openInside(root, path);
    if (opened.size > most) throw new SourceError(`larger than ${most} bytes`);
    return new TextDecoder().decode(readRange(opened.file, 0, opened.size));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) report.skipped(path, reason(error));
    return undefined;
  }
}

/** A folder for the owner alone, with those above it. */
export function makePrivateFolder(path: string): void {
  Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Writes a whole file under a temporary name first, so that what has the name is complete. @param modified as in writeFile */
export function replaceFile(
  path: string,
  bytes: Uint8Array | Iterable<Uint8Array>,
  temporary = `${path}.tmp`,
  modified?: number,
): void {
  writeFile(temporary, bytes, modified);
  Deno.renameSync(temporary, path);
}

/** A new file, readable for the owner alone; one of that name is replaced. @param modified seconds since 1970 */
export function writeFile(path: string, bytes: Uint8Array | Iterable<Uint8Array>, modified?: number): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true, mode: 0o600 });
  for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) writeAll(file, piece);
  if (modified !== undefined) file.utimeSync(modified, modified);
}

export function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
