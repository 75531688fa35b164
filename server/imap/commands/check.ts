import { defineCommand, SELECTED } from "../command.ts";

/** Everything is safe when it was answered, so a checkpoint is a NOOP (RFC 3501 §6.4.1). */
export const check = defineCommand({
  name: "CHECK",
  states: SELECTED,
  rfc: "3501 §6.4.1",
  parse() {},
  async run() {},
});
