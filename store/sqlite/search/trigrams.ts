/**
 * Trigrams of folded text: each three characters (code points) that follow one another, as a number. Three ASCII characters have a number of
 * their own; others share numbers, so a number says "may be in it", its absence "is not in it".
 *
 * Invariant: a character begins at every byte that continues none, so the trigrams of a part of a text, cut at characters, are among
 * those of the text, whatever its bytes are.
 */

/** Numbers are below this. */
export const TRIGRAMS = 1 << 22;
/** Documents are numbered below this. */
export const MAX_DOCUMENTS = 1024;
const DOCUMENT_BITS = 10;
const RADIX_BITS = 11;
const RADIX = 1 << RADIX_BITS;
/** Trigrams of a needle that are looked up; more would cost more than they rule out. */
const MOST_OF_NEEDLE = 16;

/** Trigrams of numbered documents, collected and then sorted: 4 bytes for each that a document has. */
export class TrigramCollector {
  readonly #seen = new Uint32Array(TRIGRAMS / 32);
  #pairs = new Uint32Array(1 << 16);
  #count = 0;

  /** How many trigrams all documents have, each counted once a document. */
  get count(): number {
    return this.#count;
  }

  /** @param document above those that came before */
  add(text: Uint8Array, document: number): void {
    const start = this.#count;
    const most = Math.min(text.length, TRIGRAMS);
    if (this.#pairs.length < start + most) this.#grow(start + most);
    const [pairs, seen] = [this.#pairs, this.#seen];
    let count = start;
    let [first, second] = [-1, -1];
    for (let at = 0; at < text.length;) {
      let character = text[at++];
      if (character >= 0xc0) {
        const end = Math.min(text.length, at + continuations(character));
        while (at < end && (text[at] & 0xc0) === 0x80) character = character << 6 | text[at++] & 0x3f;
      }
      if (first >= 0) {
        const number = trigram(first, second, character);
        const bit = 1 << (number & 31);
        if ((seen[number >>> 5] & bit) === 0) {
          seen[number >>> 5] |= bit;
          pairs[count++] = number << DOCUMENT_BITS | document;
        }
      }
      first = second;
      second = character;
    }
    for (let i = start; i < count; i++) seen[pairs[i] >>> (DOCUMENT_BITS + 5)] = 0;
    this.#count = count;
  }

  /** `trigram * MAX_DOCUMENTS + document`, ascending. Forgets them. */
  take(): Uint32Array {
    let from = this.#pairs.subarray(0, this.#count);
    let to = new Uint32Array(this.#count);
    // Documents are in order already.
    for (let shift = DOCUMENT_BITS; shift < 32; shift += RADIX_BITS) {
      const starts = new Uint32Array(RADIX);
      for (let i = 0; i < from.length; i++) starts[from[i] >>> shift & (RADIX - 1)]++;
      let sum = 0;
      for (let i = 0; i < RADIX; i++) {
        const here = starts[i];
        starts[i] = sum;
        sum += here;
      }
      for (let i = 0; i < from.length; i++) to[starts[from[i] >>> shift & (RADIX - 1)]++] = from[i];
      [from, to] = [to, from];
    }
    this.#pairs = new Uint32Array(0);
    this.#count = 0;
    return from;
  }

  #grow(least: number): void {
    const pairs = new Uint32Array(Math.max(least, this.#pairs.length * 2));
    pairs.set(this.#pairs.subarray(0, this.#count));
    this.#pairs = pairs;
  }
}

/**
 * The trigrams that a text must have to hold the needle, those first that have no character in common. None: it has fewer than three
 * characters.
 */
export function trigramsOf(needle: Uint8Array): Uint32Array {
  const characters = charactersOf(needle);
  const numbers = new Set<number>();
  for (const offset of [0, 1, 2]) {
    for (let i = offset; i + 2 < characters.length; i += 3) {
      numbers.add(trigram(characters[i], characters[i + 1], characters[i + 2]));
    }
  }
  return Uint32Array.from(numbers).subarray(0, MOST_OF_NEEDLE);
}

function charactersOf(text: Uint8Array): number[] {
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
function continuations(first: number): number {
  return first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
}

function trigram(first: number, second: number, third: number): number {
  if ((first | second | third) < 0x80) return first << 14 | second << 7 | third;
  let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b) ^ Math.imul(third, 0xc2b2ae35);
  hash = Math.imul(hash ^ hash >>> 15, 0x2c1b3c6d);
  return TRIGRAMS / 2 | (hash ^ hash >>> 12) >>> 11;
}

const BITMAP_BYTES = MAX_DOCUMENTS / 8;

/** Each trigram, ascending, and its documents as `addDocuments` reads them. @param pairs as `take` gives them */
export function* encodedPostings(pairs: Uint32Array): Iterable<readonly [trigram: number, documents: Uint8Array]> {
  const buffer = new Uint8Array(2 * MAX_DOCUMENTS);
  for (let at = 0; at < pairs.length;) {
    const number = pairs[at] >>> DOCUMENT_BITS;
    const start = at;
    let length = 0;
    let before = -1;
    for (; at < pairs.length && pairs[at] >>> DOCUMENT_BITS === number; at++) {
      const document = pairs[at] & (MAX_DOCUMENTS - 1);
      const gap = document - before - 1;
      before = document;
      if (gap < 0x80) buffer[length++] = gap;
      else {
        buffer[length++] = gap & 0x7f | 0x80;
        buffer[length++] = gap >>> 7;
      }
    }
    if (length >= BITMAP_BYTES) {
      length = BITMAP_BYTES;
      buffer.fill(0, 0, length);
      for (let i = start; i < at; i++) {
        const document = pairs[i] & (MAX_DOCUMENTS - 1);
        buffer[document >>> 3] |= 1 << (document & 7);
      }
    }
    yield [number, buffer.slice(0, length)];
  }
}

/** Sets the bits of documents. @param bytes gaps of 7 bits a byte, the last one with the high bit clear; or, of full length, a bitmap */
export function addDocuments(bytes: Uint8Array, into: Uint32Array): void {
  if (bytes.length === BITMAP_BYTES) {
    for (let i = 0; i < BITMAP_BYTES; i++) into[i >>> 2] |= bytes[i] << ((i & 3) * 8);
    return;
  }
  let document = -1;
  for (let at = 0; at < bytes.length; at++) {
    let gap = bytes[at];
    if (gap >= 0x80 && at + 1 < bytes.length) gap = gap & 0x7f | bytes[++at] << 7;
    document += gap + 1;
    if (document < MAX_DOCUMENTS) into[document >>> 5] |= 1 << (document & 31);
  }
}
