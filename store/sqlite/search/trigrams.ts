/**
 * Trigrams of folded text: each three characters (code points) that follow one another, as a number. Three ASCII characters have a number of
 * their own; others share numbers, so a number says "may be in it", its absence "is not in it".
 *
 * Invariant: a character begins at every byte that continues none, so the trigrams of a part of a text, cut at characters, are among
 * those of the text, whatever its bytes are.
 */
import { NUMBERS, Pairs } from "./postings.ts";

/** Trigrams of a needle that are looked up; more would cost more than they rule out. */
const MOST_OF_NEEDLE = 16;

/** Trigrams of numbered documents, each once a document. */
export class TrigramCollector {
  readonly pairs = new Pairs();
  readonly #seen = new Uint32Array(NUMBERS / 32);
  /** Where those of the document begin. */
  #start = 0;

  add(number: number, document: number): void {
    const bit = 1 << (number & 31);
    if ((this.#seen[number >>> 5] & bit) !== 0) return;
    this.#seen[number >>> 5] |= bit;
    this.pairs.push(number, document);
  }

  /** Those of text[from, to), which begins and ends at characters. */
  addAll(text: Uint8Array, from: number, to: number, document: number): void {
    let [first, second] = [-1, -1];
    for (let at = from; at < to;) {
      let character = text[at++];
      if (character >= 0xc0) {
        const end = Math.min(to, at + continuations(character));
        while (at < end && (text[at] & 0xc0) === 0x80) character = character << 6 | text[at++] & 0x3f;
      }
      if (first >= 0) this.add(trigram(first, second, character), document);
      first = second;
      second = character;
    }
  }

  /** No more of this document. */
  endDocument(): void {
    for (; this.#start < this.pairs.count; this.#start++) this.#seen[this.pairs.numberAt(this.#start) >>> 5] = 0;
  }
}

/**
 * The trigrams that a text must have to hold the needle, those first that have no character in common. None: it has fewer than three
 * characters.
 * @param wanted leaves others out
 */
export function trigramsOf(
  needle: Uint8Array,
  wanted: (first: number, second: number, third: number) => boolean = () => true,
): Uint32Array {
  const characters = charactersOf(needle);
  const numbers = new Set<number>();
  for (const offset of [0, 1, 2]) {
    for (let i = offset; i + 2 < characters.length; i += 3) {
      const [first, second, third] = characters.slice(i, i + 3);
      if (wanted(first, second, third)) numbers.add(trigram(first, second, third));
    }
  }
  return Uint32Array.from(numbers).subarray(0, MOST_OF_NEEDLE);
}

export function charactersOf(text: Uint8Array): number[] {
  const characters: number[] = [];
  for (let at = 0; at < text.length;) {
    let character = text[at++];
    if (character >= 0xc0) {
      const end = Math.min(text.length, at + continuations(character));
      while (at < end && (text[at] & 0xc0) === 0x80) character = character << 6 | text[at++] & 0x3f;
    }
    characters.push(character);
  }
  return characters;
}

/** Bytes that can follow the first one of a character. */
export function continuations(first: number): number {
  return first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
}

/** @param first @param second @param third characters, as `charactersOf` gives them */
export function trigram(first: number, second: number, third: number): number {
  if ((first | second | third) < 0x80) return first << 14 | second << 7 | third;
  let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b) ^ Math.imul(third, 0xc2b2ae35);
  hash = Math.imul(hash ^ hash >>> 15, 0x2c1b3c6d);
  return NUMBERS / 2 | (hash ^ hash >>> 12) >>> 11;
}
