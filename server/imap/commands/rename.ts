import { defineCommand, LOGGED_IN } from "../command.ts";
import { writeListLine } from "../listing.ts";
import type { MailboxName } from "../../../store/types.ts";

export const rename = defineCommand<{ from: MailboxName; to: MailboxName }>({
  name: "RENAME",
  states: LOGGED_IN,
  rfc: "9051 §6.3.6",
  parse(d) {
    d.sp();
    const from = d.mailbox();
    d.sp();
    return { from, to: d.newMailbox() };
  },
  async run(context, { from, to }) {
    const { mail, session } = context;
    await mail.renameMailbox(from, to);
    if (!session.rev2 || from === "INBOX") return;
    const mailbox = await mail.mailbox(to);
    if (mailbox) await writeListLine(context, mailbox, from); // RFC 9051 §6.3.9.7 OLDNAME
  },
});
