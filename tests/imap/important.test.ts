import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("\\Important where a client creates it (RFC 8457 §3.2)", async (t) => {
  const client = await t.login();
  await client.ok('CREATE "Imported Wine"');
  await client.exchange(`
    C: t1 CREATE "Important Messages" (USE (\\Important))
    S: t1 OK ...
    C: t2 LIST "" "Imp*"
    S: * LIST (\\HasNoChildren \\Important) "/" "Important Messages"
    S: * LIST (\\HasNoChildren) "/" "Imported Wine"
    S: t2 OK ...
    C: t3 CREATE "More" (USE (\\Important))
    S: t3 NO [USEATTR] ...
    C: t4 LIST (SPECIAL-USE) "" "Imp*" RETURN (SPECIAL-USE)
    S: * LIST (\\HasNoChildren \\Important) "/" "Important Messages"
    S: t4 OK ...
    C: t5 DELETE "Important Messages"
    S: t5 OK ...
    C: t6 CREATE "More" (USE (\\important))
    S: t6 OK ...
  `);
});

protocolTest("the keyword $Important by APPEND, STORE and SEARCH (RFC 8457 §2)", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  const text = mail("two");
  await client.send(`a APPEND INBOX ($Important) {${text.length}+}\r\n${text}\r\n`);
  assert.match(await client.line(), /^a OK/);
  await client.exchange(`
    C: b SELECT INBOX
    S: ...
    S: * OK [PERMANENTFLAGS (...$Important \\*)] ...
    S: ...
    S: b OK ...
    C: c SEARCH KEYWORD $important
    S: * SEARCH 2
    S: c OK ...
    C: d STORE 1 +FLAGS ($IMPORTANT)
    S: * 1 FETCH (UID 1 FLAGS ($Important \\Recent))
    S: d OK ...
    C: e STORE 2 -FLAGS ($Important)
    S: * 2 FETCH (UID 2 FLAGS (\\Recent))
    S: e OK ...
  `);
});
