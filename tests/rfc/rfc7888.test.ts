import assert from "node:assert/strict";
import { protocolTest } from "../support/protocol.ts";

protocolTest("non-synchronising literals are read without a go-ahead (RFC 7888 §3)", async (t) => {
  await t.account("fred@example.org");
  const client = await t.connect();
  await client.send("A001 LOGIN {16+}\r\nfred@example.org {6+}\r\nsecret\r\n");
  assert.match(await client.line(), /^A001 OK /);
});

protocolTest("a refused command with such literals: all of them are skipped (RFC 7888 §3)", async (t) => {
  const client = await t.login();
  await client.send(`a STATUS {200000+}\r\n${"x".repeat(200_000)} {5+}\r\nINBOX (MESSAGES)\r\nb NOOP\r\n`);
  await client.exchange(`
    S: a BAD [TOOBIG] ...
    S: b OK ...
  `);
  await client.send("c UNHEARD {3+}\r\nabc {4+}\r\nNOOP\r\nd NOOP\r\n");
  await client.exchange(`
    S: c BAD ...
    S: d OK ...
  `);
});
