import { SHARED } from "../access.ts";
import { defineCommand, LOGGED_IN } from "../command.ts";
import type { Session } from "../session.ts";
import type { Encoder } from "../wire/encoder.ts";
import { encodeUtf7 } from "../wire/utf7.ts";

/** The personal namespace and that of what other accounts share; none that is shared by all (RFC 2342 §5). */
export const namespace = defineCommand({
  name: "NAMESPACE",
  states: LOGGED_IN,
  rfc: "9051 §6.3.10, 2342",
  parse() {},
  async run({ out, session }) {
    writeNamespaces(out, session);
  },
});

/** With the name that the session's language has for a prefix (RFC 5255 §3.4). */
export function writeNamespaces(out: Encoder, { language }: Pick<Session, "language">): void {
  out.ascii(`* NAMESPACE (("" "/")) (("${SHARED}/" "/"`);
  if (language.shared) out.ascii(' "TRANSLATION" (').quoted(encodeUtf7(`${language.shared}/`)).ascii(")");
  out.ascii(")) NIL").crlf();
}
