import { defineCommand } from "../command.ts";
import { BadError } from "../errors.ts";

/** The command is the last thing that is heard in clear text (RFC 9051 §6.2.1, §11.1). */
export const startTls = defineCommand({
  name: "STARTTLS",
  states: ["notAuthenticated"],
  rfc: "9051 §6.2.1",
  parse() {},
  async run({ channel }) {
    if (channel.secure) throw new BadError(undefined, "TLS is active already");
    channel.startTls();
    return { text: "begin TLS" };
  },
});
