import type { Context } from "../command.ts";
import { messageLimit } from "../messagelimit.ts";
import { Pace } from "../pace.ts";
import type { Selected } from "../selected.ts";
import { SequenceSet } from "../wire/sequence.ts";
import { type Key, mapKey } from "./keys.ts";
import { bounds } from "./resident.ts";

/** Says nothing of any message before it is read. */
const UNKNOWN: Key = { is: "larger", than: 0 };

/**
 * The key for the highest messages that one command may search, where the client names more of them by numbers or UIDs
 * (RFC 9738 §3.1). `code` is for the tagged OK then.
 */
export async function limitedKey(
  server: Context["server"],
  selected: Selected,
  key: Key,
): Promise<{ key: Key; code?: string }> {
  const limit = messageLimit(server);
  if (selected.count <= limit) return { key };
  const named = mapKey(key, (inner) => ["all", "numbers", "uids"].includes(inner.is) ? inner : UNKNOWN);
  const searched = (await bounds(selected, named, new Pace())).maybe.positions();
  if (searched.length <= limit) return { key };
  const lowest = selected.uidAt(searched[searched.length - limit]);
  const last = selected.uidAt(selected.count - 1);
  const highest: Key = { is: "uids", set: new SequenceSet([{ first: lowest, last }]) };
  return { key: { is: "and", keys: [highest, key] }, code: `MESSAGELIMIT ${limit} ${lowest}` };
}
