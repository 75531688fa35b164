import { defineCommand, LOGGED_IN } from "../command.ts";
import { NoError } from "../errors.ts";
import { QUOTA_ROOT, writeQuota } from "./getquota.ts";
import type { MailboxName } from "../../../store/types.ts";

export const getQuotaRoot = defineCommand<MailboxName>({
  name: "GETQUOTAROOT",
  states: LOGGED_IN,
  rfc: "9208 §4.1.2",
  parse(d) {
    d.sp();
    return d.mailbox();
  },
  async run(context, name) {
    const { mail, out, session } = context;
    if (!await mail.mailbox(name)) throw new NoError("NONEXISTENT", "there is no such mailbox");
    out.ascii("* QUOTAROOT ").mailbox(name, session.utf8).ascii(` "${QUOTA_ROOT}"`).crlf();
    await writeQuota(context);
  },
});
