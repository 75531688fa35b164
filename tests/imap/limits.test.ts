/** Each limit of the configuration, made small, seen from a client. (Those of connections and of failed logins: tests/net, tests/auth.) */
import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

const text = mail("one");
const literal = `{${text.length}+}\r\n${text}`;

protocolTest("limits.commandLine and commandLineBeforeLogin", async (t) => {
  await t.account();
  const client = await t.connect();
  const long = `TEXT "${"x".repeat(1200)}"`;
  await client.exchange(`
    C: a NOOP ${long}
    S: a BAD [TOOBIG] ...
    C: b LOGIN alice@example.org secret
    S: b OK ...
    C: c SELECT INBOX
    S: c OK ...
    C: d SEARCH ${long}
    S: d OK ...
    C: e SEARCH ${long} ${long}
    S: e BAD [TOOBIG] ...
    C: f NOOP
    S: f OK ...
  `);
}, { config: { limits: { commandLine: 2000, commandLineBeforeLogin: 1024 } } });

protocolTest("a command's lines are counted together, its literals apart", async (t) => {
  const client = await t.login();
  await client.ok("SELECT INBOX");
  const line = `TEXT "${"x".repeat(900)}" TEXT {3+}\r\nabc`;
  await client.send(`a SEARCH ${line}\r\n`);
  await client.exchange("S: a OK ...");
  await client.send(`b SEARCH ${line} ${line} SEEN ${"SEEN ".repeat(50)}SEEN\r\n`);
  await client.exchange("S: b BAD [TOOBIG] ...");
  await client.ok("NOOP");
}, { config: { limits: { commandLine: 2000 } } });

protocolTest("limits.argumentLiteral and commandLiterals", async (t) => {
  const client = await t.login();
  await client.ok("SELECT INBOX");
  const key = (size: number) => `TEXT {${size}+}\r\n${"x".repeat(size)}`;
  await client.send(`a SEARCH ${key(1024)} ${key(1024)}\r\n`);
  await client.exchange("S: a OK ...");
  await client.send(`b SEARCH ${key(1025)}\r\n`);
  await client.exchange("S: b BAD [TOOBIG] ...");
  await client.send(`c SEARCH ${key(1024)} ${key(1024)} ${key(1)}\r\n`);
  await client.exchange("S: c BAD [TOOBIG] ...");
  await client.exchange(`
    C: d SEARCH TEXT {1025}
    S: d BAD [TOOBIG] ...
    C: e NOOP
    S: e OK ...
  `);
}, { config: { limits: { argumentLiteral: 1024, commandLiterals: 2048 } } });

protocolTest("limits.literalCount, of arguments and of messages", async (t) => {
  const client = await t.login();
  await client.ok("SELECT INBOX");
  await client.send("a SEARCH TEXT {1+}\r\nx TEXT {1+}\r\nx\r\n");
  await client.exchange("S: a OK ...");
  await client.send("b SEARCH TEXT {1+}\r\nx TEXT {1+}\r\nx TEXT {1+}\r\nx\r\n");
  await client.exchange("S: b BAD [TOOBIG] ...");
  await client.send(`c APPEND INBOX ${literal} ${literal} ${literal}\r\n`);
  await client.exchange("S: c BAD [TOOBIG] ...");
  await client.send(`d APPEND INBOX ${literal} ${literal}\r\n`);
  await client.exchange("S: d OK [APPENDUID ...] ...");
  await client.send(`e APPEND {5+}\r\nINBOX ${literal} {${text.length}}\r\n`);
  await client.exchange("S: e BAD [TOOBIG] ...");
  await client.ok("NOOP");
}, { config: { limits: { literalCount: 2 } } });

protocolTest("limits.messageSize", async (t) => {
  const client = await t.login();
  const big = mail("big", "x".repeat(1000));
  await client.exchange(`
    C: a APPEND INBOX {${big.length}}
    S: a NO [TOOBIG] ...
  `);
  await client.send(`b APPEND INBOX ${literal} {${big.length}+}\r\n${big}\r\n`);
  await client.exchange("S: b NO [TOOBIG] ...");
  assert.match((await client.ok("STATUS INBOX (MESSAGES APPENDLIMIT)"))[0], /\(MESSAGES 0 APPENDLIMIT 1024\)/);
}, { config: { limits: { messageSize: 1024 } } });

protocolTest("limits.nesting, of parentheses, NOT and OR", async (t) => {
  const client = await t.login();
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: a SEARCH (((SEEN)))
    S: a OK ...
    C: b SEARCH ((((SEEN))))
    S: b BAD more than 3 levels of nesting
    C: c SEARCH NOT NOT NOT SEEN
    S: c OK ...
    C: d SEARCH OR SEEN (NOT SEEN)
    S: d OK ...
    C: e SEARCH OR SEEN (NOT (SEEN))
    S: e BAD more than 3 levels of nesting
    C: f SEARCH (SEEN) (SEEN) (SEEN) (SEEN)
    S: f OK ...
  `);
}, { config: { limits: { nesting: 3 } } });

protocolTest("limits.nesting is 50 unless configured", async (t) => {
  const client = await t.login();
  await client.ok("SELECT INBOX");
  const nested = (depth: number) => `SEARCH ${"(".repeat(depth)}SEEN${")".repeat(depth)}`;
  await client.ok(nested(50));
  assert.match((await client.command(nested(51)))[0], /^\S+ BAD /);
  assert.match((await client.command(`SEARCH ${"NOT ".repeat(10_000)}SEEN`))[0], /^\S+ BAD /);
});

protocolTest("limits.keywords, in STORE, APPEND and COPY; all or nothing", async (t) => {
  const client = await t.login({ inbox: [{ text, flags: ["a"] }] });
  await t.fill("Full", [{ text, flags: ["x", "y"] }]);
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: a STORE 1 +FLAGS.SILENT (b c)
    S: a NO [LIMIT] ...
    C: b COPY 1 Full
    S: b NO [LIMIT] ...
    C: c MOVE 1 Full
    S: c NO [LIMIT] ...
    C: d STATUS Full (MESSAGES)
    S: * STATUS Full (MESSAGES 1)
    S: d OK ...
    C: e FETCH 1 FLAGS
    S: * 1 FETCH (FLAGS (a \\Recent))
    S: e OK ...
  `);
  await client.send(`f APPEND INBOX (b) ${literal} (c) ${literal}\r\n`);
  await client.exchange("S: f NO [LIMIT] ...");
  await client.send(`g APPEND INBOX (A b \\Seen) ${literal}\r\n`);
  await client.exchange("S: g OK [APPENDUID ...] ...");
}, { config: { limits: { keywords: 2 } } });

protocolTest("limits.badCommandsBeforeLogin and badCommands", async (t) => {
  await t.account();
  const client = await t.connect();
  await client.exchange(`
    C: a X
    S: a BAD ...
    C: b LOGIN alice@example.org secret
    S: b OK ...
    C: c X
    S: c BAD ...
    C: d X
    S: d BAD ...
    C: e NOOP
    S: e OK ...
  `);
  await client.exchange(`
    C: f X
    S: f BAD ...
    C: g X
    S: g BAD ...
    C: h X
    S: h BAD ...
    S: * BYE too many bad commands
  `);
  const other = await t.connect();
  await other.exchange(`
    C: a X
    S: a BAD ...
    C: b X
    S: b BAD ...
    S: * BYE too many bad commands
  `);
}, { config: { limits: { badCommandsBeforeLogin: 2, badCommands: 3 } } });

protocolTest("limits.timeoutAfterLogin, also in IDLE", async (t) => {
  const silent = await t.login();
  const idle = await t.login();
  await idle.send("a IDLE\r\n");
  assert.match(await silent.line(), /^\* BYE idle for too long/);
  assert.equal(await idle.line(), "+ idling");
  assert.match(await idle.line(), /^\* BYE idle for too long/);
}, { config: { limits: { timeoutAfterLogin: 1 } } });

protocolTest("limits.writeTimeout: a client that does not read is dropped, others are not held up", async (t) => {
  const body = `${"0123456789abcde\r\n".repeat(6000)}`;
  const stuck = await t.login({ inbox: Array.from({ length: 100 }, (_, n) => mail(`${n}`, body)) });
  await stuck.ok("SELECT INBOX");
  await stuck.send("a FETCH 1:* BODY[]\r\nb NOOP\r\n");
  const other = await t.login();
  await other.ok("SELECT INBOX");
  await other.ok("STORE 1:* +FLAGS.SILENT (\\Flagged)");
  // Until the server gives up, its side takes no more than a few of these.
  await assert.rejects(async () => {
    for (;;) await stuck.send("c NOOP\r\n");
  });
  await other.ok("NOOP");
}, { config: { limits: { writeTimeout: 1 } } });
