/**
 * What search.db says of emails: that text is in them, may be in them, or is not. An email that it does not know may have any text.
 * Costs some microseconds a segment and needle, and nothing for an email.
 */
import type { SearchMode } from "../../store.ts";
import { Pattern } from "../../pattern.ts";
import { Match, type TextQuery } from "../../search.ts";
import type { AccountDatabase } from "../database.ts";
import { ANY_TRIGRAM, FIELDS, type Segment, segmentsOf, Source } from "./schema.ts";
import { addDocuments, MAX_DOCUMENTS, trigramsOf } from "./trigrams.ts";

const MODE = "SELECT mode FROM state";
const THERE = "SELECT 1 FROM segment WHERE id = ?";
const POSTING = "SELECT documents FROM posting WHERE segment_id = ? AND source = ? AND trigram = ?";
const FIELD = "SELECT lines, ends FROM field WHERE segment_id = ? AND name = ?";

/** Of fewer emails in a segment it is cheaper to read them. */
const FEW = 3;
/** With no more documents left it is cheaper to read them than to look up another trigram. */
const FEW_LEFT = 1;
const WORDS = MAX_DOCUMENTS / 32;
const NEWLINE = 0x0a;

/** The emails asked for, by segment. */
export interface Asked {
  /** 0: none. */
  readonly emails: Uint32Array;
  /** By place in `emails`; -1: in none that is worth a look. */
  readonly segmentAt: Int32Array;
  readonly segments: readonly Segment[];
}

/** @param emails numbers, in any order; quickest where they ascend */
export function askedBySegment(index: AccountDatabase, emails: Uint32Array): Asked {
  const segments = segmentsOf(index);
  const segmentAt = new Int32Array(emails.length).fill(-1);
  const counts = new Uint32Array(segments.length);
  let at = 0;
  for (let i = 0; i < emails.length; i++) {
    const email = emails[i];
    if (email === 0 || segments.length === 0) continue;
    if (email < segments[at].first || email > segments[at].last) at = segmentOf(segments, email);
    if (email < segments[at].first || email > segments[at].last) continue;
    segmentAt[i] = at;
    counts[at]++;
  }
  for (let i = 0; i < emails.length; i++) if (segmentAt[i] >= 0 && counts[segmentAt[i]] < FEW) segmentAt[i] = -1;
  return { emails, segments, segmentAt };
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
  readonly #maybe: Uint32Array;
  /** By segment: 0 not looked at, 1 what is found may match, 2 it does. */
  readonly #known: Uint8Array;
  readonly #wanted: Uint8Array;

  constructor(readonly asked: Asked, mode: SearchMode, query: TextQuery) {
    const count = asked.segments.length;
    this.#find = finder(mode, query);
    this.#maybe = new Uint32Array(this.#find ? count * WORDS : 0);
    this.#known = new Uint8Array(count);
    this.#wanted = new Uint8Array(count);
    for (const segment of asked.segmentAt) if (segment >= 0) this.#wanted[segment] = 1;
  }

  /** Whether the index can say anything. */
  get possible(): boolean {
    return this.#find !== undefined;
  }

  /** Looks at segments [from, to), within a read transaction. */
  run(index: AccountDatabase, from: number, to: number): void {
    if (!this.#find) return;
    for (let at = from; at < Math.min(to, this.asked.segments.length); at++) {
      // Since they were listed, some may have become others.
      if (this.#wanted[at] === 0 || !index.row(THERE, this.asked.segments[at].id)) continue;
      const maybe = this.#maybe.subarray(at * WORDS, (at + 1) * WORDS);
      this.#known[at] = this.#find(index, this.asked.segments[at], maybe) ? 2 : 1;
    }
  }

  /** By place in the emails asked for. */
  answers(): Uint8Array {
    const { emails, segmentAt, segments } = this.asked;
    const answers = new Uint8Array(emails.length).fill(Match.Maybe);
    for (let i = 0; i < emails.length; i++) {
      const at = segmentAt[i];
      if (at < 0 || this.#known[at] === 0) continue;
      const document = emails[i] - segments[at].first;
      const found = (this.#maybe[at * WORDS + (document >>> 5)] >>> (document & 31)) & 1;
      if (found === 0) answers[i] = Match.No;
      else if (this.#known[at] === 2) answers[i] = Match.Yes;
    }
    return answers;
  }
}

type Finder = (index: AccountDatabase, segment: Segment, maybe: Uint32Array) => boolean;

/** @returns what sets the bits of the documents that can match, and says whether they do; undefined: nothing can be said */
function finder(mode: SearchMode, query: TextQuery): Finder | undefined {
  if (mode === "off" || query.text.length === 0) return undefined;
  if (query.in === "header") {
    if (query.text.includes(NEWLINE)) return undefined;
    if ((FIELDS as readonly string[]).includes(query.name)) {
      const pattern = new Pattern(query.text);
      return (index, { id }, maybe) => {
        const row = index.row<[Uint8Array, Uint8Array]>(FIELD, id, query.name);
        if (!row) throw new Error("a segment of the search index has no fields");
        findLines(row[0], row[1], pattern, maybe);
        return true;
      };
    }
  }
  if (mode === "headers" && query.in !== "header") return undefined;
  const trigrams = trigramsOf(query.text);
  if (trigrams.length === 0) return undefined;
  const sources = query.in === "body" ? [Source.Text] : query.in === "header" ? [Source.Header] : [0, 1] as Source[];
  const one = new Uint32Array(WORDS);
  return (index, segment, maybe) => {
    for (const source of sources) {
      candidates(index, segment, source, trigrams, one);
      for (let i = 0; i < WORDS; i++) maybe[i] |= one[i];
    }
    return false;
  };
}

function findLines(lines: Uint8Array, ends: Uint8Array, pattern: Pattern, found: Uint32Array): void {
  const view = new DataView(ends.buffer, ends.byteOffset, ends.byteLength);
  let document = 0;
  for (let at = pattern.indexIn(lines, 0); at >= 0;) {
    while (view.getUint32(document * 4, true) <= at) document++;
    found[document >>> 5] |= 1 << (document & 31);
    at = pattern.indexIn(lines, view.getUint32(document * 4, true));
  }
}

/** Sets `into` to the documents that have all the trigrams. */
function candidates(
  index: AccountDatabase,
  { id }: Segment,
  source: Source,
  trigrams: Uint32Array,
  into: Uint32Array,
): void {
  const one = new Uint32Array(WORDS);
  into.fill(0xffffffff);
  for (const trigram of trigrams) {
    const documents = index.row<[Uint8Array]>(POSTING, id, source, trigram)?.[0];
    one.fill(0);
    if (documents) addDocuments(documents, one);
    let left = 0;
    for (let i = 0; i < WORDS; i++) {
      into[i] &= one[i];
      if (into[i] !== 0) left += (into[i] & into[i] - 1) === 0 ? 1 : 2;
    }
    if (left <= FEW_LEFT) break;
  }
  if (source === Source.Header) return;
  const any = index.row<[Uint8Array]>(POSTING, id, source, ANY_TRIGRAM)?.[0];
  if (any) addDocuments(any, into);
}
