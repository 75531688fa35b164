/**
 * Words of folded text: runs of letters, digits and all that is not ASCII, as long as they go. So a needle of nothing but these stands
 * within a word, wherever it stands.
 */
import { Pattern } from "../../pattern.ts";

export const Kind = { Space: 0, Word: 1, Sign: 2 } as const;
/** What a byte is. */
export const KIND = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return Kind.Word;
  const character = String.fromCharCode(byte);
  return /[0-9A-Za-z]/.test(character) ? Kind.Word : /[\t\n\r ]/.test(character) ? Kind.Space : Kind.Sign;
});
/** Bytes of a word that is told from others; longer ones are rarely words. */
export const LONGEST_WORD = 32;
/** Told from one another, at most. */
const MOST_WORDS = 1 << 17;

/** Words by number, in the order in which they came. */
export class Vocabulary {
  size = 0;
  /** Open addressing: number + 1 by hash, at most half full. */
  #slots = new Uint32Array(1 << 12);
  #hashes = new Uint32Array(1 << 11);
  /** Word n is [ends[n - 1], ends[n]) of the bytes. */
  #ends = new Uint32Array(1 << 11);
  #bytes = new Uint8Array(1 << 14);

  constructor(readonly mostWords = MOST_WORDS) {}

  /** The number of text[from, to), which gets one now if it is new. @param hash made of its bytes @returns -1: there are too many */
  numberOf(text: Uint8Array, from: number, to: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = mixed(hash) & mask;
    for (;; slot = slot + 1 & mask) {
      const number = this.#slots[slot] - 1;
      if (number < 0) return this.#add(text, from, to, hash, slot);
      if (this.#hashes[number] === hash >>> 0 && this.#is(number, text, from, to)) return number;
    }
  }

  #is(number: number, text: Uint8Array, from: number, to: number): boolean {
    const start = number === 0 ? 0 : this.#ends[number - 1];
    if (this.#ends[number] - start !== to - from) return false;
    for (let i = from, at = start; i < to; i++, at++) if (text[i] !== this.#bytes[at]) return false;
    return true;
  }

  bytesOf(number: number): Uint8Array {
    return this.#bytes.subarray(number === 0 ? 0 : this.#ends[number - 1], this.#ends[number]);
  }

  #add(text: Uint8Array, from: number, to: number, hash: number, slot: number): number {
    if (this.size === this.mostWords) return -1;
    const number = this.size++;
    const start = number === 0 ? 0 : this.#ends[number - 1];
    const end = start + to - from;
    if (end > this.#bytes.length) {
      const bytes = new Uint8Array(this.#bytes.length * 2);
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    for (let i = from, at = start; i < to; i++, at++) this.#bytes[at] = text[i];
    this.#ends[number] = end;
    this.#hashes[number] = hash;
    this.#slots[slot] = number + 1;
    if (this.size * 2 >= this.#slots.length) this.#grow();
    return number;
  }

  #grow(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.size; number++) {
      let slot = mixed(this.#hashes[number]) & mask;
      while (slots[slot] !== 0) slot = slot + 1 & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
    const [hashes, ends] = [new Uint32Array(slots.length / 2), new Uint32Array(slots.length / 2)];
    hashes.set(this.#hashes);
    ends.set(this.#ends);
    [this.#hashes, this.#ends] = [hashes, ends];
  }
}

function mixed(hash: number): number {
  return hash ^ hash >>> 15;
}

const NEWLINE = 0x0a;

/** Words as one text, each between newlines, which none of them has. */
export function joinedWords(words: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(words.reduce((length, word) => length + word.length + 1, 1));
  let at = 0;
  joined[at++] = NEWLINE;
  for (const word of words) {
    joined.set(word, at);
    at += word.length;
    joined[at++] = NEWLINE;
  }
  return joined;
}

export function separateWords(joined: Uint8Array): Uint8Array[] {
  const words: Uint8Array[] = [];
  for (let at = 1; at < joined.length;) {
    const end = joined.indexOf(NEWLINE, at);
    if (end < 0) break;
    words.push(joined.subarray(at, end));
    at = end + 1;
  }
  return words;
}

/** The numbers of the words that have a part, ascending. @param part may begin and end with a newline: then words do so with the rest */
export function* wordsWith(joined: Uint8Array, part: Pattern): Iterable<number> {
  let number = -1;
  let counted = 0;
  const inside = part.bytes[0] === NEWLINE ? 1 : 0;
  for (let at = part.indexIn(joined, 0); at >= 0; at = part.indexIn(joined, counted)) {
    for (; counted < at + inside; counted++) if (joined[counted] === NEWLINE) number++;
    yield number;
    // The newline behind the word can begin the next one.
    while (counted < joined.length && joined[counted] !== NEWLINE) counted++;
  }
}
