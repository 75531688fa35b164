import { type Command, defineCommand, LOGGED_IN } from "../command.ts";
import { BadError } from "../errors.ts";

export const idle = defineCommand({
  name: "IDLE",
  states: LOGGED_IN,
  rfc: "9051 §6.3.13, 2177",
  parse() {},
  async run({ channel, tag }) {
    await channel.continuation("idling");
    channel.idle(tag);
  },
});

/** The end of IDLE: what is left of it to do when the client has said a line. */
export function done(line: Uint8Array): Command {
  const run = async () => {
    if (new TextDecoder("latin1").decode(line).toUpperCase() !== "DONE") throw new BadError(undefined, "DONE expected");
  };
  return { ...idle, prepare: () => ({ keepsNumbers: false, run }) };
}
