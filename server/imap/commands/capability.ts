import { capabilityList } from "../capabilities.ts";
import { ANY_STATE, defineCommand } from "../command.ts";

export const capability = defineCommand({
  name: "CAPABILITY",
  states: ANY_STATE,
  rfc: "9051 §6.1.1",
  parse() {},
  async run({ out, channel, session, server }) {
    out.ascii(`* CAPABILITY ${capabilityList(channel, session, server)}`).crlf();
  },
});
