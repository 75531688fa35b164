/** Ranges of UIDs to read rows by. */
import type { UidRange } from "../../../store/mod.ts";
import type { Selected } from "../selected.ts";

/** Rows read in vain between wanted messages, rather than beginning a new range. */
const GAP = 4;

/** @param positions ascending; the ranges can hold a few messages more, unless the gap is 1 */
export function uidRanges(selected: Selected, positions: Iterable<number>, gap = GAP): UidRange[] {
  const ranges: UidRange[] = [];
  let first = -1;
  let last = -1;
  const close = () => ranges.push({ first: selected.uidAt(first), last: selected.uidAt(last) });
  for (const position of positions) {
    if (first >= 0 && position - last > gap) {
      close();
      first = position;
    }
    if (first < 0) first = position;
    last = position;
  }
  if (first >= 0) close();
  return ranges;
}
