/**
 * Reading messages in batches. No transaction is open between batches: each continues behind the last UID of the one before, and
 * messages expunged meanwhile are found among the expunged ones.
 */
import type { MailboxId, ModSeq, Uid, UidRange, UidRanges } from "../types.ts";
import type { AccountDatabase, SqlValue } from "./database.ts";
import { rangesJson } from "./messages.ts";
import type { ReadPlan } from "./readplan.ts";
import { sql } from "./statements.ts";

const EXPUNGESEQ = sql("SELECT expungeseq FROM mailbox WHERE id = ?");

/** Rows of the first batch: few, so that the first answer comes soon; later batches grow to the most that the plan allows. */
const FIRST_ROWS = 64;
/** Bytes after which a batch of heavy columns ends. */
const BATCH_BYTES = 1 << 20;
/** Of heavy columns; after a larger one, the next begins small again. */
const SMALL_BATCH = 1 << 18;
/** Ranges looked at in one statement. */
export const RANGES_AT_ONCE = 1000;

type Values = SqlValue[];

/** Rows found, and whether there may be more behind the last. */
interface Found {
  readonly rows: Values[];
  readonly more: boolean;
}

export class BatchReader {
  #rest: UidRanges;
  #limit: number;

  constructor(
    readonly mailbox: MailboxId,
    uids: UidRanges,
    readonly plan: ReadPlan,
    readonly told: ModSeq,
  ) {
    this.#rest = uids;
    this.#limit = plan.leastRows || Math.min(FIRST_ROWS, plan.mostRows);
  }

  /** What is still to be read. */
  get rest(): UidRanges {
    return this.#rest;
  }

  /** The next rows, ascending; undefined at the end. Synchronous, one snapshot. */
  next(db: AccountDatabase): unknown[][] | undefined {
    while (this.#rest.length > 0) {
      const rows = db.read(() => this.#batch(db));
      if (rows.length > 0) return rows;
    }
    return undefined;
  }

  #batch(db: AccountDatabase): unknown[][] {
    const ranges = this.#rest.slice(0, RANGES_AT_ONCE);
    const live = this.#find(db, ranges, false);
    const expunged = (db.row<[number]>(EXPUNGESEQ, this.mailbox)?.[0] ?? 0) > this.told
      ? this.#find(db, ranges, true)
      : { rows: [], more: false };
    this.#limit = this.#nextLimit(live.rows);

    let end: number = ranges[ranges.length - 1].last;
    for (const { rows, more } of [live, expunged]) if (more) end = Math.min(end, uidOf(rows[rows.length - 1]));
    const rows: unknown[][] = [];
    /** Of large rows, which are read one by one. */
    let bytes = 0;
    for (const values of merged(live.rows, expunged.rows)) {
      const uid = uidOf(values);
      if (uid > end) break;
      const row = this.plan.row(values);
      if (row) {
        rows.push(row);
        continue;
      }
      const large = this.#whole(db, uid);
      rows.push(large);
      for (const value of large) if (value instanceof Uint8Array) bytes += value.length;
      if (bytes < BATCH_BYTES) continue;
      end = uid;
      break;
    }
    this.#rest = after(this.#rest, end);
    return rows;
  }

  #find(db: AccountDatabase, ranges: UidRanges, expunged: boolean): Found {
    const texts = expunged ? this.plan.expunged : this.plan.live;
    const where: SqlValue[] = ranges.length === 1 ? [ranges[0].first, ranges[0].last] : [rangesJson(ranges)];
    const values = [this.mailbox, ...where, this.#limit, ...(expunged ? [this.told] : [])];
    const text = ranges.length === 1 ? texts.range : texts.ranges;
    const rows = db.rows<Values>(text, ...values);
    return { rows, more: rows.length === this.#limit };
  }

  #nextLimit(rows: readonly Values[]): number {
    const { mostRows, leastRows } = this.plan;
    if (leastRows === 0) return Math.min(mostRows, this.#limit * 4);
    let bytes = 0;
    for (const row of rows) for (const value of row) if (value instanceof Uint8Array) bytes += value.length;
    return bytes < SMALL_BATCH ? Math.min(mostRows, this.#limit * 2) : leastRows;
  }

  #whole(db: AccountDatabase, uid: number): unknown[] {
    const { live, expunged } = this.plan.whole;
    const values = db.row<Values>(live, this.mailbox, uid, uid, 1) ??
      db.row<Values>(expunged, this.mailbox, uid, uid, 1, this.told);
    const row = values && this.plan.row(values);
    if (!row) throw new Error("a message was lost within a snapshot");
    return row;
  }
}

function uidOf(values: Values): number {
  return values[values.length - 1] as number;
}

/** Two ascending lists as one. */
function merged(a: Values[], b: Values[]): Values[] {
  if (b.length === 0) return a;
  return [...a, ...b].sort((x, y) => uidOf(x) - uidOf(y));
}

/** The ranges up to `uid`. */
export function upTo(ranges: UidRanges, uid: number): UidRange[] {
  const head = ranges.filter(({ first }) => first <= uid);
  const end = head.length - 1;
  if (end >= 0 && head[end].last > uid) head[end] = { first: head[end].first, last: uid as Uid };
  return head;
}

/** The ranges behind `uid`. */
export function after(ranges: UidRanges, uid: number): UidRange[] {
  let at = 0;
  while (at < ranges.length && ranges[at].last <= uid) at++;
  const rest = ranges.slice(at);
  if (rest.length > 0 && rest[0].first <= uid) rest[0] = { first: uid + 1 as Uid, last: rest[0].last };
  return rest;
}
