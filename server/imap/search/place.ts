/** Where new messages come to stand in a result that is in order already (RFC 5267 §4.3.3). */
import type { Uid } from "../../../store/mod.ts";
import type { Selected } from "../selected.ts";
import type { Teller } from "../tell.ts";
import type { Comparator } from "./comparator.ts";
import { compareCodePoints } from "./ranks.ts";
import { type Criterion, readValues, sortOrder } from "./sort.ts";

/** Of more at once, all is sorted anew: reading keys here and there would take longer. */
const FEW = 64;

type Keys = readonly (number | string)[];

/** `uids` and `added` (ascending) in order; without criteria by UID. */
export async function placed(
  context: Teller,
  selected: Selected,
  uids: Uint32Array,
  added: readonly Uid[],
  criteria: readonly Criterion[] | undefined,
  comparator: Comparator,
): Promise<Uint32Array> {
  const all = new Uint32Array(uids.length + added.length);
  all.set(uids);
  all.set(added, uids.length);
  if (!criteria) return added[0] > (uids.at(-1) ?? 0) ? all : all.sort();
  // What is gone and not told yet stays where it is, so its keys must be there still: all of it is pinned.
  if (added.length > FEW) {
    const positions = Uint32Array.from(all.sort(), (uid) => selected.positionOf(uid));
    const order = await sortOrder(context, selected, positions, criteria, comparator, undefined);
    return Uint32Array.from(order, (i) => all[i]);
  }
  const keysOf = async (uid: number): Promise<Keys> => {
    const position = Uint32Array.of(selected.positionOf(uid));
    const values = await readValues(context, selected, position, criteria, comparator);
    return values.map(([value]) => value);
  };
  let count = uids.length;
  for (const uid of added) {
    const keys = await keysOf(uid);
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compare(await keysOf(all[middle]), keys, criteria) || all[middle] - uid;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    all.copyWithin(low + 1, low, count);
    all[low] = uid;
    count++;
  }
  return all;
}

function compare(a: Keys, b: Keys, criteria: readonly Criterion[]): number {
  for (let c = 0; c < criteria.length; c++) {
    const [x, y] = [a[c], b[c]];
    const order = typeof x === "string" ? compareCodePoints(x, String(y)) : x - Number(y);
    if (order !== 0) return criteria[c].reverse ? -order : order;
  }
  return 0;
}
