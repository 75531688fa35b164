/**
 * Sequence sets as clients send them, and ranges of UIDs as the store keeps them. Nothing here expands a range: the cost of
 * `1:4294967295` is that of one pair of numbers.
 */
import type { UidRange, UidRanges } from "../../../store/mod.ts";
import { BadError } from "../errors.ts";
import { MAX_UINT32 } from "./numbers.ts";

/** Both ends included. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** Stands for `*` in the ranges of a SequenceSet. */
export const STAR = Infinity;

const NONE: readonly NumberRange[] = [];

/** A `sequence-set` (RFC 9051 §9), as sent: not sorted, not merged, `first` may be above `last`, `*` is STAR. */
export class SequenceSet {
  constructor(
    readonly ranges: readonly NumberRange[],
    /** It is `$`, the saved result (RFC 5182 §2.1); `ranges` is empty then. */
    readonly saved = false,
  ) {}

  /** `*` occurs in it, which some arguments forbid (RFC 7162 §7, known-uids). */
  get dynamic(): boolean {
    return this.ranges.some(({ first, last }) => first === STAR || last === STAR);
  }

  /** @throws {BadError} not a sequence-set from the first character to the last. */
  static parse(text: string): SequenceSet {
    const { set, end } = parseSequenceSet((at) => (at < text.length ? text.charCodeAt(at) : -1), 0);
    if (end !== text.length) throw new BadError(undefined, "a sequence set was expected");
    return set;
  }
}

/** Reads a set from `start` on; `byteAt` gives -1 behind the end. @throws {BadError} */
export function parseSequenceSet(byteAt: (at: number) => number, start: number): { set: SequenceSet; end: number } {
  let at = start;
  if (byteAt(at) === 0x24) return { set: new SequenceSet(NONE, true), end: at + 1 };

  const end = (): number => {
    if (byteAt(at) === 0x2a) {
      at++;
      return STAR;
    }
    let value = 0;
    const from = at;
    for (let c = byteAt(at); c >= 0x30 && c <= 0x39; c = byteAt(++at)) {
      value = value * 10 + c - 0x30;
      if (value > MAX_UINT32) throw new BadError(undefined, "a number in the sequence set is above 4294967295");
    }
    if (at === from) throw new BadError(undefined, `a number or "*" was expected in the sequence set`);
    if (value === 0) throw new BadError(undefined, "0 cannot be in a sequence set");
    return value;
  };

  const ranges: NumberRange[] = [];
  while (true) {
    const first = end();
    if (byteAt(at) === 0x3a) {
      at++;
      ranges.push({ first, last: end() });
    } else {
      ranges.push({ first, last: first });
    }
    if (byteAt(at) !== 0x2c) return { set: new SequenceSet(ranges), end: at };
    at++;
  }
}

/**
 * The numbers that a set means where `*` is `max`: ascending ranges that do not overlap or touch. `5:*` with max 3 is 3:5. With
 * max 0 (nothing there) `*` is 0. A saved set has no ranges of its own: empty.
 */
export function resolve(set: SequenceSet, max: number): NumberRange[] {
  const ordered = set.ranges.map(({ first, last }) => {
    const a = first === STAR ? max : first;
    const b = last === STAR ? max : last;
    return a <= b ? { first: a, last: b } : { first: b, last: a };
  });
  return merge(ordered);
}

/** Sorts in place where it has to, then joins what overlaps or touches. */
function merge(ranges: NumberRange[]): NumberRange[] {
  if (ranges.some((range, i) => i > 0 && range.first < ranges[i - 1].first)) ranges.sort((a, b) => a.first - b.first);
  const merged: NumberRange[] = [];
  for (const range of ranges) {
    const before = merged.at(-1);
    if (before === undefined || range.first > before.last + 1) merged.push(range);
    else if (range.last > before.last) merged[merged.length - 1] = { first: before.first, last: range.last };
  }
  return merged;
}

/** Ranges in the form of a `uid-set`, `1:5,7`; empty text for no ranges, which the grammar has no form for. */
export function formatRanges(ranges: readonly NumberRange[]): string {
  let text = "";
  for (const { first, last } of ranges) {
    if (text !== "") text += ",";
    text += first === last ? String(first) : `${first}:${last}`;
  }
  return text;
}

/**
 * Ranges that hold exactly the UIDs at [from, to) of an ascending list without doubles. In the order of the list, so the n-th
 * members of two such sets belong together, as COPYUID wants (RFC 4315 §3).
 */
export function rangesOf(uids: ArrayLike<number>, from = 0, to = uids.length): UidRanges {
  const ranges: NumberRange[] = [];
  let at = from;
  while (at < to) {
    const first = uids[at];
    let last = first;
    while (++at < to && uids[at] === last + 1) last++;
    ranges.push({ first, last });
  }
  return ranges as unknown as UidRanges;
}

/** What is in both. O(a + b). */
export function intersectRanges(a: UidRanges, b: UidRanges): UidRanges {
  const both: UidRange[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const first = a[i].first > b[j].first ? a[i].first : b[j].first;
    const last = a[i].last < b[j].last ? a[i].last : b[j].last;
    if (first <= last) both.push({ first, last });
    if (a[i].last < b[j].last) i++;
    else j++;
  }
  return both;
}

/** What is in either. O(a + b), but for the sort where both interleave. */
export function unionRanges(a: UidRanges, b: UidRanges): UidRanges {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  return merge([...a, ...b]) as unknown as UidRanges;
}
