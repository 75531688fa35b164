/** Entries of the pages of tables: as much of each page as is well formed. */
import { PAGE_SIZE } from "../database.ts";
import type { Pages } from "./pages.ts";

export type Value = number | string | Uint8Array | null;

/** An entry of a table with row numbers, or (then `row` is 0) of one without. */
export interface Entry {
  readonly row: number;
  readonly values: readonly Value[];
}

const TABLE_LEAF = 0x0d;
const INDEX_LEAF = 0x0a;
const INDEX_INTERIOR = 0x02;
/** Columns of the widest table, and some. */
const MOST_COLUMNS = 40;
/** SQLite's own limit. */
const MOST_BYTES = 1_000_000_000;

const decoder = new TextDecoder();

/** Well-formed entries of one page; none of a page that is none of a table. @param bad is told of each that is not */
export function* entriesOf(pages: Pages, number: number, bad: () => void): Iterable<Entry> {
  const page = pages.page(number);
  if (!page) return;
  const at = number === 1 ? 100 : 0;
  const kind = page[at];
  if (kind !== TABLE_LEAF && kind !== INDEX_LEAF && kind !== INDEX_INTERIOR) return;
  const view = new DataView(page.buffer);
  const pointers = at + (kind === INDEX_INTERIOR ? 12 : 8);
  const count = Math.min(view.getUint16(at + 3), Math.floor((PAGE_SIZE - pointers) / 2));
  for (let n = 0; n < count; n++) {
    const entry = readEntry(pages, page, view.getUint16(pointers + 2 * n), kind);
    if (entry) yield entry;
    else bad();
  }
}

function readEntry(pages: Pages, page: Uint8Array, start: number, kind: number): Entry | undefined {
  const cursor = new Cursor(page, start + (kind === INDEX_INTERIOR ? 4 : 0));
  const size = cursor.varint();
  const row = kind === TABLE_LEAF ? cursor.varint() : 0;
  if (size === undefined || row === undefined || size < 2 || size > MOST_BYTES) return undefined;
  const payload = payloadOf(pages, page, cursor.at, size, kind);
  const values = payload && record(payload);
  return values && { row, values };
}

/** How much of an entry stands in its page, and the chain of pages with the rest. */
function payloadOf(pages: Pages, page: Uint8Array, at: number, size: number, kind: number): Uint8Array | undefined {
  const most = kind === TABLE_LEAF ? PAGE_SIZE - 35 : Math.floor((PAGE_SIZE - 12) * 64 / 255) - 23;
  if (size <= most) return at + size <= PAGE_SIZE ? page.subarray(at, at + size) : undefined;
  const least = Math.floor((PAGE_SIZE - 12) * 32 / 255) - 23;
  const fit = least + (size - least) % (PAGE_SIZE - 4);
  const local = fit <= most ? fit : least;
  if (at + local + 4 > PAGE_SIZE || Math.ceil((size - local) / (PAGE_SIZE - 4)) > pages.count) return undefined;
  const all = new Uint8Array(size);
  all.set(page.subarray(at, at + local));
  let next = new DataView(page.buffer).getUint32(at + local);
  for (let filled = local; filled < size;) {
    if (next < 2 || next > pages.count) return undefined;
    const more = pages.page(next);
    if (!more) return undefined;
    const part = Math.min(size - filled, PAGE_SIZE - 4);
    all.set(more.subarray(4, 4 + part), filled);
    filled += part;
    next = new DataView(more.buffer).getUint32(0);
  }
  return all;
}

function record(bytes: Uint8Array): Value[] | undefined {
  const cursor = new Cursor(bytes, 0);
  const head = cursor.varint();
  if (head === undefined || head > bytes.length) return undefined;
  const types: number[] = [];
  while (cursor.at < head) {
    const type = cursor.varint();
    if (type === undefined || types.length === MOST_COLUMNS) return undefined;
    types.push(type);
  }
  if (cursor.at !== head) return undefined;
  const values: Value[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = head;
  for (const type of types) {
    const size = sizeOf(type);
    if (size === undefined || at + size > bytes.length) return undefined;
    values.push(valueOf(type, view, bytes, at, size));
    at += size;
  }
  return at === bytes.length ? values : undefined;
}

const INTEGER_SIZES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function sizeOf(type: number): number | undefined {
  if (type < INTEGER_SIZES.length) return INTEGER_SIZES[type];
  return type < 12 ? undefined : Math.floor((type - 12) / 2);
}

function valueOf(type: number, view: DataView, bytes: Uint8Array, at: number, size: number): Value {
  if (type >= 12) return type % 2 === 0 ? bytes.slice(at, at + size) : decoder.decode(bytes.subarray(at, at + size));
  if (type === 0) return null;
  if (type >= 8) return type - 8;
  if (type === 7) return view.getFloat64(at);
  let value = view.getInt8(at);
  for (let n = 1; n < size; n++) value = value * 256 + bytes[at + n];
  return value;
}

class Cursor {
  constructor(readonly bytes: Uint8Array, public at: number) {}

  /** undefined: it does not end here, or is larger than any number that is kept */
  varint(): number | undefined {
    let value = 0;
    for (let n = 0; n < 9; n++) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) return undefined;
      if (n === 8) value = value * 256 + byte;
      else value = value * 128 + (byte & 0x7f);
      if (n < 8 && byte < 0x80) break;
    }
    return Number.isSafeInteger(value) ? value : undefined;
  }
}
