import { copyUid } from "../copyuid.ts";
import { defineCommand, SELECTED } from "../command.ts";
import { orTryCreate } from "../storefaults.ts";
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
  async run({ selected, mail, uid }, { set, name }) {
    const uids = selected.ranges(selected.spans(set, uid));
    const copied = await orTryCreate(mail.copy(selected.mailbox.id, uids, name));
    return { code: copyUid(copied) };
  },
});
