/**
 * What FUZZY takes for a match of a string (RFC 6203 §3): all its words occur, in any order, anywhere in a word, or with one typing
 * error. All sides were folded by foldCase. Linear in the text for each of a bounded number of words.
 */
import { foldText } from "../../../store/mime/fold.ts";
import { encodeUtf8 } from "../wire/text.ts";
import { Pattern } from "../../../store/pattern.ts";

/** Words of a key beyond these are not looked at. */
const MAX_WORDS = 20;
/** Words of so many bytes are forgiven a typing error. */
const MIN_FORGIVEN = 4;
const NO_WORD = /[^\p{L}\p{N}\p{M}]+/u;
const NEWLINE = 0x0a;

/** How well a text matches: 1 has the string as it is, 0.7 all its words, less where words are only nearly there, 0 none. */
export type Likeness = number;

export class FuzzyText {
  readonly #whole: Pattern;
  readonly #words: readonly FuzzyWord[];

  /** @param raw as the client said it, not empty */
  constructor(raw: string) {
    const folded = foldText(raw);
    this.#whole = new Pattern(encodeUtf8(folded));
    const words = folded.split(NO_WORD).filter((word) => word !== "");
    this.#words = [...new Set(words)].slice(0, MAX_WORDS).map((word) => new FuzzyWord(encodeUtf8(word)));
  }

  isIn(text: Uint8Array): boolean {
    return this.likeness(text) > 0;
  }

  isInField(headers: Uint8Array, name: string): boolean {
    return this.fieldLikeness(headers, name) > 0;
  }

  likeness(text: Uint8Array): Likeness {
    if (this.#whole.isIn(text)) return 1;
    if (this.#words.length === 0) return 0;
    let sum = 0;
    for (const word of this.#words) {
      const likeness = word.likeness(text);
      if (likeness === 0) return 0;
      sum += likeness;
    }
    return 0.7 * sum / this.#words.length;
  }

  /** The best of the fields of that name. @param headers a line a field, `name: value\n` */
  fieldLikeness(headers: Uint8Array, name: string): Likeness {
    let best = 0;
    for (const value of fieldValues(headers, name)) best = Math.max(best, this.likeness(value));
    return best;
  }
}

class FuzzyWord {
  readonly #pattern: Pattern;

  constructor(readonly bytes: Uint8Array) {
    this.#pattern = new Pattern(bytes);
  }

  likeness(text: Uint8Array): Likeness {
    if (this.#pattern.isIn(text)) return 1;
    return this.bytes.length >= MIN_FORGIVEN && this.#isNearly(text) ? 0.5 : 0;
  }

  /** Some word of the text differs by one byte that is another, missing or too many, or by two that changed places. */
  #isNearly(text: Uint8Array): boolean {
    const { length } = this.bytes;
    for (let at = 0; at < text.length; at++) {
      if (!isWordByte(text[at])) continue;
      const start = at;
      while (at < text.length && isWordByte(text[at])) at++;
      const size = at - start;
      if (size >= length - 1 && size <= length + 1 && oneEdit(this.bytes, text, start, at)) return true;
    }
    return false;
  }
}

/** ASCII letters and digits (folded, so small), and all that is not ASCII. */
function isWordByte(byte: number): boolean {
  return byte >= 0x80 || (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39);
}

function oneEdit(word: Uint8Array, text: Uint8Array, start: number, end: number): boolean {
  const size = end - start;
  let head = 0;
  while (head < word.length && head < size && word[head] === text[start + head]) head++;
  let tail = 0;
  const most = Math.min(word.length, size) - head;
  while (tail < most && word[word.length - 1 - tail] === text[end - 1 - tail]) tail++;
  const left = word.length - head - tail;
  const right = size - head - tail;
  if (left <= 1 && right <= 1) return true;
  return left === 2 && right === 2 && word[head] === text[start + head + 1] && word[head + 1] === text[start + head];
}

function* fieldValues(headers: Uint8Array, name: string): Generator<Uint8Array> {
  const start = encodeUtf8(`${name}:`);
  for (let at = 0; at < headers.length;) {
    const newline = headers.indexOf(NEWLINE, at);
    const end = newline < 0 ? headers.length : newline;
    if (end - at >= start.length && start.every((byte, i) => headers[at + i] === byte)) {
      yield headers.subarray(at + start.length, end);
    }
    at = end + 1;
  }
}
