import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

const first = mail("afternoon meeting", "Hello Joe, do you think we can meet at 3:30 tomorrow?\r\n");
const second = mail("Re: afternoon meeting", "3:30 is fine with me.\r\n");

protocolTest("several messages in one APPEND (RFC 3502 §6.3.11)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE saved-messages");
  await client.exchange(`
    C: A003 APPEND saved-messages (\\Seen) {${first.length}}
    S: + ...
  `);
  await client.send(`${first} (\\Seen) " 7-Feb-1994 22:43:04 -0800" {${second.length}}\r\n`);
  assert.match(await client.line(), /^\+ /);
  await client.send(`${second}\r\n`);
  await client.exchange(`
    S: A003 OK [APPENDUID ${await t.uidvalidity("saved-messages")} 1:2] APPEND done
    C: A004 APPEND bogusname (\\Flagged) {1023}
    S: A004 NO [TRYCREATE] ...
    C: A005 EXAMINE saved-messages
    S: A005 OK ...
    C: A006 FETCH 2 (FLAGS INTERNALDATE RFC822.SIZE)
    S: * 2 FETCH (FLAGS (\\Seen \\Recent) INTERNALDATE " 8-Feb-1994 06:43:04 +0000" RFC822.SIZE ${second.length})
    S: A006 OK ...
  `);
});

protocolTest("synchronising, other and binary literals in one APPEND (RFC 3502, 7888, 3516)", async (t) => {
  const client = await t.login();
  const binary = "Subject: binary\r\n\r\n\0\u0001";
  await client.send(
    `a APPEND INBOX {${first.length}+}\r\n${first} (\\Seen) ~{${binary.length}+}\r\n${binary} {${second.length}}\r\n`,
  );
  assert.match(await client.line(), /^\+ /);
  await client.send(`${second} ~{${binary.length}}\r\n`);
  assert.match(await client.line(), /^\+ /);
  await client.send(`${binary}\r\n`);
  assert.match(await client.line(), /^a OK \[APPENDUID \d+ 1:4\]/);
});

protocolTest("over quota with the second message: refused before its bytes, nothing is kept (RFC 3502)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE test");
  await client.exchange(`
    C: A005 APPEND test (\\Flagged) {${first.length}}
    S: + ...
  `);
  await client.send(`${first} {35403}\r\n`);
  await client.exchange(`
    S: A005 NO [OVERQUOTA] ...
    C: A006 STATUS test (MESSAGES)
    S: * STATUS test (MESSAGES 0)
    S: A006 OK ...
  `);
  const small = mail("x", "y");
  await client.send(`b APPEND test {${small.length}+}\r\n${small} {${35_540 - small.length}}\r\n`);
  assert.match(await client.line(), /^b NO \[OVERQUOTA\]/);
}, { config: { quota: 35_500 } });

protocolTest("an empty message gives the whole command up (RFC 3502 §6.3.11)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: A APPEND INBOX {${first.length}}
    S: + ...
  `);
  await client.send(`${first} {0}\r\n`);
  await client.exchange(`
    S: + ...
    C:
    S: A NO ...
    C: B STATUS INBOX (MESSAGES UIDNEXT)
    S: * STATUS INBOX (MESSAGES 0 UIDNEXT 1)
    S: B OK ...
  `);
});
