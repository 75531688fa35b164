/**
 * Keys by which texts are ordered and found equal: i;unicode-casemap (RFC 5051 §2), which SORT and THREAD go by. Two keys compare by
 * code points as the collation compares the texts.
 */
import { isAsciiText } from "./latin1.ts";

/** The letters whose title case is neither their upper nor their lower case. */
const TITLE_CASE: ReadonlyMap<string, string> = new Map([
  ["\u01c4", "\u01c5"],
  ["\u01c6", "\u01c5"],
  ["\u01c7", "\u01c8"],
  ["\u01c9", "\u01c8"],
  ["\u01ca", "\u01cb"],
  ["\u01cc", "\u01cb"],
  ["\u01f1", "\u01f2"],
  ["\u01f3", "\u01f2"],
]);

/** Simple title case of each character, then its full decomposition. */
export function unicodeCasemap(text: string): string {
  if (isAsciiText(text)) return text.toUpperCase();
  let titled = "";
  for (const character of text.toWellFormed()) titled += titleCase(character);
  return titled.normalize("NFKD");
}

function titleCase(character: string): string {
  const special = TITLE_CASE.get(character);
  if (special !== undefined) return special;
  const upper = character.toUpperCase();
  // One character stays one: the mapping is the simple one, in which ß is its own title case.
  return upper.length === character.length ? upper : character;
}

/** i;ascii-casemap (RFC 4790 §9.2): the letters a to z as their capitals, all else as it is. */
export function asciiCasemap(text: string): string {
  return isAsciiText(text) ? text.toUpperCase() : text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}
