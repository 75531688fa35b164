import { defineCommand, SELECTED } from "../command.ts";

/** Removes messages with \Deleted without telling, then leaves the mailbox. */
export const close = defineCommand({
  name: "CLOSE",
  states: SELECTED,
  rfc: "9051 §6.4.1",
  parse() {},
  async run({ session, selected }) {
    const { mail, place } = selected;
    // Without the right it is only closed (RFC 4314 §4).
    if (!selected.readOnly && place.rights.has("e")) await mail.expunge(selected.mailbox.id);
    selected.pin.release();
    session.selected = undefined;
  },
});
