import { type Context, defineCommand, SELECTED } from "../command.ts";
import { NoError } from "../errors.ts";
import type { SequenceSet } from "../wire/sequence.ts";

/** EXPUNGE, and UID EXPUNGE of RFC 4315 §2.1. The removals are told as for any other session. */
export const expunge = defineCommand<SequenceSet | undefined>({
  name: "EXPUNGE",
  uid: "also",
  states: SELECTED,
  rfc: "9051 §6.4.3, §6.4.9",
  parse(d, _session, uid) {
    if (!uid) return undefined;
    d.sp();
    return d.sequenceSet();
  },
  async run(context, set) {
    const { selected, mail, session } = context;
    mayWrite(context);
    const uids = set && selected.ranges(selected.spans(set, true));
    await mail.expunge(selected.mailbox.id, uids);
    if (!session.qresync) return;
    // RFC 7162 §3.2.7: so the client knows up to where it is in step.
    const { highestModSeq } = await mail.status(selected.mailbox.id);
    return { code: `HIGHESTMODSEQ ${highestModSeq}` };
  },
});

/** @throws {NoError} the mailbox was opened with EXAMINE */
export function mayWrite({ selected }: Pick<Context, "selected">): void {
  if (selected.readOnly) throw new NoError("READ-ONLY", "the mailbox is open read-only");
}
