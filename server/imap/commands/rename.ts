import { defineCommand, LOGGED_IN } from "../command.ts";
import { isFound, placeOf, placeWith } from "../access.ts";
import { NoError } from "../errors.ts";
import { inheritAcl, siteOf } from "../family.ts";
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
    const { session } = context;
    const old = await placeWith(context, from.name, "x");
    const site = await siteOf(context, to.name);
    if (site.mail.account !== old.mail.account) throw new NoError("CANNOT", "a mailbox stays with its owner");
    await old.mail.renameMailbox(old.name, site.name);
    await inheritAcl(context, site, old.name !== "INBOX");
    // INBOX stays: the new mailbox had no other name before.
    if (old.name === "INBOX") return await tellNormalised(context, to);
    if (!session.rev2) return;
    const place = await placeOf(context, to.name);
    if (isFound(place)) await writeListLine(context, place.shown, from.sent ?? old.shown);
  },
});
