import { enableable } from "../capabilities.ts";
import { defineCommand, LOGGED_IN } from "../command.ts";
import { enableCondstore } from "../condstore.ts";
import type { Enabled } from "../session.ts";

/** Unknown words are no fault; ENABLED lists what was newly turned on (RFC 5161 §3.1, §3.2). */
export const enable = defineCommand<readonly string[]>({
  name: "ENABLE",
  states: LOGGED_IN,
  rfc: "5161",
  parse(d) {
    const words: string[] = [];
    do {
      d.sp();
      words.push(d.atom());
    } while (!d.atEnd);
    return words;
  },
  async run(context, words) {
    const { session, out } = context;
    const turnedOn: Enabled[] = [];
    for (const word of words) {
      const known = enableable(word, session);
      if (!known || session.enabled.has(known) || turnedOn.includes(known)) continue;
      turnedOn.push(known);
    }
    // QRESYNC brings CONDSTORE along (RFC 7162 §3.2.3).
    if (turnedOn.includes("CONDSTORE") || turnedOn.includes("QRESYNC")) enableCondstore(context);
    if (turnedOn.includes("METADATA") || turnedOn.includes("METADATA-SERVER")) {
      await session.metadata.start(context.mail);
    }
    session.enable(...turnedOn);
    out.ascii(["* ENABLED", ...turnedOn].join(" ")).crlf();
  },
});
