import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("a command line of 8000 octets is taken (RFC 2683 §3.2.1.5)", async (t) => {
  const client = await t.login({ inbox: [mail("1"), mail("2")] });
  await client.ok("SELECT INBOX");
  const uids = Array.from({ length: 1500 }, (_, n) => 2 * n + 1).join(",");
  assert.deepEqual(await client.ok(`UID FETCH ${uids} (UID)`), ["* 1 FETCH (UID 1)"]);
});

protocolTest(
  "names with a space, a quote, a backslash or a bracket come back as they went (RFC 2683 §3.4.2)",
  async (t) => {
    const client = await t.login();
    await client.exchange(`
    C: a CREATE "a \\"b\\" \\\\c]"
    S: a OK ...
    C: b LIST "" "a *"
    S: * LIST (\\HasNoChildren) "/" "a \\"b\\" \\\\c]"
    S: b OK ...
    C: c CREATE NIL
    S: c OK ...
    C: d LIST "" "N%"
    S: * LIST (\\HasNoChildren) "/" "NIL"
    S: d OK ...
    C: e STATUS {8+}
    C: a "b" \\c] (MESSAGES)
    S: e BAD ...
  `);
  },
);
