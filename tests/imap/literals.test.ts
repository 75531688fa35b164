import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("LITERAL+: non-synchronising literals (RFC 7888)", async (t) => {
  await t.account();
  const client = await t.connect();
  await client.send("a LOGIN {17+}\r\nalice@example.org {6+}\r\nsecret\r\n");
  assert.match(await client.line(), /^a OK/);
});

protocolTest("an argument literal over the limit: BAD [TOOBIG], the connection stays", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a SEARCH TEXT {200000}
    S: a BAD [TOOBIG] ...
    C: b NOOP
    S: b OK ...
  `);
  await client.send(`c SEARCH TEXT {200000+}\r\n${"x".repeat(200000)}\r\n`);
  assert.match(await client.line(), /^c BAD \[TOOBIG\]/);
  await client.ok("NOOP");
});

protocolTest("a literal too big to skip that nobody asked for: BYE", async (t) => {
  const client = await t.login();
  await client.send("c SEARCH TEXT {99999999999999999999+}\r\n");
  assert.match(await client.line(), /^\* BYE \[TOOBIG\]/);
});

protocolTest("too many literals in one command", async (t) => {
  const client = await t.login();
  const keys = Array.from({ length: 1001 }, () => "TEXT {1+}\r\nx").join(" ");
  await client.send(`a SEARCH ${keys}\r\n`);
  assert.match(await client.line(), /^a BAD \[TOOBIG\]/);
  await client.ok("NOOP");
});

protocolTest("a command line over the limit: BAD [TOOBIG] under its tag", async (t) => {
  const client = await t.login();
  await client.send(`a7 SEARCH TEXT "${"x".repeat(70_000)}"\r\n`);
  assert.match(await client.line(), /^a7 BAD \[TOOBIG\]/);
  await client.ok("NOOP");
});

protocolTest("a message over the limit is refused before its bytes are asked for (RFC 7889 §4)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a APPEND INBOX {20000}
    S: a NO [TOOBIG] ...
  `);
  const big = mail("big", "x".repeat(3000));
  await client.send(`b APPEND INBOX {${big.length}+}\r\n${big}\r\n`);
  assert.match(await client.line(), /^b NO \[TOOBIG\]/);
  await client.ok("NOOP");
}, { config: { limits: { messageSize: 2500, commandLine: 65536 } } });

protocolTest("NUL in a command line is BAD (RFC 9051 §9)", async (t) => {
  const client = await t.login();
  await client.send("a NOOP\0\r\n");
  assert.match(await client.line(), /^a BAD/);
});

protocolTest("LITERAL- in place of LITERAL+: above 4096 bytes only synchronising ones (RFC 7888 §5)", async (t) => {
  const client = await t.login();
  const [capabilities] = await client.ok("CAPABILITY");
  assert.match(capabilities, / LITERAL- /);
  assert.doesNotMatch(capabilities, /LITERAL\+/);
  await client.send(`a APPEND INBOX {4096+}\r\n${"x".repeat(4096)}\r\n`);
  assert.match(await client.line(), /^a OK/);
  await client.send(`b APPEND INBOX {4097+}\r\n${"x".repeat(4097)}\r\n`);
  assert.match(await client.line(), /^b BAD \[TOOBIG\]/);
  await client.send(`c STATUS {5000+}\r\n${"x".repeat(5000)} (MESSAGES)\r\n`);
  assert.match(await client.line(), /^c BAD \[TOOBIG\]/);
  await client.exchange(`
    C: d APPEND INBOX {4097}
    S: + ...
    C: ${"x".repeat(4097)}
    S: d OK ...
    C: e STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 2)
    S: e OK ...
  `);
}, { config: { literalMinus: true } });
