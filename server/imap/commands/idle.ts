import { defineCommand, LOGGED_IN } from "../command.ts";
import { BadError } from "../errors.ts";
import { tellAll } from "../telling.ts";

export const idle = defineCommand({
  name: "IDLE",
  states: LOGGED_IN,
  rfc: "9051 §6.3.13, 2177",
  parse() {},
  async run(context) {
    const { channel } = context;
    await channel.continuation("idling");
    const line = await channel.idle(() => tellAll(context, true));
    context.session.looked = false; // that was before the client spoke
    if (new TextDecoder("latin1").decode(line).toUpperCase() !== "DONE") throw new BadError(undefined, "DONE expected");
  },
});
