/** Flags of a Maildir message: the letters behind `2,` in its file's name, and the folder's list of keywords (Dovecot). */
import { readSmall } from "../files.ts";
import type { Report } from "../source.ts";

/** Maildir's letters; P is "passed": forwarded, resent or bounced. */
const LETTERS: readonly (readonly [string, string])[] = [
  ["D", "\\Draft"],
  ["F", "\\Flagged"],
  ["P", "$Forwarded"],
  ["R", "\\Answered"],
  ["S", "\\Seen"],
  ["T", "\\Deleted"],
];
const BY_LETTER = new Map(LETTERS);
const BY_NAME = new Map(LETTERS.map(([letter, name]) => [name, letter]));

export const KEYWORDS_FILE = "dovecot-keywords";
/** Letters a to z. */
export const MOST_KEYWORDS = 26;
const LETTER_A = 97;

/** Names by letter; a letter without a name has none. */
export function readKeywords(root: string, folder: string, report: Report): readonly (string | undefined)[] {
  const keywords: (string | undefined)[] = [];
  for (const line of (readSmall(root, `${folder}/${KEYWORDS_FILE}`, report) ?? "").split("\n")) {
    const match = /^(\d{1,2}) (\S+)/.exec(line);
    if (match && Number(match[1]) < MOST_KEYWORDS) keywords[Number(match[1])] = match[2];
  }
  return keywords;
}

export function keywordsText(keywords: readonly string[]): string {
  return keywords.map((name, number) => `${number} ${name}\n`).join("");
}

/** A message file's name: `:` before the flags, or what stands for it where a file system has no colon. */
export function parseFileName(name: string): { base: string; letters: string } {
  const match = /[:;!]2,([^,]*)[^:;!]*$/.exec(name.slice(-100));
  if (!match) return { base: name, letters: "" };
  return { base: name.slice(0, name.length - match[0].length), letters: match[1] };
}

/** @param unknown hears of each letter that has no meaning */
export function flagsOf(
  letters: string,
  keywords: readonly (string | undefined)[],
  unknown: (letter: string) => void,
): string[] {
  const flags: string[] = [];
  for (const letter of letters) {
    const name = BY_LETTER.get(letter) ?? keywords[letter.charCodeAt(0) - LETTER_A];
    if (name !== undefined) flags.push(name);
    else unknown(letter);
  }
  return flags;
}

/** The letters of flags in ascending order, and the flags that have none. $Forwarded has two: Dovecot knows it as a keyword. */
export function lettersOf(
  flags: readonly string[],
  keywords: readonly string[],
): { letters: string; others: string[] } {
  const letters: string[] = [];
  const others: string[] = [];
  for (const name of flags) {
    const fixed = BY_NAME.get(name);
    const number = keywords.indexOf(name);
    if (fixed !== undefined) letters.push(fixed);
    if (number >= 0) letters.push(String.fromCharCode(LETTER_A + number));
    if (fixed === undefined && number < 0) others.push(name);
  }
  return { letters: letters.sort().join(""), others };
}
