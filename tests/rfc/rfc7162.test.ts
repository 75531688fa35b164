import assert from "node:assert/strict";
import { mail, protocolTest, type TestClient } from "../support/protocol.ts";

const messages = (count: number) => Array.from({ length: count }, (_, n) => mail(`${n + 1}`));

/** HIGHESTMODSEQ of INBOX, and its UIDVALIDITY, as STATUS tells them. */
async function status(client: TestClient): Promise<{ modseq: number; validity: number }> {
  const text = (await client.ok("STATUS INBOX (HIGHESTMODSEQ UIDVALIDITY)")).join("\n");
  const [, modseq, validity] = /HIGHESTMODSEQ (\d+) UIDVALIDITY (\d+)/.exec(text) ?? [];
  return { modseq: Number(modseq), validity: Number(validity) };
}

protocolTest("example 3: all messages pass UNCHANGEDSINCE (RFC 7162 §3.1.3)", async (t) => {
  const client = await t.login({ inbox: messages(8) });
  await client.ok("SELECT INBOX (CONDSTORE)");
  const { modseq } = await status(client);
  await client.exchange(`
    C: a103 UID STORE 6,4,8 (UNCHANGEDSINCE ${modseq}) +FLAGS.SILENT (\\Deleted)
    S: * 4 FETCH (UID 4 MODSEQ (${modseq + 1}))
    S: * 6 FETCH (UID 6 MODSEQ (${modseq + 1}))
    S: * 8 FETCH (UID 8 MODSEQ (${modseq + 1}))
    S: a103 OK UID STORE done
    C: a104 STORE * (UNCHANGEDSINCE ${modseq + 1}) +FLAGS.SILENT (\\Deleted)
    S: * 8 FETCH (UID 8 MODSEQ (${modseq + 1}))
    S: a104 OK STORE done
  `);
});

protocolTest("example 5: the first CONDSTORE enabling command tells HIGHESTMODSEQ (RFC 7162 §3.1)", async (t) => {
  const client = await t.login({ inbox: messages(2) });
  await client.ok("SELECT INBOX");
  const { modseq } = await status(await t.login());
  await client.exchange(`
    C: c101 STORE 2 (UNCHANGEDSINCE ${modseq}) +FLAGS.SILENT (\\Deleted)
    S: * OK [HIGHESTMODSEQ ${modseq}] ...
    S: * 2 FETCH (UID 2 MODSEQ (${modseq + 1}))
    S: c101 OK STORE done
  `);
});

for (
  const command of [
    "STATUS INBOX (HIGHESTMODSEQ)",
    "FETCH 1 (MODSEQ)",
    "FETCH 1 (FLAGS) (CHANGEDSINCE 1)",
    "SEARCH MODSEQ 1",
    "ENABLE CONDSTORE",
    'LIST "" INBOX RETURN (STATUS (HIGHESTMODSEQ))',
  ]
) {
  protocolTest(`${command} makes the client CONDSTORE-aware (RFC 7162 §3.1)`, async (t) => {
    const client = await t.login({ inbox: messages(1) });
    await client.ok("SELECT INBOX");
    const lines = await client.ok(command);
    assert.equal(lines.filter((line) => line.startsWith("* OK [HIGHESTMODSEQ ")).length, 1);
    await client.exchange(`
      C: b STORE 1 +FLAGS (\\Seen)
      S: * 1 FETCH (UID 1 FLAGS (\\Seen \\Recent) MODSEQ (...))
      S: b OK STORE done
    `);
  });
}

protocolTest("the first HIGHESTMODSEQ is not ahead of what the client was told (RFC 7162 §3.2)", async (t) => {
  const client = await t.login({ inbox: messages(2) });
  const other = await t.login();
  await client.ok("SELECT INBOX");
  const { modseq } = await status(other);
  await other.ok("SELECT INBOX");
  await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
  await other.ok("EXPUNGE");
  await client.exchange(`
    C: a FETCH 2 (MODSEQ)
    S: * OK [HIGHESTMODSEQ ${modseq}] ...
    S: * 2 FETCH (MODSEQ (${modseq}))
    S: a OK ...
    C: b NOOP
    S: * 1 EXPUNGE
    S: b OK ...
  `);
});

protocolTest("examples 6 and 10: what was changed by another is told and left (RFC 7162 §3.1.3)", async (t) => {
  const client = await t.login({ inbox: messages(9) });
  const other = await t.login();
  await client.ok("SELECT INBOX (CONDSTORE)");
  const { modseq } = await status(client);
  await other.ok("SELECT INBOX");
  await other.ok("STORE 7 +FLAGS (\\Seen)");
  await other.ok("STORE 9 +FLAGS (\\Answered)");
  await client.exchange(`
    C: d105 STORE 7,5,9 (UNCHANGEDSINCE ${modseq}) +FLAGS.SILENT (\\Deleted)
    S: * 7 FETCH (UID 7 FLAGS (\\Seen \\Recent) MODSEQ (${modseq + 1}))
    S: * 9 FETCH (UID 9 FLAGS (\\Answered \\Recent) MODSEQ (${modseq + 2}))
    S: * 5 FETCH (UID 5 MODSEQ (${modseq + 3}))
    S: d105 OK [MODIFIED 7,9] ...
    C: d106 NOOP
    S: d106 OK NOOP done
  `);
});

protocolTest("example 8: UNCHANGEDSINCE 0 tests whether the flag is there (RFC 7162 §3.1.3)", async (t) => {
  const client = await t.login({ inbox: messages(1) });
  await client.ok("SELECT INBOX (CONDSTORE)");
  await client.exchange(`
    C: a102 STORE 1 (UNCHANGEDSINCE 0) +FLAGS.SILENT ($MDNSent)
    S: a102 OK [MODIFIED 1] ...
  `);
});

protocolTest("example 11: expunged and conditional together (RFC 7162 §3.1.3)", async (t) => {
  const client = await t.login({ inbox: messages(7) });
  const other = await t.login();
  await client.ok("SELECT INBOX (CONDSTORE)");
  const { modseq } = await status(client);
  await other.ok("SELECT INBOX");
  await other.ok("STORE 4:7 +FLAGS.SILENT (\\Deleted)");
  await other.ok("EXPUNGE");
  await other.ok("STORE 2 +FLAGS.SILENT (\\Answered)");
  await client.exchange(`
    C: B001 STORE 1:7 (UNCHANGEDSINCE ${modseq}) +FLAGS (\\Seen)
    S: * 2 FETCH (UID 2 FLAGS (\\Answered \\Recent) MODSEQ (...))
    S: * 1 FETCH (UID 1 FLAGS (\\Seen \\Recent) MODSEQ (...))
    S: * 3 FETCH (UID 3 FLAGS (\\Seen \\Recent) MODSEQ (...))
    S: B001 NO [MODIFIED 2] some of the messages are gone
    C: B002 NOOP
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: * 4 EXPUNGE
    S: B002 OK ...
  `);
});

protocolTest("a message named twice does not fail its own condition (RFC 7162 §3.1.3)", async (t) => {
  const client = await t.login({ inbox: messages(9) });
  await client.ok("SELECT INBOX (CONDSTORE)");
  const { modseq } = await status(client);
  const lines = await client.command(`STORE 7,3:9 (UNCHANGEDSINCE ${modseq}) +FLAGS.SILENT (\\Deleted)`);
  assert.equal(lines.pop()?.slice(3), "OK STORE done");
  assert.deepEqual(lines, [3, 4, 5, 6, 7, 8, 9].map((n) => `* ${n} FETCH (UID ${n} MODSEQ (${modseq + 1}))`));
});

protocolTest("FETCH that sets \\Seen tells UID and MODSEQ (RFC 7162 §3.2.4)", async (t) => {
  const client = await t.login({ inbox: [mail("1", "text")] });
  await client.ok("ENABLE QRESYNC");
  await client.ok("SELECT INBOX");
  const { modseq } = await status(client);
  await client.exchange(`
    C: a FETCH 1 BODY[TEXT]
    S: * 1 FETCH (BODY[TEXT] {4}
    S: text)
    S: * 1 FETCH (UID 1 FLAGS (\\Seen \\Recent) MODSEQ (${modseq + 1}))
    S: a OK ...
    C: b FETCH 1 (FLAGS)
    S: * 1 FETCH (FLAGS (\\Seen \\Recent))
    S: b OK ...
  `);
});

protocolTest("SEARCH and ESEARCH tell the highest modseq of what they return (RFC 7162 §3.1.5, §3.1.10)", async (t) => {
  const client = await t.login({ inbox: messages(3) });
  await client.ok("SELECT INBOX (CONDSTORE)");
  const { modseq } = await status(client);
  await client.ok("STORE 2 +FLAGS.SILENT (\\Draft)");
  await client.exchange(`
    C: a1 SEARCH MODSEQ "/flags/\\\\draft" all 1
    S: * SEARCH 1 2 3 (MODSEQ ${modseq + 1})
    S: a1 OK ...
    C: a2 SEARCH OR NOT MODSEQ 720162338 LARGER 50000
    S: * SEARCH 1 2 3 (MODSEQ ${modseq + 1})
    S: a2 OK ...
    C: a3 SEARCH RETURN (MAX) MODSEQ 1
    S: * ESEARCH (TAG "a3") MAX 3 MODSEQ ${modseq}
    S: a3 OK ...
    C: a4 SEARCH MODSEQ 720162338
    S: * SEARCH
    S: a4 OK ...
  `);
});

protocolTest("QRESYNC without ENABLE is BAD, also VANISHED (RFC 7162 §3.2.3)", async (t) => {
  const client = await t.login({ inbox: messages(1) });
  await client.ok("SELECT INBOX (CONDSTORE)");
  await client.exchange(`
    C: a UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)
    S: a BAD ...
    C: b EXAMINE INBOX (QRESYNC (1 1))
    S: b BAD ...
    C: c FETCH 1 FLAGS
    S: c OK ...
  `);
});

protocolTest("SELECT (QRESYNC) with another UIDVALIDITY is a plain SELECT (RFC 7162 §3.2.5.1)", async (t) => {
  const client = await t.login({ inbox: messages(2) });
  await client.ok("ENABLE QRESYNC CONDSTORE");
  const { validity } = await status(client);
  await client.exchange(`
    C: A02 SELECT INBOX (QRESYNC (${validity - 1} 1 1:500))
    S: * FLAGS (...)
    S: * OK [PERMANENTFLAGS (...)] ...
    S: * 2 EXISTS
    S: * 2 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [UIDVALIDITY ${validity}] ...
    S: * OK [UIDNEXT 3] ...
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * OK [MAILBOXID (...)] ...
    S: A02 OK [READ-WRITE] ...
  `);
});

protocolTest("VANISHED tells UIDs once, EXPUNGE the numbers as they fall (RFC 7162 §3.2.10)", async (t) => {
  const client = await t.login({ inbox: messages(11) });
  const plain = await t.login();
  await client.ok("ENABLE QRESYNC");
  await client.ok("SELECT INBOX");
  await plain.ok("SELECT INBOX");
  await client.ok("UID STORE 3,4,7,11 +FLAGS.SILENT (\\Deleted)");
  await client.exchange(`
    C: A202 EXPUNGE
    S: * VANISHED 3:4,7,11
    S: A202 OK [HIGHESTMODSEQ ...] ...
  `);
  await plain.exchange(`
    C: A202 NOOP
    S: * 3 EXPUNGE
    S: * 3 EXPUNGE
    S: * 5 EXPUNGE
    S: * 8 EXPUNGE
    S: A202 OK ...
  `);
  await client.ok("UID STORE 2,5 +FLAGS.SILENT (\\Deleted)");
  await client.exchange(`
    C: A210 EXPUNGE
    S: * VANISHED 2,5
    S: A210 OK [HIGHESTMODSEQ ...] ...
  `);
});

protocolTest("CLOSE tells neither VANISHED nor HIGHESTMODSEQ (RFC 7162 §3.2.8)", async (t) => {
  const client = await t.login({ inbox: [{ text: mail("1"), flags: ["\\Deleted"] }] });
  await client.ok("ENABLE QRESYNC");
  const before = await status(client);
  await client.exchange(`
    C: A201 SELECT INBOX
    S: A201 OK ...
    C: A202 CLOSE
    S: A202 OK CLOSE done
  `);
  const { modseq, validity } = await status(client);
  assert(modseq > before.modseq);
  await client.exchange(`
    C: A203 SELECT INBOX (QRESYNC (${validity} ${before.modseq}))
    S: ...
    S: * VANISHED (EARLIER) 1
    S: A203 OK ...
  `);
});

protocolTest("UID EXPUNGE tells HIGHESTMODSEQ in its OK (RFC 7162 §3.2.9)", async (t) => {
  const client = await t.login({ inbox: messages(3) });
  await client.ok("ENABLE QRESYNC");
  await client.ok("SELECT INBOX");
  await client.ok("STORE 1:3 +FLAGS.SILENT (\\Deleted)");
  const { modseq } = await status(client);
  await client.exchange(`
    C: a UID EXPUNGE 2:3000
    S: * VANISHED 2:3
    S: a OK [HIGHESTMODSEQ ${modseq + 1}] ...
  `);
});

protocolTest("HIGHESTMODSEQ holds back while VANISHED is delayed (RFC 7162 §6)", async (t) => {
  const client = await t.login({ inbox: messages(4) });
  const other = await t.login();
  await client.ok("ENABLE QRESYNC");
  await client.ok("SELECT INBOX");
  const { modseq } = await status(client);
  await other.ok("SELECT INBOX");
  await other.ok("STORE 4 +FLAGS.SILENT (\\Deleted)");
  await other.ok("EXPUNGE");
  await client.exchange(`
    C: A150 STORE 1:2 +FLAGS.SILENT (\\Seen)
    S: * 1 FETCH (UID 1 MODSEQ (${modseq + 3}))
    S: * 2 FETCH (UID 2 MODSEQ (${modseq + 3}))
    S: * OK [HIGHESTMODSEQ ${modseq}] removals are told later
    S: A150 OK ...
    C: A151 FETCH 3 (MODSEQ)
    S: * 3 FETCH (MODSEQ (...))
    S: * OK [HIGHESTMODSEQ ${modseq}] removals are told later
    S: A151 OK ...
    C: A152 NOOP
    S: * VANISHED 4
    S: A152 OK ...
    C: A153 STORE 3 +FLAGS.SILENT (\\Seen)
    S: * 3 FETCH (UID 3 MODSEQ (${modseq + 4}))
    S: A153 OK ...
  `);
});
