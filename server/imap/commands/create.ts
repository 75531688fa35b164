import { defineCommand, LOGGED_IN } from "../command.ts";
import { BadError, NoError } from "../errors.ts";
import { inheritAcl, siteOf } from "../family.ts";
import { mailboxObjectId } from "../objectid.ts";
import { parseSpecialUse } from "../specialuse.ts";
import { tellNormalised } from "../listing.ts";
import type { NameAsSent } from "../wire/decoder.ts";
import type { SpecialUse } from "../../../store/types.ts";

export const create = defineCommand<{ named: NameAsSent; specialUse: SpecialUse[] }>({
  name: "CREATE",
  states: LOGGED_IN,
  rfc: "9051 §6.3.4, 6154 §3",
  parse(d) {
    d.sp();
    const named = d.newMailbox();
    let specialUse: SpecialUse[] = [];
    if (d.trySp()) {
      d.byte("(");
      if (d.word() !== "USE") throw new BadError(undefined, "USE expected");
      d.sp();
      specialUse = d.list(() => {
        const use = parseSpecialUse(d.attribute());
        if (!use) throw new NoError("USEATTR", "unknown special use");
        return use;
      });
      d.byte(")");
    }
    return { named, specialUse: [...new Set(specialUse)] };
  },
  async run(context, { named, specialUse }) {
    const { name } = named;
    const site = await siteOf(context, name);
    const { mail } = context;
    const shared = site.mail !== mail;
    if (shared && specialUse.length > 0) throw new NoError("USEATTR", "special uses are for own mailboxes");
    const mailbox = await site.mail.createMailbox(site.name, specialUse);
    await inheritAcl(context, site);
    // New mailboxes are subscribed, each in the account that made it.
    if (shared) await mail.setSubscribed(name, true);
    await tellNormalised(context, named);
    return { code: `MAILBOXID (${mailboxObjectId(mailbox)})` };
  },
});
