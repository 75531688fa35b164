/**
 * Keys that the mailbox index answers: flags, numbers, UIDs, modseqs. The database is never asked.
 *
 * A key that needs more than the index is bounded: `sure` holds what matches whatever the rest says, `maybe` what can still match.
 * So `OR UNSEEN BODY x` reads bodies of seen messages only.
 */
import { FIXED_FLAGS, INLINE_KEYWORDS, lowerBound } from "../../../store/mod.ts";
import type { Pace } from "../pace.ts";
import type { Selected, Span } from "../selected.ts";
import { resolve, type SequenceSet } from "../wire/sequence.ts";
import { Bitmap } from "./bitmap.ts";
import type { Key } from "./keys.ts";

/** A key over positions of the client's list; the index is looked at anew by each call, as it changes under us. */
export interface ResidentTest {
  test(position: number): boolean;
  /** All that match, where that is known without looking at each. */
  readonly spans?: readonly Span[];
}

/** Keys that the index answers. */
export type ResidentKey = Extract<
  Key,
  { is: "all" | "numbers" | "uids" | "recent" | "flag" | "keyword" | "modseq" }
>;

export function isResident(key: Key): key is ResidentKey {
  return RESIDENT.has(key.is);
}

const RESIDENT: ReadonlySet<Key["is"]> = new Set<ResidentKey["is"]>(
  ["all", "numbers", "uids", "recent", "flag", "keyword", "modseq"],
);

/** @throws {BadError} a message number that is not in the mailbox */
export function residentTest(selected: Selected, key: ResidentKey): ResidentTest {
  switch (key.is) {
    case "all":
      return fromSpans([{ from: 0, to: selected.count }]);
    case "numbers":
      return fromSpans(key.lenient ? spansWithin(selected, key.set) : selected.spans(key.set, false));
    case "uids":
      return fromSpans(selected.spans(key.set, true));
    case "recent":
      return fromSpans([{ from: lowerBound(selected.list, selected.recentFrom), to: selected.count }]);
    case "flag":
      return { test: (position) => (wordAt(selected, position) & key.bit) !== 0 };
    case "keyword":
      return keywordTest(selected, key.name);
    case "modseq":
      return {
        test(position) {
          const at = selected.indexPosition(position);
          return at >= 0 && selected.index.modseqs[at] >= key.from;
        },
      };
  }
}

/** Message numbers as spans, those beyond the last message left out (RFC 7377 §2). */
function spansWithin(selected: Selected, set: SequenceSet): Span[] {
  if (set.saved) return selected.spans(set, false);
  return resolve(set, selected.count).filter(({ first, last }) => last > 0 && first <= selected.count).map(
    ({ first, last }) => ({ from: Math.max(first, 1) - 1, to: Math.min(last, selected.count) }),
  );
}

function wordAt(selected: Selected, position: number): number {
  const at = selected.indexPosition(position);
  return at < 0 ? 0 : selected.index.flagWords[at];
}

function keywordTest(selected: Selected, name: string): ResidentTest {
  const number = selected.index.keywords.findIndex((keyword) => keyword.toLowerCase() === name);
  if (number < 0) return { test: () => false };
  if (number < INLINE_KEYWORDS) {
    const bit = 1 << (FIXED_FLAGS.length + number);
    return { test: (position) => (wordAt(selected, position) & bit) !== 0 };
  }
  return { test: (position) => selected.index.moreKeywords(selected.uidAt(position)).includes(number) };
}

function fromSpans(spans: readonly Span[]): ResidentTest {
  return { spans, test: (position) => inSpans(spans, position) };
}

function inSpans(spans: readonly Span[], position: number): boolean {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (spans[middle].to <= position) low = middle + 1;
    else high = middle;
  }
  return low < spans.length && spans[low].from <= position;
}

const NOTHING_KNOWN: ReadonlyMap<Key, Bounds> = new Map();

export interface Bounds {
  /** Both may be one object, where the index says it all: not to be changed. */
  readonly sure: Bitmap;
  readonly maybe: Bitmap;
}

/**
 * @param known bounds of keys that the index does not answer
 * @throws {BadError} a message number that is not in the mailbox, wherever in the key it stands
 */
export async function bounds(
  selected: Selected,
  key: Key,
  pace: Pace,
  known: ReadonlyMap<Key, Bounds> = NOTHING_KNOWN,
): Promise<Bounds> {
  const { count } = selected;
  switch (key.is) {
    case "and":
    case "or": {
      let result = await bounds(selected, key.keys[0], pace, known);
      for (const inner of key.keys.slice(1)) {
        const next = await bounds(selected, inner, pace, known);
        result = key.is === "and" ? both(result, next) : either(result, next);
      }
      return result;
    }
    case "not":
      return complement(await bounds(selected, key.key, pace, known));
    case "fuzzy":
      return await bounds(selected, key.key, pace);
  }
  if (pace.due) await pace.giveWay();
  if (!isResident(key)) return known.get(key) ?? { sure: new Bitmap(count), maybe: Bitmap.full(count) };
  const leaf = residentTest(selected, key);
  const exact = new Bitmap(count);
  if (leaf.spans) { for (const { from, to } of leaf.spans) exact.setRange(from, to); }
  else for (let position = 0; position < count; position++) if (leaf.test(position)) exact.set(position);
  return { sure: exact, maybe: exact };
}

function both(a: Bounds, b: Bounds): Bounds {
  const sure = a.sure.copy().and(b.sure);
  return isExact(a) && isExact(b) ? { sure, maybe: sure } : { sure, maybe: a.maybe.copy().and(b.maybe) };
}

function either(a: Bounds, b: Bounds): Bounds {
  const sure = a.sure.copy().or(b.sure);
  return isExact(a) && isExact(b) ? { sure, maybe: sure } : { sure, maybe: a.maybe.copy().or(b.maybe) };
}

function complement(bounds: Bounds): Bounds {
  const sure = Bitmap.full(bounds.maybe.size).andNot(bounds.maybe);
  return isExact(bounds) ? { sure, maybe: sure } : { sure, maybe: Bitmap.full(sure.size).andNot(bounds.sure) };
}

function isExact({ sure, maybe }: Bounds): boolean {
  return sure === maybe;
}

/** The messages that are still in the mailbox; a search does not find others (RFC 2180 §4.3). */
export function present(selected: Selected): Bitmap {
  const { count, list, index } = selected;
  if (list.uids === index.list.uids) return Bitmap.full(count);
  const here = new Bitmap(count);
  for (let position = 0; position < count; position++) if (selected.indexPosition(position) >= 0) here.set(position);
  return here;
}
