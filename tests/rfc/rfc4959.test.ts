import assert from "node:assert/strict";
import { protocolTest } from "../support/protocol.ts";

const plain = btoa("\0alice@example.org\0secret");

protocolTest("AUTHENTICATE with and without an initial response (RFC 4959 §4)", async (t) => {
  await t.account();
  const quick = await t.connect();
  await quick.exchange(`
    C: C01 CAPABILITY
    S: * CAPABILITY ... SASL-IR ... AUTH=PLAIN ...
    S: C01 OK ...
    C: A01 AUTHENTICATE PLAIN ${plain}
    S: A01 OK [CAPABILITY ...] ...
  `);
  const slow = await t.connect();
  await slow.send("A01 AUTHENTICATE PLAIN\r\n");
  assert.equal(await slow.line(), "+ ");
  await slow.exchange(`
    C: ${plain}
    S: A01 OK [CAPABILITY ...] ...
  `);
});

protocolTest("= is an initial response of no bytes (RFC 4959 §3)", async (t) => {
  const client = await t.connect();
  await client.exchange(`
    C: A01 AUTHENTICATE PLAIN =
    S: A01 BAD ...
    C: A02 AUTHENTICATE PLAIN ==
    S: A02 BAD ...
  `);
});
