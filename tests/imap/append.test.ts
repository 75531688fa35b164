import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

const text = mail("appended");

protocolTest("APPEND with flags and date (RFC 9051 §6.3.12, RFC 4315)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a APPEND INBOX (\\Seen $Work) "17-Jul-1996 02:44:25 -0700" {${text.length}}
    S: + ...
  `);
  await client.send(`${text}\r\n`);
  await client.exchange(`
    S: a OK [APPENDUID ${await t.uidvalidity("INBOX")} 1] APPEND done
    C: b SELECT INBOX
    S: b OK ...
    C: c FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE)
    S: * 1 FETCH (FLAGS (\\Seen $Work \\Recent) INTERNALDATE "17-Jul-1996 09:44:25 +0000" RFC822.SIZE ${text.length})
    S: c OK ...
  `);
});

protocolTest("APPEND into a missing mailbox: TRYCREATE before the bytes are asked for", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a APPEND nowhere {10}
    S: a NO [TRYCREATE] ...
  `);
  await client.send(`b APPEND nowhere {${text.length}+}\r\n${text}\r\n`);
  assert.match(await client.line(), /^b NO \[TRYCREATE\]/);
  await client.ok("NOOP");
});

protocolTest("APPEND with the mailbox as a literal", async (t) => {
  const client = await t.login();
  await client.send(`a APPEND {5+}\r\nINBOX {${text.length}+}\r\n${text}\r\n`);
  assert.match(await client.line(), /^a OK \[APPENDUID/);
});

protocolTest("MULTIAPPEND is all or nothing (RFC 3502)", async (t) => {
  const client = await t.login();
  const literal = `{${text.length}+}\r\n${text}`;
  await client.send(`a APPEND INBOX (\\Seen) ${literal} (\\Flagged) "1-Jan-2020 00:00:00 +0000" ${literal}\r\n`);
  assert.match(await client.line(), /^a OK \[APPENDUID \d+ 1:2\]/);
  await client.send(`b APPEND INBOX ${literal} {0+}\r\n\r\n`);
  assert.match(await client.line(), /^b NO /);
  await client.send(`c APPEND INBOX ${literal} (\\Bogus) ${literal}\r\n`);
  assert.match(await client.line(), /^c BAD /);
  assert.deepEqual(await client.ok("STATUS INBOX (MESSAGES)"), ["* STATUS INBOX (MESSAGES 2)"]);
});

protocolTest("an empty literal cancels APPEND (RFC 3502 §6.3.11)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a APPEND INBOX {0}
    S: + ...
    C:
    S: a NO ...
    C: b STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S: b OK ...
  `);
});

protocolTest("APPEND to the selected mailbox tells EXISTS", async (t) => {
  const client = await t.login();
  await client.ok("SELECT INBOX");
  await client.send(`a APPEND INBOX {${text.length}+}\r\n${text}\r\n`);
  await client.exchange(`
    S: * 1 EXISTS
    S: * 1 RECENT
    S: a OK [APPENDUID ...] ...
  `);
});

protocolTest("a client that vanishes inside a literal leaves nothing behind", async (t) => {
  const client = await t.login();
  await client.send(`a APPEND INBOX {200000+}\r\n${"x".repeat(150_000)}`);
  client.vanish();
  const other = await t.login();
  assert.deepEqual(await other.ok("STATUS INBOX (MESSAGES SIZE)"), ["* STATUS INBOX (MESSAGES 0 SIZE 0)"]);
});

protocolTest("a message above the inline limit is read back byte for byte", async (t) => {
  const client = await t.login();
  const big = mail("big", `${"0123456789abcde\r\n".repeat(20_000)}`);
  await client.send(`a APPEND INBOX {${big.length}+}\r\n${big}\r\n`);
  assert.match(await client.line(), /^a OK/);
  await client.ok("SELECT INBOX");
  await client.send("b FETCH 1 (BODY.PEEK[])\r\n");
  assert.equal(await client.line(), `* 1 FETCH (BODY[] {${big.length}}`);
  let got = "";
  while (got.length < big.length) got += `${await client.line()}\r\n`;
  assert.equal(got, big);
  assert.equal(await client.line(), ")");
  assert.match(await client.line(), /^b OK/);
});

protocolTest("APPEND grammar: missing and wrong arguments are BAD", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a APPEND INBOX
    S: a BAD ...
    C: b APPEND INBOX (\\Seen) "not a date" {3+}
    C: xyz
    S: b BAD ...
    C: c APPEND INBOX (\\Recent) {3+}
    C: xyz
    S: c BAD ...
    C: d NOOP
    S: d OK ...
  `);
});

protocolTest("APPENDLIMIT tells the largest message (RFC 7889)", async (t) => {
  const client = await t.login();
  assert.match((await client.ok("CAPABILITY"))[0], / APPENDLIMIT=5000( |$)/);
  await client.exchange(`
    C: a APPEND INBOX {5001}
    S: a NO [TOOBIG] ...
  `);
}, { config: { limits: { messageSize: 5000 } } });
