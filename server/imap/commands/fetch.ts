import { defineCommand, SELECTED } from "../command.ts";
import { enableCondstore } from "../condstore.ts";
import { NoError } from "../errors.ts";
import { changedSpans, vanishedRanges } from "../fetch/changed.ts";
import { type FetchArguments, parseFetch } from "../fetch/items.ts";
import { residentItems, writeLines } from "../fetch/lines.ts";
import { writeRows } from "../fetch/rows.ts";
import { SeenLater } from "../fetch/seen.ts";
import { demandPartial, limited } from "../messagelimit.ts";
import { partialSpans } from "../partial.ts";
import { tell } from "../tell.ts";
import { formatRanges } from "../wire/sequence.ts";

export const fetch = defineCommand<FetchArguments>({
  name: "FETCH",
  uid: "also",
  states: SELECTED,
  rfc: "9051 §6.4.5",
  keepsNumbers: (_, uid) => !uid,
  parse: parseFetch,
  async run(context, { set, items, changedSince, vanished, partial }) {
    const { selected, out, server } = context;
    if (partial) demandPartial(server, partial.last - partial.first + 1);
    if (items.some((item) => item.kind === "plain" && item.name === "MODSEQ")) enableCondstore(context);
    await tell(context, context.uid);
    let spans = selected.spans(set, context.uid);
    if (partial) spans = partialSpans(spans, partial); // before CHANGEDSINCE (RFC 9394 §3.4)
    if (changedSince !== undefined) {
      spans = changedSpans(selected, spans, changedSince);
      if (vanished) {
        // Before any FETCH response (RFC 7162 §3.2.6).
        const gone = await vanishedRanges(selected, set, changedSince);
        if (gone.length > 0) out.ascii(`* VANISHED (EARLIER) ${formatRanges(gone)}`).crlf();
      }
    }
    const { code, ...within } = limited(server, selected, spans);
    spans = within.spans;
    const resident = residentItems(items);
    if (resident) spans = await writeLines(context, selected, spans, resident);
    const seen = new SeenLater(context, selected);
    const { gone, undecodable } = await writeRows(context, selected, spans, items, seen);
    await seen.store();
    // One code fits into the tagged answer (RFC 9738 §3.1).
    if (code && (undecodable || gone > 0)) out.ascii(`* NO [${code}] not all messages were looked at`).crlf();
    if (undecodable) throw new NoError("UNKNOWN-CTE", "a part has an encoding that cannot be decoded");
    if (gone > 0) throw new NoError("EXPUNGEISSUED", "some messages are gone");
    if (code) return { code, text: "not all messages were looked at" };
  },
});
