/** Flag words to the flags that a client reads, each word rendered once per mailbox. */
import { FIXED_FLAGS, INLINE_KEYWORDS } from "../../store/mod.ts";

/** What is needed of a mailbox index: names by keyword number. */
export interface Keywords {
  readonly keywords: readonly string[];
}

/** A mailbox has few flag words in use; a client that makes up thousands must not make the cache grow without end. */
const MOST_WORDS = 4096;

interface Rendered {
  /** Keywords when this was made; with more keywords, words can mean more. */
  readonly count: number;
  readonly plain: Map<number, Uint8Array>;
  readonly recent: Map<number, Uint8Array>;
}

const caches = new WeakMap<readonly string[], Rendered>();
const encoder = new TextEncoder();

/**
 * The names of a message's flags in the order of their bits, without `\Recent`.
 * @param more numbers of keywords that did not fit the word
 */
export function flagNames({ keywords }: Keywords, word: number, more: readonly number[] = []): string[] {
  const names = FIXED_FLAGS.filter((_, bit) => word & (1 << bit));
  for (let k = 0; k < INLINE_KEYWORDS && k < keywords.length; k++) {
    if (word & (1 << (FIXED_FLAGS.length + k))) names.push(keywords[k]);
  }
  for (const k of more) {
    // A keyword newer than the index is told with the change that brought it.
    if (k < keywords.length) names.push(keywords[k]);
  }
  return names;
}

/**
 * `(\Seen $Forwarded …)` as wire bytes, parentheses included; shared, do not change them.
 * @param more numbers of keywords that did not fit the word
 * @param recent add `\Recent` (RFC 3501 §2.3.2)
 */
export function flagListBytes(
  index: Keywords,
  word: number,
  more: readonly number[],
  recent: boolean,
): Uint8Array {
  if (more.length > 0) return render(index, word, more, recent);
  let rendered = caches.get(index.keywords);
  if (!rendered || rendered.count !== index.keywords.length) {
    rendered = { count: index.keywords.length, plain: new Map(), recent: new Map() };
    caches.set(index.keywords, rendered);
  }
  const words = recent ? rendered.recent : rendered.plain;
  let bytes = words.get(word);
  if (!bytes) {
    if (words.size >= MOST_WORDS) words.clear();
    bytes = render(index, word, more, recent);
    words.set(word, bytes);
  }
  return bytes;
}

function render(index: Keywords, word: number, more: readonly number[], recent: boolean): Uint8Array {
  const names = flagNames(index, word, more);
  if (recent) names.push("\\Recent");
  return encoder.encode(`(${names.join(" ")})`);
}
