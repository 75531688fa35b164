import assert from "node:assert/strict";
import type { ConnectionView } from "../../server/imap/connectionview.ts";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("the greeting tells capabilities (RFC 9051 §7.1)", async (t) => {
  const client = await t.connect();
  assert.match(client.greeting, /^\* OK \[CAPABILITY IMAP4rev2 IMAP4rev1 .*AUTH=SCRAM-SHA-256.*\] /);
  assert.doesNotMatch(client.greeting, /LOGINDISABLED|IDLE/);
});

protocolTest("CAPABILITY before and after login (RFC 9051 §6.1.1)", async (t) => {
  const client = await t.connect();
  const [before] = await client.ok("CAPABILITY");
  assert.match(before, /^\* CAPABILITY IMAP4rev2 IMAP4rev1 LITERAL\+ /);
  await t.account();
  await client.exchange(`
    C: a LOGIN alice@example.org secret
    S: a OK [CAPABILITY IMAP4rev2 ... CONDSTORE QRESYNC ...] ...
    C: b CAPABILITY
    S: * CAPABILITY IMAP4rev2 ...
    S: b OK CAPABILITY done
  `);
});

protocolTest("NOOP and LOGOUT in any state (RFC 9051 §6.1)", async (t) => {
  const client = await t.connect();
  await client.exchange(`
    C: a1 NOOP
    S: a1 OK NOOP done
    C: a2 LOGOUT
    S: * BYE logging out
    S: a2 OK LOGOUT done
  `);
  assert.equal(await client.rest(), "");
});

protocolTest("IMAP4rev1: a session of RFC 3501 §8", async (t) => {
  await t.account();
  await t.fill("INBOX", [mail("first"), mail("second")]);
  const client = await t.connect();
  await client.exchange(`
    C: a001 login alice@example.org secret
    S: a001 OK ...
    C: a002 select inbox
    S: * FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft ...)
    S: * OK [PERMANENTFLAGS (... \\*)] ...
    S: * 2 EXISTS
    S: * 2 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 3] ...
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * OK [MAILBOXID (...)] ...
    S: a002 OK [READ-WRITE] SELECT done
    C: a003 fetch 2 flags
    S: * 2 FETCH (FLAGS (\\Recent))
    S: a003 OK ...
    C: a004 store 2 +flags \\deleted
    S: * 2 FETCH (UID 2 FLAGS (\\Deleted \\Recent))
    S: a004 OK ...
    C: a005 logout
    S: * BYE ...
    S: a005 OK ...
  `);
});

protocolTest("unknown commands and wrong states are BAD, and the session goes on", async (t) => {
  const client = await t.connect();
  await client.exchange(`
    C: a1 FROBNICATE
    S: a1 BAD unknown command
    C: a2 SELECT INBOX
    S: a2 BAD SELECT is not allowed in this state
    C: a3 NOOP
    S: a3 OK ...
  `);
});

protocolTest("three bad commands before login end the connection", async (t) => {
  const client = await t.connect();
  await client.exchange(`
    C: a1 X
    S: a1 BAD ...
    C: a2 X
    S: a2 BAD ...
    C: a3 X
    S: a3 BAD ...
    S: * BYE too many bad commands
  `);
  assert.equal(await client.rest(), "");
});

protocolTest("twenty bad commands in a row after login end the connection", async (t) => {
  const client = await t.login();
  for (let n = 1; n <= 19; n++) assert.match((await client.command("X")).at(-1) ?? "", /^t\d+ BAD/);
  await client.ok("NOOP");
  for (let n = 1; n <= 20; n++) assert.match((await client.command("X")).at(-1) ?? "", /^t\d+ BAD/);
  assert.match(await client.line(), /^\* BYE/);
});

protocolTest("a line without a tag is answered untagged", async (t) => {
  const client = await t.connect();
  await client.send("\r\n");
  assert.match(await client.line(), /^\* BAD /);
});

protocolTest("pipelined commands are answered in order", async (t) => {
  const client = await t.login();
  await client.send("a NOOP\r\nb SELECT INBOX\r\nc NOOP\r\n");
  const tagged: string[] = [];
  while (tagged.length < 3) {
    const line = await client.line();
    if (/^[abc] /.test(line)) tagged.push(line.slice(0, 4));
  }
  assert.deepEqual(tagged, ["a OK", "b OK", "c OK"]);
});

protocolTest("ID tells the version only after login (RFC 2971)", async (t) => {
  await t.account();
  const client = await t.connect();
  await client.exchange(`
    C: a1 ID NIL
    S: * ID ("name" "Roost")
    S: a1 OK ...
    C: a2 LOGIN alice@example.org secret
    S: a2 OK ...
    C: a3 ID ("name" "test" "version" NIL)
    S: * ID ("name" "Roost" "version" "...")
    S: a3 OK ...
    C: a4 ID ("name" "a" "name" "b")
    S: a4 BAD ...
  `);
});

protocolTest("a preauthenticated connection starts with PREAUTH (RFC 9051 §7.1.4)", async (t) => {
  const client = await t.connect({ preauth: await t.account() });
  assert.match(client.greeting, /^\* PREAUTH \[CAPABILITY /);
  await client.ok("SELECT INBOX");
});

protocolTest("a server that stops says BYE to idle clients", async (t) => {
  const views: ConnectionView[] = [];
  const client = await t.connect({ onOpen: (view) => views.push(view) });
  views[0].stop("server is shutting down");
  assert.match(await client.line(), /^\* BYE server is shutting down/);
  assert.equal(await client.rest(), "");
});

protocolTest("a silent client is told BYE", async (t) => {
  const client = await t.connect();
  assert.match(await client.line(), /^\* BYE log in sooner/);
}, { config: { limits: { timeoutBeforeLogin: 1 } } });
