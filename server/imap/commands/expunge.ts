import { type Context, defineCommand, SELECTED } from "../command.ts";
import { demand } from "../access.ts";
import { NoError } from "../errors.ts";
import { addPosition } from "../fetch/lines.ts";
import { limited, messageLimit } from "../messagelimit.ts";
import { type Selected, type Span, spanLength } from "../selected.ts";
import { Flag } from "../../../store/flags.ts";
import type { Right } from "../../../store/rights.ts";
import type { SequenceSet } from "../wire/sequence.ts";

/** EXPUNGE, and UID EXPUNGE of RFC 4315 §2.1. The removals are told as for any other session. */
export const expunge = defineCommand<SequenceSet | undefined>({
  name: "EXPUNGE",
  uid: "also",
  states: SELECTED,
  removes: true,
  numberless: true,
  rfc: "9051 §6.4.3, §6.4.9",
  parse(d, _session, uid) {
    if (!uid) return undefined;
    d.sp();
    return d.sequenceSet();
  },
  async run(context, set) {
    const { selected, session } = context;
    const { mail } = selected;
    mayWrite(context, "e");
    const { spans, code: limit } = set
      ? limited(context.server, selected, deletedSpans(context, selected.spans(set, true)))
      : { spans: undefined, code: undefined };
    await context.working(mail.expunge(selected.mailbox.id, spans && selected.ranges(spans)));
    // RFC 7162 §3.2.7: so the client knows up to where it is in step.
    const highest = session.qresync ? await highestModSeq(selected) : undefined;
    if (!limit) return { code: highest };
    // One code fits into the tagged answer.
    if (highest) context.out.ascii(`* OK [${highest}] expunged`).crlf();
    return { code: limit, text: "not all messages were expunged" };
  },
});

/** Where the number of messages is limited, only those with \Deleted count (RFC 9738 §3.1). */
function deletedSpans({ server, selected }: Context, spans: Span[]): Span[] {
  if (spanLength(spans) <= messageLimit(server)) return spans;
  const { index } = selected;
  const deleted: Span[] = [];
  for (const { from, to } of spans) {
    for (let position = from; position < to; position++) {
      const at = selected.indexPosition(position);
      if (at >= 0 && index.flagWords[at] & Flag.Deleted) addPosition(deleted, position);
    }
  }
  return deleted;
}

/** The response code HIGHESTMODSEQ of the mailbox as it is now. */
export async function highestModSeq({ mail, mailbox }: Selected): Promise<string> {
  return `HIGHESTMODSEQ ${(await mail.status(mailbox.id)).highestModSeq}`;
}

/** @throws {NoError} READ-ONLY: the mailbox was opened with EXAMINE; NOPERM: a right is missing */
export function mayWrite({ selected }: Pick<Context, "selected">, ...rights: Right[]): void {
  if (selected.readOnly) throw new NoError("READ-ONLY", "the mailbox is open read-only");
  demand(selected.place, ...rights);
}
