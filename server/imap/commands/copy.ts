import { destination } from "../access.ts";
import { copyUid } from "../copyuid.ts";
import { type Context, defineCommand, SELECTED } from "../command.ts";
import { NoError } from "../errors.ts";
import { demandCopyable } from "../messagelimit.ts";
import type { Span } from "../selected.ts";
import { orTryCreate } from "../storefaults.ts";
import { copyTo } from "../transfer.ts";
import type { SequenceSet } from "../wire/sequence.ts";
import type { MailboxName } from "../../../store/types.ts";

export const copy = defineCommand<{ set: SequenceSet; name: MailboxName }>({
  name: "COPY",
  uid: "also",
  states: SELECTED,
  rfc: "9051 §6.4.7, 4315",
  parse(d) {
    d.sp();
    const set = d.sequenceSet();
    d.sp();
    return { set, name: d.mailbox() };
  },
  async run(context, { set, name }) {
    const { selected } = context;
    const spans = await namedSpans(context, set);
    demandCopyable(context.server, selected, spans);
    const uids = selected.ranges(spans);
    const copied = await context.working(
      orTryCreate(copyTo(context, selected, uids, await destination(context, name))),
    );
    return { code: copyUid(copied) };
  },
});

/**
 * The messages that a COPY or MOVE names. By message numbers it is all of them or none (RFC 2180 §4.4.1); a UID that is not there
 * names nothing (RFC 9051 §6.4.9).
 * @throws {NoError} EXPUNGEISSUED
 */
export async function namedSpans({ selected, uid }: Context, set: SequenceSet): Promise<Span[]> {
  const spans = selected.spans(set, uid);
  if (!uid) {
    selected.index = await selected.mail.index(selected.mailbox.id);
    if (!selected.allThere(spans)) throw new NoError("EXPUNGEISSUED", "some of the messages are gone");
  }
  return spans;
}
