import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { protocolTest } from "../support/protocol.ts";

protocolTest("modified UTF-7 names before, UTF-8 after ENABLE (RFC 3501 §5.1.3, RFC 9755 §3)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a CREATE "Entw&APw-rfe"
    S: a OK ...
    C: b LIST "" Ent*
    S: * LIST (\\HasNoChildren) "/" Entw&APw-rfe
    S: b OK ...
    C: c ENABLE UTF8=ACCEPT
    S: * ENABLED UTF8=ACCEPT
    S: c OK ...
  `);
  const [line] = await client.ok('LIST "" "Entwürfe"');
  assert.equal(Buffer.from(line, "latin1").toString(), '* LIST (\\HasNoChildren) "/" "Entwürfe"');
});

protocolTest("names are one in NFC, however they are typed", async (t) => {
  const client = await t.login();
  await client.ok("ENABLE IMAP4rev2");
  await client.ok('CREATE "Cafe\u0301"');
  await client.exchange(`
    C: a CREATE "Café"
    S: a NO [ALREADYEXISTS] ...
  `);
});

protocolTest("invalid UTF-8 in a name is BAD and makes nothing", async (t) => {
  const client = await t.login();
  await client.ok("ENABLE UTF8=ACCEPT");
  await client.send(new Uint8Array([...new TextEncoder().encode('a CREATE "x'), 0xff, 0xfe, 0x22, 13, 10]));
  assert.match(await client.line(), /^a BAD/);
});

protocolTest("APPEND with UTF8 (~{n}) (RFC 6855 §4)", async (t) => {
  const client = await t.login();
  await client.ok("ENABLE UTF8=ACCEPT");
  const text = new TextEncoder().encode("Subject: grüße\r\n\r\nx\r\n");
  await client.send(`a APPEND INBOX UTF8 (~{${text.length}+}\r\n`);
  await client.send(text);
  await client.send(")\r\n");
  assert.match(await client.line(), /^a OK \[APPENDUID/);
  await client.ok("SELECT INBOX");
  const lines = await client.ok("FETCH 1 BODY.PEEK[HEADER]");
  assert.match(Buffer.from(lines.join("\n"), "latin1").toString(), /Subject: grüße/);
});
