/** FETCH responses with the attributes that a client wants of new messages in the selected mailbox (RFC 5465 §5.2, §7). */
import type { Uid, UidRanges } from "../../../store/types.ts";
import type { Item } from "../fetch/items.ts";
import { residentItems, writeLines } from "../fetch/lines.ts";
import { writeRows } from "../fetch/rows.ts";
import { SeenLater } from "../fetch/seen.ts";
import type { Span } from "../selected.ts";
import type { Teller } from "../tell.ts";

/** Attributes of messages that the client has just been told of with EXISTS; those that the session itself brought are left out. */
export async function writeNewMessages(context: Teller, added: UidRanges, asked: readonly Item[]): Promise<void> {
  const { session } = context;
  const { selected } = session;
  if (!selected) return;
  // Looking at new mail does not mean that somebody has read it.
  const items = asked.map((item) => item.kind === "plain" ? item : { ...item, seen: false });
  let spans: Span[] = othersMessages(context, selected.spansOf(added));
  const resident = residentItems(items);
  if (resident) spans = await writeLines(context, selected, spans, resident);
  await writeRows(context, selected, spans, items, new SeenLater(context, selected));
}

function othersMessages({ session }: Teller, spans: Span[]): Span[] {
  const { selected, own } = session;
  if (!selected || selected.mail.account !== session.mail?.account) return spans;
  const { index } = selected;
  return spans.flatMap(({ from, to }) => {
    const others: Span[] = [];
    for (let position = from; position < to; position++) {
      const at = index.position(selected.uidAt(position) as Uid);
      if (at >= 0 && own.has(index.modseqs[at])) continue;
      const last = others.at(-1);
      if (last?.to === position) others[others.length - 1] = { from: last.from, to: position + 1 };
      else others.push({ from: position, to: position + 1 });
    }
    return others;
  });
}
