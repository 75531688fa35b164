import { defineCommand, LOGGED_IN } from "../command.ts";
import { tellNormalised, writeListLine } from "../listing.ts";
import type { NameAsSent } from "../wire/decoder.ts";

export const rename = defineCommand<{ from: NameAsSent; to: NameAsSent }>({
  name: "RENAME",
  states: LOGGED_IN,
  rfc: "9051 §6.3.6",
  parse(d) {
    d.sp();
    const from = d.mailboxAsSent();
    d.sp();
    return { from, to: d.newMailbox() };
  },
  async run(context, { from, to }) {
    const { mail, session } = context;
    await mail.renameMailbox(from.name, to.name);
    // INBOX stays: the new mailbox had no other name before.
    if (from.name === "INBOX") await tellNormalised(context, to);
    else if (session.rev2) await writeListLine(context, to.name, from.sent ?? from.name);
  },
});
