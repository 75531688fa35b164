/** CHANGEDSINCE and VANISHED (RFC 7162 §3.1.4.1, §3.2.6). */
import type { ModSeq, UidRange, UidRanges } from "../../../store/mod.ts";
import { MAX_UID } from "../../../store/mod.ts";
import type { Selected, Span } from "../selected.ts";
import { resolve, type SequenceSet } from "../wire/sequence.ts";
import { addPosition } from "./lines.ts";

/** The messages of ascending spans with a modseq above `since`. Removed ones that are not told yet are left out. */
export function changedSpans(selected: Selected, spans: readonly Span[], since: ModSeq): Span[] {
  const { index, list } = selected;
  const same = list.uids === index.list.uids;
  const changed: Span[] = [];
  let i = 0;
  for (const at of index.changedSince(since)) {
    const position = same ? at : selected.positionOf(index.list.uids[at]);
    if (position < 0 || position >= list.count) continue;
    while (i < spans.length && spans[i].to <= position) i++;
    if (i === spans.length) break;
    if (spans[i].from <= position) addPosition(changed, position);
  }
  return changed;
}

/**
 * UIDs of the set that were expunged after `since`, without those that the client is going to be told of as new removals.
 * `*` is every UID to come here: `1:*` asks for all that is gone, also above the last message left.
 */
export async function vanishedRanges(selected: Selected, set: SequenceSet, since: ModSeq): Promise<UidRanges> {
  const asked = set.saved ? selected.saved : resolve(set, MAX_UID) as unknown as UidRanges;
  if (asked.length === 0) return [];
  const gone = await selected.mail.vanishedSince(selected.mailbox.id, since, asked);
  return gone.flatMap((range) => withoutKnown(selected, range));
}

function withoutKnown(selected: Selected, range: UidRange): UidRange[] {
  const rest: UidRange[] = [];
  let first: number = range.first;
  for (const { from, to } of selected.spansOf([range])) {
    for (let position = from; position < to; position++) {
      const uid = selected.uidAt(position);
      if (uid > first) rest.push({ first, last: uid - 1 } as UidRange);
      first = uid + 1;
    }
  }
  if (first <= range.last) rest.push({ first, last: range.last } as UidRange);
  return rest;
}
