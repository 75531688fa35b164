/**
 * The pages of a database file, those of its log above them, without SQLite, which gives up where one is damaged. What the file's
 * format says is at https://www.sqlite.org/fileformat2.html.
 */
import { PAGE_SIZE } from "../database.ts";

const LOG_MAGIC = 0x377f0682;
const LOG_HEADER = 32;
const FRAME_HEADER = 24;
/** Kinds of pages as the pointer map has them: 1 to 5. */
const FREE = 2;
const KINDS = 5;

export class Pages implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #log: Deno.FsFile | undefined;
  /** Where the newest copy of a page stands in the log. */
  readonly #logged = new Map<number, number>();
  readonly count: number;

  /** @throws {Deno.errors.NotFound} */
  constructor(path: string) {
    this.#file = Deno.openSync(path, { read: true });
    this.#log = openIfThere(`${path}-wal`);
    const last = this.#log ? readLog(this.#log, this.#logged) : 0;
    this.count = Math.max(last, Math.floor(this.#file.statSync().size / PAGE_SIZE));
  }

  /** Numbered from 1. undefined: cut off */
  page(number: number): Uint8Array | undefined {
    const logged = this.#logged.get(number);
    return logged === undefined
      ? readAt(this.#file, (number - 1) * PAGE_SIZE, PAGE_SIZE)
      : readAt(this.#log ?? this.#file, logged, PAGE_SIZE);
  }

  /**
   * Whether the pointer map says that it is free: what stands there was removed. Those that hold the rest of long entries need not be
   * known: they begin with the number of the next one, which is no kind of page below 33 million pages.
   */
  isFree(number: number): boolean {
    const each = Math.floor(PAGE_SIZE / 5) + 1;
    const map = Math.floor((number - 2) / each) * each + 2;
    if (number < 2 || map === number) return false;
    return this.#map(map)?.[5 * (number - map - 1)] === FREE;
  }

  #known: { number: number; page: Uint8Array | undefined } | undefined;

  /** A page of the pointer map; undefined where it is none any more. */
  #map(number: number): Uint8Array | undefined {
    if (this.#known?.number !== number) {
      const page = this.page(number);
      let good = page !== undefined;
      const entries = Math.min(Math.floor(PAGE_SIZE / 5), this.count - number);
      for (let at = 0; good && page && at < entries; at++) good = page[5 * at] >= 1 && page[5 * at] <= KINDS;
      this.#known = { number, page: good ? page : undefined };
    }
    return this.#known.page;
  }

  [Symbol.dispose](): void {
    this.#file.close();
    this.#log?.close();
  }
}

function openIfThere(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Frames up to the last commit; those with other salts are of an earlier log. Their checksums are passed over: each covers all
 * before it, so one bad bit would take all that follows.
 * @returns pages of the database after the last commit
 */
function readLog(log: Deno.FsFile, pages: Map<number, number>): number {
  const head = readAt(log, 0, LOG_HEADER);
  if (!head) return 0;
  const view = new DataView(head.buffer);
  if (((view.getUint32(0) & ~1) >>> 0) !== LOG_MAGIC || view.getUint32(8) !== PAGE_SIZE) return 0;
  let count = 0;
  let open: [number, number][] = [];
  for (let at = LOG_HEADER;; at += FRAME_HEADER + PAGE_SIZE) {
    const frame = readAt(log, at, FRAME_HEADER);
    if (!frame) return count;
    const { buffer, byteOffset } = frame;
    const fields = new DataView(buffer, byteOffset, FRAME_HEADER);
    if (fields.getUint32(8) !== view.getUint32(16) || fields.getUint32(12) !== view.getUint32(20)) continue;
    open.push([fields.getUint32(0), at + FRAME_HEADER]);
    if (fields.getUint32(4) === 0) continue;
    for (const [page, place] of open) pages.set(page, place);
    open = [];
    count = fields.getUint32(4);
  }
}

function readAt(file: Deno.FsFile, at: number, size: number): Uint8Array | undefined {
  const bytes = new Uint8Array(size);
  file.seekSync(at, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < size) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) return undefined;
    filled += count;
  }
  return bytes;
}
