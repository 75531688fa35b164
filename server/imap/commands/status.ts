import { defineCommand, LOGGED_IN } from "../command.ts";
import { enableCondstore } from "../condstore.ts";
import { placeWith } from "../access.ts";
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
    const place = await placeWith(context, name, "r");
    if (items.includes("HIGHESTMODSEQ")) enableCondstore(context);
    writeStatus(context, place, items, await place.mail.status(place.mailbox.id));
  },
});
