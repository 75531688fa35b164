/**
 * Reading little of many messages: a batch is one row, in which SQLite has put the values of a column one after another. That takes
 * half the time of a row a message, and leaves nothing to collect. Where a value is large, or messages were expunged that a session
 * still knows, a batch is read row by row.
 */
import type { BytesColumn, NumberColumn, PackedBytes, PackedColumn, PackedRows } from "../store.ts";
import type { MailboxId, ModSeq, UidRanges } from "../types.ts";
import type { AccountDatabase, SqlValue } from "./database.ts";
import { rangesJson } from "./messages.ts";
import { after, BatchReader, RANGES_AT_ONCE } from "./read.ts";
import { isBytes, MOST_PACKED, packedPlan, type PackedSql, readPlan } from "./readplan.ts";

/** Rows of the first batch, so that the first answer comes soon, and of the others. */
const FIRST_ROWS = 64;
const MOST_ROWS = 256;

/** Row values before those of the columns. */
const HEAD = 2;

export class PackedReader {
  #rest: UidRanges;
  #limit = FIRST_ROWS;
  /** Messages were removed that the session knows: they are among what is to be read. */
  #removed = false;
  readonly #columns: readonly PackedColumn[];
  readonly #plan: PackedSql;

  constructor(
    readonly mailbox: MailboxId,
    uids: UidRanges,
    columns: readonly PackedColumn[],
    readonly told: ModSeq,
  ) {
    this.#rest = uids;
    this.#columns = columns.includes("uid") ? columns : ["uid", ...columns];
    this.#plan = packedPlan(this.#columns);
  }

  /** The next rows, ascending; undefined at the end. Synchronous, one snapshot. */
  next(db: AccountDatabase): PackedRows | undefined {
    while (this.#rest.length > 0) {
      let rows = this.#removed ? undefined : this.#packed(db);
      rows ??= this.#byRow(db);
      if (rows.count > 0) return rows;
    }
    return undefined;
  }

  /** undefined: there is something that cannot be packed. */
  #packed(db: AccountDatabase): Columns | undefined {
    const ranges = this.#rest.length > RANGES_AT_ONCE ? this.#rest.slice(0, RANGES_AT_ONCE) : this.#rest;
    const limit = this.#limit;
    const values = ranges.length === 1
      ? db.row<SqlValue[]>(this.#plan.range, this.mailbox, ranges[0].first, ranges[0].last, limit)
      : db.row<SqlValue[]>(this.#plan.ranges, this.mailbox, rangesJson(ranges), limit);
    const [count, expungeSeq] = values ?? [0, 0];
    this.#removed = Number(expungeSeq) > this.told;
    if (typeof count !== "number" || this.#removed) return undefined;
    const rows = new Columns(count);
    if (values && count > 0 && !fill(rows, this.#columns, values)) return undefined;
    this.#limit = MOST_ROWS;
    const end = count < limit ? ranges[ranges.length - 1].last : rows.numbers("uid")[count - 1];
    this.#rest = after(this.#rest, end);
    return rows;
  }

  #byRow(db: AccountDatabase): Columns {
    const reader = new BatchReader(this.mailbox, this.#rest, readPlan(this.#columns), this.told);
    const rows = reader.next(db) ?? [];
    this.#rest = reader.rest;
    const packed = new Columns(rows.length);
    for (const [at, column] of this.#columns.entries()) {
      if (isBytes(column)) packed.addBytes(column, joined(rows.map((row) => row[at] as Uint8Array)));
      else packed.addNumbers(column, Float64Array.from(rows, (row) => row[at] as number));
    }
    return packed;
  }
}

class Columns implements PackedRows {
  readonly #numbers = new Map<NumberColumn, Float64Array>();
  readonly #bytes = new Map<BytesColumn, PackedBytes>();

  constructor(readonly count: number) {}

  addNumbers(column: NumberColumn, numbers: Float64Array): void {
    this.#numbers.set(column, numbers);
  }

  addBytes(column: BytesColumn, bytes: PackedBytes): void {
    this.#bytes.set(column, bytes);
  }

  numbers(column: NumberColumn): Float64Array {
    return this.#numbers.get(column) ?? notRead(column);
  }

  bytes(column: BytesColumn): PackedBytes {
    return this.#bytes.get(column) ?? notRead(column);
  }
}

function notRead(column: PackedColumn): never {
  throw new Error(`column ${column} was not read`);
}

/** @returns false: a value was left out, being too large */
function fill(rows: Columns, columns: readonly PackedColumn[], values: readonly SqlValue[]): boolean {
  let at = HEAD;
  for (const column of columns) {
    if (!isBytes(column)) {
      const numbers = new Float64Array(rows.count);
      parseNumbers(values[at++] as string, numbers);
      rows.addNumbers(column, numbers);
      continue;
    }
    const ends = new Uint32Array(rows.count);
    parseNumbers(values[at++] as string, ends);
    let end = 0;
    for (let i = 0; i < ends.length; i++) {
      if (ends[i] > MOST_PACKED) return false;
      ends[i] = end += ends[i];
    }
    rows.addBytes(column, { bytes: values[at++] as Uint8Array, ends });
  }
  return true;
}

/** Whole numbers with commas between. @param into has room for all */
export function parseNumbers(text: string, into: Float64Array | Uint32Array | Int32Array): void {
  let value = 0;
  let count = 0;
  let sign = 1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x30) value = value * 10 + code - 0x30;
    else if (code === 0x2d) sign = -1;
    else {
      into[count++] = sign * value;
      value = 0;
      sign = 1;
    }
  }
  into[count] = sign * value;
}

function joined(values: readonly Uint8Array[]): PackedBytes {
  const ends = new Uint32Array(values.length);
  let size = 0;
  values.forEach((value, i) => ends[i] = size += value.length);
  const bytes = new Uint8Array(size);
  values.forEach((value, i) => bytes.set(value, ends[i] - value.length));
  return { bytes, ends };
}
