import { demand, placeOf } from "../access.ts";
import { defineCommand, LOGGED_IN } from "../command.ts";
import { rootOfMail, writeQuota } from "../quotaroot.ts";
import type { MailboxName } from "../../../store/types.ts";

/** The mailbox need not exist: the quota root is the one that it would have. */
export const getQuotaRoot = defineCommand<MailboxName>({
  name: "GETQUOTAROOT",
  states: LOGGED_IN,
  rfc: "9208 §4.1.2",
  parse(d) {
    d.sp();
    return d.mailbox();
  },
  async run(context, name) {
    const place = await placeOf(context, name);
    if (place.mailbox) demand(place, "r");
    const root = await rootOfMail(context, place.mail.account);
    context.out.ascii("* QUOTAROOT ").mailbox(place.shown, context.session.utf8).sp().string(root.name).crlf();
    await writeQuota(context, root);
  },
});
