import { ANY_STATE, defineCommand } from "../command.ts";

export const logout = defineCommand({
  name: "LOGOUT",
  states: ANY_STATE,
  rfc: "9051 §6.1.3",
  parse() {},
  async run({ out, channel }) {
    out.ascii("* BYE logging out").crlf();
    channel.end();
  },
});
