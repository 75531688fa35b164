import { destination } from "../access.ts";
import { namedSpans } from "./copy.ts";
import { copyUid } from "../copyuid.ts";
import { defineCommand, SELECTED } from "../command.ts";
import { limited } from "../messagelimit.ts";
import { orTryCreate } from "../storefaults.ts";
import { highestModSeq, mayWrite } from "./expunge.ts";
import { moveTo } from "../transfer.ts";
import type { SequenceSet } from "../wire/sequence.ts";
import type { MailboxName } from "../../../store/types.ts";

/** COPYUID is told before the removals (RFC 6851 §4.3), which are told as for any other session. */
export const move = defineCommand<{ set: SequenceSet; name: MailboxName }>({
  name: "MOVE",
  uid: "also",
  states: SELECTED,
  removes: true,
  rfc: "9051 §6.4.8, 6851",
  parse(d) {
    d.sp();
    const set = d.sequenceSet();
    d.sp();
    return { set, name: d.mailbox() };
  },
  async run(context, { set, name }) {
    const { selected, session, out } = context;
    mayWrite(context, "t", "e");
    const { spans, code: limit } = limited(context.server, selected, await namedSpans(context, set));
    const uids = selected.ranges(spans);
    const moved = await context.working(
      orTryCreate(moveTo(context, selected, uids, await destination(context, name))),
    );
    const code = copyUid(moved);
    if (code) out.ascii(`* OK [${code}] moved`).crlf();
    const highest = session.qresync && code ? await highestModSeq(selected) : undefined;
    if (!limit) return { code: highest };
    // One code fits into the tagged answer.
    if (highest) out.ascii(`* OK [${highest}] moved`).crlf();
    return { code: limit, text: "not all messages were moved" };
  },
});
