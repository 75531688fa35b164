import { namedUids } from "./copy.ts";
import { copyUid } from "../copyuid.ts";
import { defineCommand, SELECTED } from "../command.ts";
import { orTryCreate } from "../storefaults.ts";
import { mayWrite } from "./expunge.ts";
import type { SequenceSet } from "../wire/sequence.ts";
import type { MailboxName } from "../../../store/types.ts";

/** COPYUID is told before the removals (RFC 6851 §4.3), which are told as for any other session. */
export const move = defineCommand<{ set: SequenceSet; name: MailboxName }>({
  name: "MOVE",
  uid: "also",
  states: SELECTED,
  rfc: "9051 §6.4.8, 6851",
  parse(d) {
    d.sp();
    const set = d.sequenceSet();
    d.sp();
    return { set, name: d.mailbox() };
  },
  async run(context, { set, name }) {
    const { selected, mail, session, out } = context;
    mayWrite(context);
    const uids = await namedUids(context, set);
    const moved = await orTryCreate(mail.move(selected.mailbox.id, uids, name));
    const code = copyUid(moved);
    if (code) out.ascii(`* OK [${code}] moved`).crlf();
    if (!session.qresync || !code) return;
    const { highestModSeq } = await mail.status(selected.mailbox.id);
    return { code: `HIGHESTMODSEQ ${highestModSeq}` };
  },
});
