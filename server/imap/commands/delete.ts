import { defineCommand, LOGGED_IN } from "../command.ts";
import { placeWith } from "../access.ts";
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
    const { session } = context;
    const place = await placeWith(context, named.name, "x");
    const { mail, mailbox } = place;
    await mail.deleteMailbox(place.name);
    const { selected } = session;
    if (selected?.mailbox.id === mailbox.id && selected.mail.account === mail.account) closeSelected(context);
    await tellNormalised(context, named);
  },
});
