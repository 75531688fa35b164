import { defineCommand, LOGGED_IN } from "../command.ts";
import { QUOTA_ROOT, writeQuota } from "./getquota.ts";
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
    const { out, session } = context;
    out.ascii("* QUOTAROOT ").mailbox(name, session.utf8).ascii(` "${QUOTA_ROOT}"`).crlf();
    await writeQuota(context);
  },
});
