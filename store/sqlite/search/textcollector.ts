/**
 * What the index knows of texts: each word with the emails that have it where they are many, so that these need not be looked into;
 * of all else trigrams. A trigram that stands across the end of a word is always there, one within a word only where that is not
 * among the words of many. So a needle of letters alone stands in a word of many, or all its trigrams are there.
 */
import { Pairs } from "./postings.ts";
import { charactersOf, continuations, trigram, TrigramCollector } from "./trigrams.ts";
import { KIND, Kind, LONGEST_WORD, Vocabulary } from "./words.ts";

/** Of so many emails one has to have a word, and at least `LEAST_EMAILS`, for it to be kept as one. */
const OF_EMAILS = 64;
const LEAST_EMAILS = 4;
/** Words of many in a segment; those of fewest are given up. Each search for a text reads them. */
const MOST_OF_MANY = 1 << 13;

const FAR = 2;

/** Nobody can know which words have hashes in common. */
const HASH_FACTOR = 0x5bd1e995;
const HASH_SEED = crypto.getRandomValues(new Int32Array(1))[0];

const NOBODY = new Uint16Array(0);

/** What `TextCollector` found. */
export interface CollectedTexts {
  /** Those that most texts have first. */
  readonly words: readonly Uint8Array[];
  /** The documents of word n, ascending. */
  readonly documentsOf: readonly Uint16Array[];
  /** Of all else. */
  readonly trigrams: Pairs;
}

export class TextCollector {
  readonly #trigrams = new TrigramCollector();
  readonly #vocabulary: Vocabulary;
  readonly #words = new Pairs();
  /** By word: the last document that has it, plus one. */
  #lastOf = new Uint16Array(1 << 11);
  /** How much is known, about: as many pairs as there would be if no word were one of many. */
  size = 0;

  /** @param mostWords told from one another */
  constructor(mostWords?: number) {
    this.#vocabulary = new Vocabulary(mostWords);
  }

  /** @param document above those that came before */
  add(text: Uint8Array, document: number): void {
    const trigrams = this.#trigrams;
    const before = trigrams.pairs.count;
    let [first, second] = [-1, -1];
    // Characters behind the last sign.
    let since = FAR;
    for (let at = 0; at < text.length;) {
      const start = at;
      const byte = text[at];
      if (KIND[byte] !== Kind.Word) {
        at++;
        if (KIND[byte] === Kind.Sign) since = -1;
        if (since < 2 && first >= 0) trigrams.add(trigram(first, second, byte), document);
        since++;
        first = second;
        second = byte;
        continue;
      }
      let hash = HASH_SEED;
      let bits = 0;
      do {
        bits |= text[at];
        hash = Math.imul(hash ^ text[at++], HASH_FACTOR);
      } while (at < text.length && KIND[text[at]] === Kind.Word);
      this.#word(text, start, at, hash, document);
      for (let i = start; i < at;) {
        // In ASCII, what stands between the first two and the last two need not be looked at.
        if (since >= 2 && bits < 0x80 && i < at - 2) i = at - 2;
        let character = text[i++];
        if (character >= 0xc0) {
          const end = Math.min(at, i + continuations(character));
          while (i < end && (text[i] & 0xc0) === 0x80) character = character << 6 | text[i++] & 0x3f;
        }
        if (since < 2 && first >= 0) trigrams.add(trigram(first, second, character), document);
        since++;
        first = second;
        second = character;
      }
    }
    this.size += trigrams.pairs.count - before;
    trigrams.endDocument();
  }

  #word(text: Uint8Array, from: number, to: number, hash: number, document: number): void {
    const number = to - from > LONGEST_WORD ? -1 : this.#vocabulary.numberOf(text, from, to, hash);
    if (number < 0) return this.#trigrams.addAll(text, from, to, document);
    if (number >= this.#lastOf.length) {
      const more = new Uint16Array(this.#lastOf.length * 2);
      more.set(this.#lastOf);
      this.#lastOf = more;
    }
    if (this.#lastOf[number] === document + 1) return;
    this.#lastOf[number] = document + 1;
    this.#words.push(number, document);
    this.size += Math.max(1, to - from - 2);
  }

  /**
   * Forgets all.
   * @param emails how many there were
   * @param words of many, where they are known; otherwise it is found out which are
   */
  take(emails: number, words?: readonly Uint8Array[]): CollectedTexts {
    const vocabulary = this.#vocabulary;
    const known = words?.map((word) => vocabulary.numberOf(word, 0, word.length, hashOf(word)));
    const isKnown = known && new Set(known);
    const least = Math.max(LEAST_EMAILS, emails / OF_EMAILS);
    const { pairs } = this.#trigrams;
    const addTrigrams = (number: number, documents: Uint16Array) =>
      trigramsOfWord(vocabulary.bytesOf(number), documents, pairs);
    const ofMany: [number: number, documents: Uint16Array][] = [];
    for (const [number, documents] of this.#words.take()) {
      if (isKnown ? isKnown.has(number) : documents.length >= least) ofMany.push([number, documents]);
      else addTrigrams(number, documents);
    }
    if (!known) {
      ofMany.sort(([, a], [, b]) => b.length - a.length);
      for (const [number, documents] of ofMany.splice(MOST_OF_MANY)) addTrigrams(number, documents);
    }
    const documentsOf = new Map(ofMany);
    const numbers = known ?? [...documentsOf.keys()];
    return {
      words: numbers.map((number) => vocabulary.bytesOf(number)),
      documentsOf: numbers.map((number) => documentsOf.get(number) ?? NOBODY),
      trigrams: pairs,
    };
  }
}

function hashOf(word: Uint8Array): number {
  return word.reduce((hash, byte) => Math.imul(hash ^ byte, HASH_FACTOR), HASH_SEED);
}

function trigramsOfWord(word: Uint8Array, documents: Uint16Array, into: Pairs): void {
  const characters = charactersOf(word);
  for (let i = 2; i < characters.length; i++) {
    const number = trigram(characters[i - 2], characters[i - 1], characters[i]);
    for (const document of documents) into.push(number, document);
  }
}
