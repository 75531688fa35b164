import { copyUid } from "../copyuid.ts";
import { type Context, defineCommand, SELECTED } from "../command.ts";
import { NoError } from "../errors.ts";
import { orTryCreate } from "../storefaults.ts";
import type { SequenceSet } from "../wire/sequence.ts";
import type { MailboxName, UidRanges } from "../../../store/types.ts";

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
    const { selected, mail } = context;
    const uids = await namedUids(context, set);
    const copied = await orTryCreate(mail.copy(selected.mailbox.id, uids, name));
    return { code: copyUid(copied) };
  },
});

/**
 * The messages that a COPY or MOVE names. By message numbers it is all of them or none (RFC 2180 §4.4.1); a UID that is not there
 * names nothing (RFC 9051 §6.4.9).
 * @throws {NoError} EXPUNGEISSUED
 */
export async function namedUids({ selected, mail, uid }: Context, set: SequenceSet): Promise<UidRanges> {
  const spans = selected.spans(set, uid);
  if (!uid) {
    selected.index = await mail.index(selected.mailbox.id);
    if (!selected.allThere(spans)) throw new NoError("EXPUNGEISSUED", "some of the messages are gone");
  }
  return selected.ranges(spans);
}
