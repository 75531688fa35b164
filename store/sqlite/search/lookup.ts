/**
 * What search.db says of emails: that text is in them, may be in them, or is not. An email that it does not know may have any text.
 * Costs some microseconds a segment and needle, and nothing for an email.
 */
import type { SearchMode } from "../../store.ts";
import type { TextQuery, TextsKnown } from "../../search.ts";
import type { AccountDatabase } from "../database.ts";
import type { EmailRun } from "../emailruns.ts";
import { copyBits, setBits } from "./bits.ts";
import { type Finder, finder, WORDS } from "./finders.ts";
import { MAX_DOCUMENTS } from "./postings.ts";
import { type Segment, segmentsOf } from "./schema.ts";

const MODE = "SELECT mode FROM state";
const THERE = "SELECT 1 FROM segment WHERE id = ?";

/** Of fewer emails in a segment it is cheaper to read them. */
const FEW = 3;

/** Emails asked for that are in one segment, one after the other. */
interface Part {
  /** By place in `Asked.segments`. */
  readonly segment: number;
  readonly document: number;
  /** The place of the first one's message among those asked for. */
  readonly at: number;
  readonly count: number;
}

/** The emails asked for, by segment; those that are in none worth a look are in no part. */
export interface Asked {
  /** How many messages were asked for. */
  readonly count: number;
  readonly segments: readonly Segment[];
  readonly parts: readonly Part[];
}

/** @param emails quickest where they ascend @param count places that there are */
export function askedBySegment(index: AccountDatabase, emails: readonly EmailRun[], count: number): Asked {
  const segments = segmentsOf(index);
  const counts = new Uint32Array(segments.length);
  const parts: Part[] = [];
  for (const run of segments.length > 0 ? emails : []) {
    const end = run.email + run.count;
    for (let segment = segmentOf(segments, run.email); segment < segments.length; segment++) {
      const { first, last } = segments[segment];
      if (first >= end) break;
      const from = Math.max(first, run.email);
      const to = Math.min(last + 1, end);
      if (from >= to) continue;
      parts.push({ segment, document: from - first, at: run.at + from - run.email, count: to - from });
      counts[segment] += to - from;
    }
  }
  return { count, segments, parts: parts.filter(({ segment }) => counts[segment] >= FEW) };
}

/** The last one that begins at or before `email`; the first where none does. */
function segmentOf(segments: readonly Segment[], email: number): number {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (segments[middle].first <= email) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The mode of all segments. */
export function modeOf(index: AccountDatabase): SearchMode {
  return index.row<[SearchMode]>(MODE)?.[0] ?? "off";
}

/** Answers one query, some segments at a time. */
export class LookUp {
  readonly #find: Finder | undefined;
  /** By segment, as `Found`. */
  readonly #asked: Uint32Array;
  readonly #sure: Uint32Array;
  readonly #maybe: Uint32Array;
  /** By segment: 0 not looked at. */
  readonly #known: Uint8Array;

  constructor(readonly asked: Asked, mode: SearchMode, query: TextQuery) {
    const count = asked.segments.length;
    this.#find = finder(mode, query);
    const words = this.#find ? count * WORDS : 0;
    this.#asked = new Uint32Array(words);
    this.#sure = new Uint32Array(words);
    this.#maybe = new Uint32Array(words);
    this.#known = new Uint8Array(count);
    if (!this.#find) return;
    for (const { segment, document, count } of asked.parts) {
      setBits(this.#asked, segment * MAX_DOCUMENTS + document, count);
    }
  }

  /** Whether the index can say anything. */
  get possible(): boolean {
    return this.#find !== undefined;
  }

  /** Looks at segments [from, to), within a read transaction. */
  run(index: AccountDatabase, from: number, to: number): void {
    if (!this.#find) return;
    for (let at = from; at < Math.min(to, this.asked.segments.length); at++) {
      const [asked, sure, maybe] = [this.#asked, this.#sure, this.#maybe]
        .map((all) => all.subarray(at * WORDS, (at + 1) * WORDS));
      // Since they were listed, some may have become others.
      if (asked.every((word) => word === 0) || !index.row(THERE, this.asked.segments[at].id)) continue;
      this.#find(index, this.asked.segments[at], { asked, sure, maybe });
      this.#known[at] = 1;
    }
  }

  answers(): TextsKnown {
    const { count, parts } = this.asked;
    const sure = new Uint32Array((count + 31) >>> 5);
    const maybe = new Uint32Array(sure.length);
    setBits(maybe, 0, count);
    for (const { segment, document, at, count } of parts) {
      if (this.#known[segment] === 0) continue;
      copyBits(this.#sure, segment * MAX_DOCUMENTS + document, sure, at, count);
      copyBits(this.#maybe, segment * MAX_DOCUMENTS + document, maybe, at, count);
    }
    return { sure, maybe };
  }
}
