import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("SAVEDATE is when the message came into this mailbox (RFC 8514 §4.2)", async (t) => {
  const client = await t.login({ inbox: [{ text: mail("old"), date: 837_571_465 }] });
  await client.ok("SELECT INBOX");
  const [line] = await client.ok("FETCH 1 (INTERNALDATE SAVEDATE)");
  const [, internal, saved] = /INTERNALDATE "([^"]+)" SAVEDATE "([^"]+)"/.exec(line) ?? [];
  assert.equal(internal, "17-Jul-1996 02:44:25 +0000");
  const age = Date.now() - Date.parse(saved.replaceAll("-", " ").replace(/ \+0000$/, " GMT"));
  assert(Math.abs(age) < 3_600_000, saved);
});

protocolTest("SEARCH by SAVEDATE (RFC 8514 §4.3)", async (t) => {
  const client = await t.login({ inbox: [{ text: mail("old"), date: 837_571_465 }] });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: A102 SEARCH SAVEDON 28-Dec-2014
    S: * SEARCH
    S: A102 OK ...
    C: A103 SEARCH SAVEDSINCE 28-Dec-2014
    S: * SEARCH 1
    S: A103 OK ...
    C: A104 SEARCH SAVEDBEFORE 28-Dec-2014
    S: * SEARCH
    S: A104 OK ...
    C: A105 SEARCH SAVEDATESUPPORTED
    S: * SEARCH 1
    S: A105 OK ...
  `);
});
