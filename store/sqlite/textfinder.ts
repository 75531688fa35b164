/**
 * Looking for bytes in the texts of messages within SQLite: a text that is long, or has them at its beginning, never comes into
 * JavaScript. A statement looks into a few messages or many, so that it takes some milliseconds whatever they hold.
 */
import type { Needle, TextsFound } from "../search.ts";
import type { MailboxId, UidRanges } from "../types.ts";
import type { AccountDatabase, SqlValue } from "./database.ts";
import { rangesJson } from "./messages.ts";
import { parseNumbers } from "./packedread.ts";
import { after, RANGES_AT_ONCE } from "./read.ts";

const FIRST_ROWS = 16;
const MOST_ROWS = 512;
/** What a statement is to take, in ms. */
const STEP_MS = 4;

export class TextFinder {
  #rest: UidRanges;
  #limit = FIRST_ROWS;
  readonly #text: string;
  readonly #needles: Uint8Array[];

  constructor(readonly mailbox: MailboxId, uids: UidRanges, needles: readonly Needle[]) {
    this.#rest = uids;
    this.#text = finderSql(needles.map(({ headersToo }) => headersToo));
    this.#needles = needles.map(({ bytes }) => bytes);
  }

  /** Undefined at the end. Synchronous, one snapshot. */
  next(db: AccountDatabase): TextsFound | undefined {
    while (this.#rest.length > 0) {
      const started = performance.now();
      const ranges = this.#rest.length > RANGES_AT_ONCE ? this.#rest.slice(0, RANGES_AT_ONCE) : this.#rest;
      const values: SqlValue[] = [this.mailbox, rangesJson(ranges), this.#limit, ...this.#needles];
      const [count, uidText, foundText] = db.row<[number, string | null, string | null]>(this.#text, ...values) ?? [0];
      const uids = new Float64Array(count);
      const found = new Int32Array(count);
      if (uidText && foundText) {
        parseNumbers(uidText, uids);
        parseNumbers(foundText, found);
      }
      this.#rest = after(this.#rest, count < this.#limit ? ranges[ranges.length - 1].last : uids[count - 1]);
      const factor = performance.now() - started < STEP_MS ? 2 : 0.5;
      this.#limit = Math.min(MOST_ROWS, Math.max(FIRST_ROWS / 4, Math.round(this.#limit * factor)));
      if (count > 0) return { uids, found };
    }
    return undefined;
  }
}

/** @param headersToo by needle; parameters: mailbox, ranges as JSON, limit, needles */
export function finderSql(headersToo: readonly boolean[]): string {
  const bits = headersToo.map((both, i) => {
    const needle = `?${i + 4}`;
    const inText = `instr(search_text.folded, ${needle}) > 0`;
    return `((${both ? `instr(search_header.folded, ${needle}) > 0 OR ${inText}` : inText}) << ${i})`;
  });
  const headers = headersToo.includes(true) ? " CROSS JOIN search_header ON search_header.email_id = m.email_id" : "";
  return `SELECT count(*), group_concat(uid), group_concat(found) FROM (
    SELECT m.uid AS uid, iif(search_text.email_id IS NULL, -1, ${bits.join(" | ")}) AS found
    FROM json_each(?2) r CROSS JOIN message m${headers}
      LEFT JOIN search_text ON search_text.email_id = m.email_id
    WHERE m.mailbox_id = ?1 AND m.uid BETWEEN r.value ->> 0 AND r.value ->> 1 LIMIT ?3)`;
}
