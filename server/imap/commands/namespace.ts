import { defineCommand, LOGGED_IN } from "../command.ts";

/** One personal namespace; nobody else's and no shared one (RFC 2342 §5). */
export const namespace = defineCommand({
  name: "NAMESPACE",
  states: LOGGED_IN,
  rfc: "9051 §6.3.10, 2342",
  parse() {},
  async run({ out }) {
    out.ascii('* NAMESPACE (("" "/")) NIL NIL').crlf();
  },
});
