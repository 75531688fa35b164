import { defineCommand, LOGGED_IN } from "../command.ts";

/** Never NO: a client may have sent its next login already (RFC 8437 §3). The selected mailbox is left without EXPUNGE. */
export const unauthenticate = defineCommand({
  name: "UNAUTHENTICATE",
  states: LOGGED_IN,
  rfc: "8437",
  parse() {},
  async run({ session, channel }) {
    session.selected?.pin.release();
    session.selected = undefined;
    channel.unauthenticate();
    return { text: "log in again" };
  },
});
