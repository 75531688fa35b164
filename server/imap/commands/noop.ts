import { ANY_STATE, defineCommand } from "../command.ts";

/** Changes are told after every command, so there is nothing to do. */
export const noop = defineCommand({
  name: "NOOP",
  states: ANY_STATE,
  rfc: "9051 §6.1.2",
  parse() {},
  async run() {},
});
