/** What is asked of ranges of UIDs, which ascend and are apart. */
import type { UidRanges } from "./types.ts";

/** O(log n). */
export function containsUid(ranges: UidRanges, uid: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    if (uid < ranges[middle].first) high = middle - 1;
    else if (uid > ranges[middle].last) low = middle + 1;
    else return true;
  }
  return false;
}
