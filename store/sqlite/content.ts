/**
 * Message bytes outside the database: drafts on their way in, and the files of large messages.
 *
 * Invariant: a file has its final name and is on the disk, directory included, before a row can refer to it.
 */
import { createHash, type Hash } from "node:crypto";
import { dirname } from "node:path";
import type { Draft } from "../store.ts";
import { type ByteSource, memorySource } from "../mime/source.ts";
import { StoreError } from "../types.ts";
import { storeFault } from "./errors.ts";
import { syncFolder } from "./folders.ts";

/** Up to here the bytes are kept in the database. */
export const INLINE_LIMIT = 128 * 1024;
const FIRST_CHUNK = 4096;

/** Temporary files start with this; nothing refers to them. */
export const TEMPORARY = "tmp-";

/** A file as a source. */
export class FileSource implements ByteSource, Disposable {
  readonly size: number;
  /** Where the file stands; unknown at first. */
  #position = -1;

  /** @param closed called once, when the source was disposed of */
  constructor(readonly file: Deno.FsFile, size?: number, private closed: () => void = () => {}) {
    this.size = size ?? file.statSync().size;
  }

  static open(path: string, closed: () => void): FileSource {
    return new FileSource(Deno.openSync(path, { read: true }), undefined, closed);
  }

  read(start: number, end: number): Uint8Array {
    const from = Math.min(start, this.size);
    return this.readInto(from, new Uint8Array(Math.max(0, Math.min(end, this.size) - from)));
  }

  readInto(start: number, into: Uint8Array): Uint8Array {
    const from = Math.min(start, this.size);
    const bytes = into.subarray(0, Math.min(into.length, this.size - from));
    if (this.#position !== from) this.file.seekSync(from, Deno.SeekMode.Start);
    let filled = 0;
    while (filled < bytes.length) {
      const count = this.file.readSync(bytes.subarray(filled));
      if (count === null) break;
      filled += count;
    }
    this.#position = from + filled;
    return filled === bytes.length ? bytes : bytes.subarray(0, filled);
  }

  [Symbol.dispose](): void {
    this.file.close();
    this.closed();
  }
}

/** Bytes in memory up to the inline limit, then in a temporary file. */
export class ContentDraft implements Draft {
  #size = 0;
  #memory: Uint8Array | undefined;
  #file: Deno.FsFile | undefined;
  #path: string | undefined;
  /** Of what is in the file; bytes in memory are hashed when they are asked for. */
  #hash: Hash | undefined;
  #letGo = () => {};

  /**
   * @param folder where content files of the account are
   * @param hold called when the draft gets a file, which the folder's cleaning must spare until what it gives is called
   */
  constructor(readonly folder: string, sizeHint: number, readonly hold: () => () => void) {
    if (sizeHint <= INLINE_LIMIT) this.#memory = new Uint8Array(sizeHint > 0 ? sizeHint : FIRST_CHUNK);
  }

  get size(): number {
    return this.#size;
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      if (this.#memory && this.#size + bytes.length <= INLINE_LIMIT) {
        this.#memory = withRoom(this.#memory, this.#size, bytes.length);
        this.#memory.set(bytes, this.#size);
      } else {
        const file = this.#file ?? await this.#spill();
        await writeAll(file, bytes);
        this.#hash?.update(bytes);
      }
      this.#size += bytes.length;
    } catch (error) {
      throw storeFault(error);
    }
  }

  async #spill(): Promise<Deno.FsFile> {
    this.#letGo = this.hold();
    await makeContentFolder(this.folder);
    this.#path = `${this.folder}/${TEMPORARY}${crypto.randomUUID()}`;
    this.#file = await Deno.open(this.#path, { read: true, write: true, createNew: true, mode: 0o600 });
    if (this.#memory) await writeAll(this.#file, this.#memory.subarray(0, this.#size));
    this.#hash = createHash("sha256").update(this.#memory?.subarray(0, this.#size) ?? "");
    this.#memory = undefined;
    return this.#file;
  }

  /** All bytes, where they are in memory. */
  get bytes(): Uint8Array | undefined {
    return this.#memory?.subarray(0, this.#size);
  }

  /** What was written; usable until the draft is kept or discarded. */
  source(): ByteSource {
    if (this.#memory) return memorySource(this.#memory.subarray(0, this.#size));
    if (!this.#file) throw new Error("the draft holds no bytes");
    return new FileSource(this.#file, this.#size);
  }

  /** SHA-256 of all that was written. */
  digest(): Uint8Array {
    return (this.#hash?.copy() ?? createHash("sha256").update(this.#memory?.subarray(0, this.#size) ?? "")).digest();
  }

  /** Gives the temporary file its final name, safe on the disk. @returns the name; undefined: the bytes are in memory */
  async keep(): Promise<string | undefined> {
    if (this.#memory) return undefined;
    const file = this.#file ?? await this.#spill();
    await file.sync();
    const name = crypto.randomUUID();
    const path = `${this.folder}/${name}`;
    await Deno.rename(this.#path as string, path);
    this.#path = path;
    syncFolder(this.folder);
    return name;
  }

  /** A row refers to the file now: `discard` leaves it. */
  taken(): void {
    this.#path = undefined;
    this.#close();
  }

  async discard(): Promise<void> {
    const path = this.#path;
    const letGo = this.#letGo;
    this.#path = undefined;
    this.#letGo = () => {};
    this.#close();
    try {
      if (path) await Deno.remove(path);
    } finally {
      letGo(); // the folder's cleaning would remove it, too
    }
  }

  #close(): void {
    this.#memory = undefined;
    this.#file?.close();
    this.#file = undefined;
    this.#letGo();
    this.#letGo = () => {};
  }
}

/** Not its parents: they are gone when the account was removed. */
async function makeContentFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new StoreError("nonexistent", "the account does not exist");
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    return;
  }
  syncFolder(dirname(path));
}

function withRoom(memory: Uint8Array, used: number, more: number): Uint8Array {
  if (used + more <= memory.length) return memory;
  const larger = new Uint8Array(Math.min(INLINE_LIMIT, Math.max(used + more, memory.length * 2)));
  larger.set(memory.subarray(0, used));
  return larger;
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
}
