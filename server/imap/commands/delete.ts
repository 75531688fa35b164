import { defineCommand, LOGGED_IN } from "../command.ts";
import { closeSelected } from "./select.ts";
import type { MailboxName } from "../../../store/types.ts";

export const deleteMailbox = defineCommand<MailboxName>({
  name: "DELETE",
  states: LOGGED_IN,
  rfc: "9051 §6.3.5",
  parse(d) {
    d.sp();
    return d.mailbox();
  },
  async run(context, name) {
    const { mail, session } = context;
    const mailbox = await mail.mailbox(name);
    await mail.deleteMailbox(name);
    if (mailbox && session.selected?.mailbox.id === mailbox.id) closeSelected(context);
  },
});
