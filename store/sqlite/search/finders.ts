/** What one segment of search.db says of its documents: that a text is in them, may be in them, or is not. */
import { Pattern } from "../../pattern.ts";
import type { TextQuery } from "../../search.ts";
import type { SearchMode } from "../../store.ts";
import type { AccountDatabase } from "../database.ts";
import { type NeedleWord, textNeedle } from "./needle.ts";
import { addDocuments, MAX_DOCUMENTS } from "./postings.ts";
import { ANY_TRIGRAM, FIELDS, type Segment, Source } from "./schema.ts";
import { trigramsOf } from "./trigrams.ts";
import { wordsWith } from "./words.ts";

const POSTING = "SELECT documents FROM posting WHERE segment_id = ? AND source = ? AND trigram = ?";
const WORDS_OF = "SELECT words FROM word WHERE segment_id = ?";
const FIELD = "SELECT lines, ends FROM field WHERE segment_id = ? AND name = ?";

/** With no more documents left it is cheaper to read them than to look up another trigram. */
const FEW_LEFT = 1;
/** Of a part of so many words it is not asked which emails the others are in, where that can only prove that it is in them. */
const MANY_WORDS = 100;
/** To read so many emails is as cheap as to look for a text in one field of a segment. */
const FEW_READ = 16;
/** Of the bits of a segment's documents. */
export const WORDS = MAX_DOCUMENTS / 32;
const NEWLINE = 0x0a;

/** Documents of a segment, a bit each. */
export interface Found {
  /** Those that are asked for: of others nothing need be found. */
  readonly asked: Uint32Array;
  /** They have what is looked for. */
  readonly sure: Uint32Array;
  /** These and no others can have it. */
  readonly maybe: Uint32Array;
}

/** Adds to `sure` and `maybe`. */
export type Finder = (index: AccountDatabase, segment: Segment, found: Found) => void;

/** What finds the documents of a segment that match. @returns undefined: nothing can be said */
export function finder(mode: SearchMode, query: TextQuery): Finder | undefined {
  if (mode === "off" || query.text.length === 0) return undefined;
  if (query.in === "header") {
    if (query.text.includes(NEWLINE)) return undefined;
    return (FIELDS as readonly string[]).includes(query.name) ? inField(query.name, query.text) : inHeader(query.text);
  }
  if (mode === "headers") return undefined;
  const text = inText(query.text);
  if (query.in === "body") return text;
  const header = inHeader(query.text);
  const fields = query.text.includes(NEWLINE) ? [] : FIELDS.map((name) => inField(name, query.text));
  return (index, segment, found) => {
    text(index, segment, found);
    if (header) header(index, segment, found);
    else found.maybe.fill(0xffffffff);
    for (const field of fields) if (openIn(found) > FEW_READ) field(index, segment, found);
  };
}

/** How many of those asked for are to be read. */
function openIn({ asked, sure, maybe }: Found): number {
  let count = 0;
  for (let i = 0; i < WORDS; i++) {
    for (let open = asked[i] & maybe[i] & ~sure[i]; open !== 0; open &= open - 1) count++;
  }
  return count;
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
