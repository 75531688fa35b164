import { defineCommand, SELECTED } from "../command.ts";

/** Removes messages with \Deleted without telling, then leaves the mailbox. */
export const close = defineCommand({
  name: "CLOSE",
  states: SELECTED,
  rfc: "9051 §6.4.1",
  parse() {},
  async run({ session, selected, mail }) {
    if (!selected.readOnly) await mail.expunge(selected.mailbox.id);
    selected.pin.release();
    session.selected = undefined;
  },
});
