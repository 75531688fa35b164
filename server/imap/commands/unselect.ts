import { defineCommand, SELECTED } from "../command.ts";

export const unselect = defineCommand({
  name: "UNSELECT",
  states: SELECTED,
  rfc: "3691",
  parse() {},
  async run({ session, selected }) {
    selected.pin.release();
    session.selected = undefined;
  },
});
