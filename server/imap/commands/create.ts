import { defineCommand, LOGGED_IN } from "../command.ts";
import { BadError, NoError } from "../errors.ts";
import { mailboxObjectId } from "../objectid.ts";
import { parseSpecialUse } from "../specialuse.ts";
import type { MailboxName, SpecialUse } from "../../../store/types.ts";

export const create = defineCommand<{ name: MailboxName; specialUse: SpecialUse[] }>({
  name: "CREATE",
  states: LOGGED_IN,
  rfc: "9051 §6.3.4, 6154 §3",
  parse(d) {
    d.sp();
    const name = d.newMailbox();
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
    return { name, specialUse: [...new Set(specialUse)] };
  },
  async run({ mail }, { name, specialUse }) {
    const mailbox = await mail.createMailbox(name, specialUse);
    return { code: `MAILBOXID (${mailboxObjectId(mailbox)})` };
  },
});
