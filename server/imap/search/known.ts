/** What the store knows of the texts that a search asks for, before any message is read. */
import type { TextQuery } from "../../../store/mod.ts";
import type { Selected } from "../selected.ts";
import { Bitmap } from "./bitmap.ts";
import type { Comparator } from "./comparator.ts";
import type { Key } from "./keys.ts";
import type { Bounds } from "./resident.ts";

/** Of fewer messages it is cheaper to read them. */
const FEW = 32;
/** Texts asked for; of a search that has more, the messages are read for the others. */
const MOST_TEXTS = 16;

/**
 * Bounds of the keys that look for text, where the store knows any.
 * @param open positions that are worth asking for
 */
export async function knownTexts(
  selected: Selected,
  key: Key,
  open: Bitmap,
  comparator: Comparator,
): Promise<ReadonlyMap<Key, Bounds>> {
  const known = new Map<Key, Bounds>();
  const queries = new Map<Key, TextQuery>();
  collect(key, queries);
  if (queries.size === 0 || open.count() < FEW) return known;
  const all = open.count() === open.size;
  const positions = all ? undefined : open.positions();
  const { uids } = selected.list;
  const asked = positions ? positions.map((position) => uids[position]) : uids.subarray(0, open.size);
  const answers = await selected.mail.match(selected.mailbox.id, asked, [...queries.values()]);
  const keys = [...queries.keys()];
  for (const [n, answer] of answers.entries()) {
    if (!answer) continue;
    const sure = atPositions(new Bitmap(asked.length, answer.sure), open.size, positions);
    const not = Bitmap.full(asked.length).andNot(new Bitmap(asked.length, answer.maybe));
    const maybe = Bitmap.full(open.size).andNot(atPositions(not, open.size, positions));
    // Another comparator finds some of what the default finds.
    known.set(keys[n], { sure: comparator.folding ? new Bitmap(open.size) : sure, maybe });
  }
  return known;
}

/** @param positions of the places in `places`; undefined: the same */
function atPositions(places: Bitmap, size: number, positions: Uint32Array | undefined): Bitmap {
  if (!positions) return places;
  const found = new Bitmap(size);
  for (const place of places.positions()) found.set(positions[place]);
  return found;
}

/** What matches nearly is not looked for: the store knows texts as they are. */
function collect(key: Key, queries: Map<Key, TextQuery>): void {
  if (queries.size >= MOST_TEXTS) return;
  switch (key.is) {
    case "and":
    case "or":
      for (const inner of key.keys) collect(inner, queries);
      return;
    case "not":
      return collect(key.key, queries);
    case "header":
      if (key.text.length > 0) queries.set(key, { in: "header", name: key.name, text: key.text });
      return;
    case "body":
    case "text":
      queries.set(key, { in: key.is, text: key.text });
  }
}
