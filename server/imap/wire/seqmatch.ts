/**
 * Message sequence match data of QRESYNC (RFC 7162 §3.2.5.2): message numbers, and the UIDs that the client believes they have.
 * Kept as runs, never as single pairs.
 */
import { BadError } from "../errors.ts";
import type { NumberRange, SequenceSet } from "./sequence.ts";

/** `count` pairs: message `sequence + k` has UID `uid + k`. */
export interface PairRun {
  readonly sequence: number;
  readonly uid: number;
  readonly count: number;
}

/**
 * Pairs the n-th number of one set with the n-th of the other.
 * @throws {BadError} `*` or `$` in a set, a set that is not ascending, sets of different length.
 */
export function pairUids(sequences: SequenceSet, uids: SequenceSet): PairRun[] {
  const left = ascending(sequences);
  const right = ascending(uids);
  const pairs: PairRun[] = [];
  let j = 0;
  let taken = 0;
  for (const { first, last } of left) {
    let sequence = first;
    while (sequence <= last && j < right.length) {
      const uid = right[j].first + taken;
      const count = Math.min(last - sequence + 1, right[j].last - uid + 1);
      pairs.push({ sequence, uid, count });
      sequence += count;
      taken += count;
      if (uid + count > right[j].last) {
        j++;
        taken = 0;
      }
    }
    if (sequence <= last) throw unequal();
  }
  if (j < right.length) throw unequal();
  return pairs;
}

function ascending(set: SequenceSet): readonly NumberRange[] {
  if (set.saved || set.dynamic) throw new BadError(undefined, "sequence match data cannot hold * or $");
  let before = 0;
  for (const { first, last } of set.ranges) {
    if (first <= before || last < first) {
      throw new BadError(undefined, "sequence match data must be in ascending order");
    }
    before = last;
  }
  return set.ranges;
}

function unequal(): BadError {
  return new BadError(undefined, "the two sets of sequence match data have different lengths");
}

/**
 * The UID of the highest pair that is true: the client knows of all removals up to there. 0 where none is.
 *
 * Numbers only ever fall, so where a pair is true all below it are; that makes it a search by halves: O(log n) calls of `uidAt`,
 * which gives the UID of a message number now, undefined beyond the last.
 */
export function highestMatch(pairs: readonly PairRun[], uidAt: (sequence: number) => number | undefined): number {
  const matches = ({ sequence, uid }: PairRun, k: number) => uidAt(sequence + k) === uid + k;
  const run = countWhile(pairs.length, (i) => matches(pairs[i], 0)) - 1;
  if (run < 0) return 0;
  return pairs[run].uid + countWhile(pairs[run].count, (k) => matches(pairs[run], k)) - 1;
}

/** How many of 0, 1, … length-1 hold, for a predicate that never holds again once it does not. */
function countWhile(length: number, holds: (i: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
