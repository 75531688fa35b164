import { defineCommand, LOGGED_IN } from "../command.ts";
import { enableCondstore } from "../condstore.ts";
import { NoError } from "../errors.ts";
import { parseStatusItems, type StatusItem, writeStatus } from "../statusitems.ts";
import type { MailboxName } from "../../../store/types.ts";

export const status = defineCommand<{ name: MailboxName; items: readonly StatusItem[] }>({
  name: "STATUS",
  states: LOGGED_IN,
  rfc: "9051 §6.3.11",
  parse(d) {
    d.sp();
    const name = d.mailbox();
    d.sp();
    return { name, items: parseStatusItems(d) };
  },
  async run(context, { name, items }) {
    const mailbox = await context.mail.mailbox(name);
    if (!mailbox) throw new NoError("NONEXISTENT", "there is no such mailbox");
    if (items.includes("HIGHESTMODSEQ")) enableCondstore(context);
    writeStatus(context, mailbox, items, await context.mail.status(mailbox.id));
  },
});
