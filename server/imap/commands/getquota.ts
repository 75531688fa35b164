import { defineCommand, LOGGED_IN } from "../command.ts";
import { quotaRoot, writeQuota } from "../quotaroot.ts";

export const getQuota = defineCommand<string>({
  name: "GETQUOTA",
  states: LOGGED_IN,
  rfc: "9208 §4.1.1",
  parse(d) {
    d.sp();
    return d.astringText();
  },
  async run(context, name) {
    await writeQuota(context, await quotaRoot(context, name));
  },
});
