/**
 * What search.db says of emails: that text is in them, may be in them, or is not. An email that it does not know may have any text.
 * Costs some microseconds a segment and needle, and nothing for an email.
 */
import type { SearchMode } from "../../store.ts";
import { Pattern } from "../../pattern.ts";
import type { TextQuery, TextsKnown } from "../../search.ts";
import type { AccountDatabase } from "../database.ts";
import type { EmailRun } from "../emailruns.ts";
import { copyBits, setBits } from "./bits.ts";
import { type NeedleWord, textNeedle } from "./needle.ts";
import { addDocuments, MAX_DOCUMENTS } from "./postings.ts";
import { ANY_TRIGRAM, FIELDS, type Segment, segmentsOf, Source } from "./schema.ts";
import { trigramsOf } from "./trigrams.ts";
import { wordsWith } from "./words.ts";

const MODE = "SELECT mode FROM state";
const THERE = "SELECT 1 FROM segment WHERE id = ?";
const POSTING = "SELECT documents FROM posting WHERE segment_id = ? AND source = ? AND trigram = ?";
const WORDS_OF = "SELECT words FROM word WHERE segment_id = ?";
const FIELD = "SELECT lines, ends FROM field WHERE segment_id = ? AND name = ?";

/** Of fewer emails in a segment it is cheaper to read them. */
const FEW = 3;
/** With no more documents left it is cheaper to read them than to look up another trigram. */
const FEW_LEFT = 1;
/** Of a part of so many words it is not asked which emails the others are in, where that can only prove that it is in them. */
const MANY_WORDS = 100;
const WORDS = MAX_DOCUMENTS / 32;
const NEWLINE = 0x0a;

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

/** Documents of a segment, a bit each. */
interface Found {
  /** Those that are asked for: of others nothing need be found. */
  readonly asked: Uint32Array;
  /** They have what is looked for. */
  readonly sure: Uint32Array;
  /** These and no others can have it. */
  readonly maybe: Uint32Array;
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

/** Adds to `sure` and `maybe`. */
type Finder = (index: AccountDatabase, segment: Segment, found: Found) => void;

/** @returns undefined: nothing can be said */
function finder(mode: SearchMode, query: TextQuery): Finder | undefined {
  if (mode === "off" || query.text.length === 0) return undefined;
  if (query.in === "header") {
    if (query.text.includes(NEWLINE)) return undefined;
    return (FIELDS as readonly string[]).includes(query.name) ? inField(query.name, query.text) : inHeader(query.text);
  }
  if (mode === "headers") return undefined;
  const text = inText(query.text);
  if (query.in === "body") return text;
  const header = inHeader(query.text);
  return (index, segment, found) => {
    text(index, segment, found);
    if (header) header(index, segment, found);
    else found.maybe.fill(0xffffffff);
  };
}

function inField(name: string, text: Uint8Array): Finder {
  const pattern = new Pattern(text);
  return (index, { id }, { sure, maybe }) => {
    const row = index.row<[Uint8Array, Uint8Array]>(FIELD, id, name);
    if (!row) throw new Error("a segment of the search index has no fields");
    findLines(row[0], row[1], pattern, sure);
    add(sure, maybe);
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

function inHeader(text: Uint8Array): Finder | undefined {
  const trigrams = trigramsOf(text);
  if (trigrams.length === 0) return undefined;
  return (index, { id }, { maybe }) => {
    const all = everything();
    keepTrigrams(index, id, Source.Header, trigrams, all);
    add(all, maybe);
  };
}

function inText(text: Uint8Array): Finder {
  const needle = textNeedle(text);
  return (index, { id }, found) => {
    const row = index.row<[Uint8Array]>(WORDS_OF, id);
    if (!row) throw new Error("a segment of the search index has no words");
    const all = everything();
    keepTrigrams(index, id, Source.Text, needle.trigrams, all);
    for (const word of needle.words) {
      if (word.trigrams.length === 0 && !needle.isWord) continue;
      const most = word.trigrams.length === 0 ? MANY_WORDS : Infinity;
      const having = withWord(index, id, row[0], word, found.asked, most);
      if (needle.isWord) add(having, found.sure);
      if (word.trigrams.length === 0) continue;
      const rest = everything();
      keepTrigrams(index, id, Source.Text, word.trigrams, rest);
      add(rest, having);
      for (let i = 0; i < WORDS; i++) all[i] &= having[i];
    }
    const any = index.row<[Uint8Array]>(POSTING, id, Source.Text, ANY_TRIGRAM)?.[0];
    if (any) addDocuments(any, all);
    add(all, found.maybe);
  };
}

/** The documents that have words of many with that part; not all of them where those asked for are among them, or the words are `most`. */
function withWord(
  index: AccountDatabase,
  id: number,
  words: Uint8Array,
  { part }: NeedleWord,
  asked: Uint32Array,
  most: number,
): Uint32Array {
  const having = new Uint32Array(WORDS);
  let looked = 0;
  for (const number of wordsWith(words, part)) {
    if (looked++ === most) break;
    const documents = index.row<[Uint8Array]>(POSTING, id, Source.Word, number)?.[0];
    if (!documents) throw new Error("a word of the search index has no documents");
    addDocuments(documents, having);
    if (asked.every((word, i) => (word & ~having[i]) === 0)) break;
  }
  return having;
}

/** Of documents, leaves those that have all the trigrams. */
function keepTrigrams(
  index: AccountDatabase,
  id: number,
  source: Source,
  trigrams: Uint32Array,
  into: Uint32Array,
): void {
  const one = new Uint32Array(WORDS);
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
}

function everything(): Uint32Array {
  return new Uint32Array(WORDS).fill(0xffffffff);
}

function add(from: Uint32Array, into: Uint32Array): void {
  for (let i = 0; i < WORDS; i++) into[i] |= from[i];
}
