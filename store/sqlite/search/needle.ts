/** What a text must have to hold a needle, as far as the index knows it (see textcollector.ts). */
import { Pattern } from "../../pattern.ts";
import { trigramsOf } from "./trigrams.ts";
import { KIND, Kind } from "./words.ts";

/** A word of the needle, or, at its ends, what can be a part of one. */
export interface NeedleWord {
  /** Found in the words of many, joined (`wordsWith`). */
  readonly part: Pattern;
  /** A word that is not of many has these. */
  readonly trigrams: Uint32Array;
}

export interface TextNeedle {
  readonly words: readonly NeedleWord[];
  /** It is nothing but a word or a part of one. */
  readonly isWord: boolean;
  /** Those with a sign. */
  readonly trigrams: Uint32Array;
}

/** @param text not empty */
export function textNeedle(text: Uint8Array): TextNeedle {
  const words: NeedleWord[] = [];
  for (let at = 0; at < text.length;) {
    if (KIND[text[at]] !== Kind.Word) {
      at++;
      continue;
    }
    const start = at;
    while (at < text.length && KIND[text[at]] === Kind.Word) at++;
    const word = text.subarray(start, at);
    const part = Uint8Array.from([...(start > 0 ? [NEWLINE] : []), ...word, ...(at < text.length ? [NEWLINE] : [])]);
    words.push({ part: new Pattern(part), trigrams: trigramsOf(word) });
  }
  return { words, isWord: text.every((byte) => KIND[byte] === Kind.Word), trigrams: trigramsOf(text, hasSign) };
}

const NEWLINE = 0x0a;

function hasSign(...characters: number[]): boolean {
  return characters.some((character) => character < 0x80 && KIND[character] === Kind.Sign);
}
