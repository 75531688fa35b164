import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

const bytes = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

protocolTest("UTF8=ACCEPT: names both ways, and & means itself (RFC 6855 §3)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE &ZeVnLIqe-");
  await client.exchange(`
    C: a ENABLE UTF8=ACCEPT
    S: * ENABLED UTF8=ACCEPT
    S: a OK ...
    C: b LIST "" "\u65e5*"
    S: * LIST (\\HasNoChildren) "/" "${bytes("\u65e5\u672c\u8a9e")}"
    S: b OK ...
    C: c CREATE "R&D"
    S: c OK ...
    C: d STATUS "R&D" (MESSAGES RECENT)
    S: * STATUS R&D (MESSAGES 0 RECENT 0)
    S: d OK ...
    C: e STATUS {9+}
    C: \u65e5\u672c\u8a9e (MESSAGES)
    S: * STATUS "${bytes("\u65e5\u672c\u8a9e")}" (MESSAGES 0)
    S: e OK ...
  `);
});

protocolTest("SEARCH with CHARSET is BAD after ENABLE UTF8=ACCEPT (RFC 6855 §3)", async (t) => {
  const client = await t.login({ inbox: [mail("1", "gr\u00fc\u00dfe", ["Content-Type: text/plain; charset=utf-8"])] });
  await client.ok("ENABLE UTF8=ACCEPT");
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: a SEARCH CHARSET UTF-8 TEXT x
    S: a BAD ...
    C: b SEARCH BODY "GR\u00dc\u00dfE"
    S: * SEARCH 1
    S: b OK ...
  `);
});

protocolTest("APPEND UTF8 (literal8), alone and among others (RFC 6855 §4)", async (t) => {
  const client = await t.login();
  const text = mail("\u00e4");
  const size = new TextEncoder().encode(text).length;
  await client.ok("ENABLE UTF8=ACCEPT");
  await client.send(`a APPEND INBOX (\\Seen) UTF8 (~{${size}}\r\n`);
  assert.match(await client.line(), /^\+ /);
  await client.send(`${text})\r\n`);
  assert.match(await client.line(), /^a OK \[APPENDUID/);
  await client.send(`b APPEND INBOX UTF8 (~{${size}+}\r\n${text}) {${size}+}\r\n${text}\r\n`);
  assert.match(await client.line(), /^b OK \[APPENDUID \d+ 2:3\]/);
  await client.send(`c APPEND INBOX UTF8 (~{${size}+}\r\n${text}\r\n`);
  assert.match(await client.line(), /^c BAD /);
});
