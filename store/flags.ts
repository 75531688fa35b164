/**
 * Message flags: ten that have a fixed bit, and keywords, which get a bit per mailbox when first used.
 * Flag names compare without regard to case (RFC 9051 §2.3.2); keywords keep the case in which they first came.
 */

/** The fixed bits. Those with `$` are IANA keywords that nearly every client uses, so they cost no keyword slot. */
export const Flag = {
  Seen: 1,
  Answered: 2,
  Flagged: 4,
  Deleted: 8,
  Draft: 16,
  Forwarded: 32,
  MDNSent: 64,
  Junk: 128,
  NotJunk: 256,
  Phishing: 512,
} as const;

/** Fixed flags in the order of their bits, as written on the wire. */
export const FIXED_FLAGS: readonly string[] = [
  "\\Seen",
  "\\Answered",
  "\\Flagged",
  "\\Deleted",
  "\\Draft",
  "$Forwarded",
  "$MDNSent",
  "$Junk",
  "$NotJunk",
  "$Phishing",
];

/** Keywords 0 to INLINE_KEYWORDS-1 of a mailbox live in the flag word at bit FIXED_FLAGS.length + k. */
export const INLINE_KEYWORDS = 21;

/** Most keywords one mailbox can have. */
export const MAX_KEYWORDS = 1000;

/** Flags as a client gives them: fixed bits, and the names of other keywords. */
export interface FlagSet {
  readonly fixed: number;
  readonly keywords: readonly string[];
}

/**
 * Some of all flags, as bits of the flag word. Keywords stand and fall together: `KEYWORD_BITS` are all of them, also those that have
 * no bit.
 */
export type FlagMask = number;

export const ALL_FLAGS: FlagMask = 0x7fffffff;
export const KEYWORD_BITS: FlagMask = ALL_FLAGS & ~((1 << FIXED_FLAGS.length) - 1);

/** The flags that are in the mask. */
export function maskedFlags(flags: FlagSet, mask: FlagMask): FlagSet {
  return { fixed: flags.fixed & mask, keywords: mask & KEYWORD_BITS ? flags.keywords : [] };
}

export const NO_FLAGS: FlagSet = { fixed: 0, keywords: [] };

const byLowerName = new Map(FIXED_FLAGS.map((name, bit) => [name.toLowerCase(), 1 << bit]));

/** The bit of a fixed flag, 0 for any other name. */
export function fixedFlag(name: string): number {
  return byLowerName.get(name.toLowerCase()) ?? 0;
}

/** Sorts names into fixed bits and keywords; keywords that differ only in case are one. */
export function flagSet(names: Iterable<string>): FlagSet {
  let fixed = 0;
  const keywords = new Map<string, string>();
  for (const name of names) {
    const bit = fixedFlag(name);
    if (bit) fixed |= bit;
    else if (!keywords.has(name.toLowerCase())) keywords.set(name.toLowerCase(), name);
  }
  return { fixed, keywords: [...keywords.values()] };
}
