import { defineCommand, LOGGED_IN } from "../command.ts";
import { closeSelected } from "./select.ts";
import { tellNormalised } from "../listing.ts";
import type { NameAsSent } from "../wire/decoder.ts";

export const deleteMailbox = defineCommand<NameAsSent>({
  name: "DELETE",
  states: LOGGED_IN,
  rfc: "9051 §6.3.5",
  parse(d) {
    d.sp();
    return d.mailboxAsSent();
  },
  async run(context, named) {
    const { mail, session } = context;
    const { name } = named;
    const mailbox = await mail.mailbox(name);
    await mail.deleteMailbox(name);
    if (mailbox && session.selected?.mailbox.id === mailbox.id) closeSelected(context);
    await tellNormalised(context, named);
  },
});
