import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("IDLE tells new mail, flags and removals as they happen (RFC 2177)", async (t) => {
  const alice = await t.login({ inbox: [mail("one"), mail("two")] });
  await alice.exchange(`
    C: a1 SELECT INBOX
    S: a1 OK ...
    C: a2 IDLE
    S: + idling
  `);
  await t.fill("INBOX", [mail("three")]);
  await alice.exchange(`
    S: * 3 EXISTS
    S: * 3 RECENT
  `);
  const other = await t.login();
  await other.ok("SELECT INBOX");
  await other.ok("STORE 1 +FLAGS.SILENT (\\Seen)");
  await alice.exchange("S: * 1 FETCH (UID 1 FLAGS (\\Seen \\Recent))");
  await other.ok("STORE 2 +FLAGS.SILENT (\\Deleted)");
  await alice.exchange("S: * 2 FETCH (UID 2 FLAGS (\\Deleted \\Recent))");
  await other.ok("EXPUNGE");
  await alice.exchange(`
    S: * 2 EXPUNGE
    C: DONE
    S: a2 OK IDLE done
  `);
});

protocolTest("DONE and the next command may come in one packet", async (t) => {
  const client = await t.login();
  await client.send("a IDLE\r\nDONE\r\nb NOOP\r\n");
  assert.equal(await client.line(), "+ idling");
  assert.match(await client.line(), /^a OK/);
  assert.match(await client.line(), /^b OK/);
});

protocolTest("anything but DONE ends IDLE with BAD", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a IDLE
    S: + idling
    C: NOOP
    S: a BAD DONE expected
    C: b IDLE
    S: + idling
    C: done
    S: b OK ...
  `);
});

protocolTest("IDLE with nothing selected waits for DONE", async (t) => {
  const client = await t.login();
  await client.send("a IDLE\r\n");
  assert.equal(await client.line(), "+ idling");
  await t.fill("INBOX", [mail("one")]);
  await client.send("DONE\r\n");
  assert.match(await client.line(), /^a OK/);
});

protocolTest("IDLE ends with BYE when the selected mailbox is deleted", async (t) => {
  const alice = await t.login();
  const other = await t.login();
  await alice.ok("CREATE Gone");
  await alice.ok("SELECT Gone");
  await alice.send("a IDLE\r\n");
  await alice.line();
  await other.ok("DELETE Gone");
  assert.match(await alice.line(), /^\* BYE the selected mailbox was deleted/);
});

protocolTest(
  "a fault while an idle client is told of something ends with BYE: nobody has asked that could get NO",
  async (t) => {
    const client = await t.login();
    await client.ok("SELECT INBOX");
    await client.send("a IDLE\r\n");
    assert.equal(await client.line(), "+ idling");
    const store = await t.mail() as { index: unknown };
    store.index = () => Promise.reject(new Error("the disk is broken"));
    await t.fill("INBOX", [mail("one")]);
    assert.match(await client.line(), /^\* BYE internal error/);
  },
);
