import assert from "node:assert/strict";
import { mail, protocolTest, type TestClient } from "../support/protocol.ts";

async function select(client: TestClient): Promise<{ validity: number; modseq: number }> {
  const text = (await client.ok("SELECT INBOX")).join("\n");
  return {
    validity: Number(/UIDVALIDITY (\d+)/.exec(text)?.[1]),
    modseq: Number(/HIGHESTMODSEQ (\d+)/.exec(text)?.[1]),
  };
}

const five = ["1", "2", "3", "4", "5"].map((name) => mail(name));

protocolTest("SELECT (QRESYNC ...) tells removals and changes since (RFC 7162 §3.2.5)", async (t) => {
  const phone = await t.login({ inbox: five });
  const desk = await t.login();
  await phone.ok("ENABLE QRESYNC");
  const { validity, modseq } = await select(phone);
  await phone.ok("UNSELECT");
  await desk.ok("SELECT INBOX");
  await desk.ok("STORE 1 +FLAGS (\\Flagged)");
  await desk.ok("STORE 2:3 +FLAGS (\\Deleted)");
  await desk.ok("EXPUNGE");
  await t.fill("INBOX", [mail("6")]);
  await phone.exchange(`
    C: a SELECT INBOX (QRESYNC (${validity} ${modseq}))
    S: ...
    S: * OK [MAILBOXID (...)] ...
    S: * VANISHED (EARLIER) 2:3
    S: * 1 FETCH (UID 1 FLAGS (\\Flagged...) MODSEQ (...))
    S: * 4 FETCH (UID 6 FLAGS (...) MODSEQ (...))
    S: a OK [READ-WRITE] ...
    C: b SELECT INBOX (QRESYNC (${validity} ${modseq} 1:5))
    S: ...
    S: * VANISHED (EARLIER) 2:3
    S: * 1 FETCH (UID 1 FLAGS (\\Flagged...) MODSEQ (...))
    S: b OK ...
    C: c SELECT INBOX (QRESYNC (${validity} ${modseq} 3:5 (1,5 1,5)))
    S: ...
    S: * VANISHED (EARLIER) 3
    S: c OK ...
    C: d SELECT INBOX (QRESYNC (${validity + 1} ${modseq}))
    S: ...
    S: * OK [MAILBOXID (...)] ...
    S: d OK ...
  `);
});

protocolTest("wrong QRESYNC parameters are BAD", async (t) => {
  const client = await t.login({ inbox: five });
  await client.ok("ENABLE QRESYNC");
  await client.exchange(`
    C: a SELECT INBOX (QRESYNC (0 1))
    S: a BAD ...
    C: b SELECT INBOX (QRESYNC (1 0))
    S: b BAD ...
    C: c SELECT INBOX (QRESYNC (1 1 1:*))
    S: c BAD ...
    C: d SELECT INBOX (QRESYNC (1 1 1:5 (1:2 1)))
    S: d BAD ...
    C: e SELECT INBOX (QRESYNC (1))
    S: e BAD ...
  `);
});

protocolTest("removals are told as VANISHED, and never with EXPUNGE (RFC 7162 §3.2.10)", async (t) => {
  const client = await t.login({ inbox: five });
  await client.ok("ENABLE QRESYNC");
  await select(client);
  await client.ok("STORE 1:2,5 +FLAGS.SILENT (\\Deleted)");
  await client.exchange(`
    C: a EXPUNGE
    S: * VANISHED 1:2,5
    S: a OK [HIGHESTMODSEQ ...] ...
  `);
});

protocolTest("UID FETCH (CHANGEDSINCE VANISHED) (RFC 7162 §3.2.6)", async (t) => {
  const client = await t.login({ inbox: five });
  await client.ok("ENABLE QRESYNC");
  const { modseq } = await select(client);
  await client.ok("STORE 2 +FLAGS.SILENT (\\Deleted)");
  await client.ok("EXPUNGE");
  await client.ok("STORE 3 +FLAGS.SILENT (\\Seen)");
  await client.exchange(`
    C: a UID FETCH 1:4 (FLAGS) (CHANGEDSINCE ${modseq} VANISHED)
    S: * VANISHED (EARLIER) 2
    S: * 3 FETCH (UID 4 FLAGS (\\Seen...) MODSEQ (...))
    S: a OK ...
    C: b FETCH 1:4 (FLAGS) (CHANGEDSINCE ${modseq} VANISHED)
    S: b BAD ...
  `);
});

protocolTest("a resync from every point in a mailbox's life gives the mailbox of now", async (t) => {
  const client = await t.login({ inbox: five });
  await client.ok("ENABLE QRESYNC");
  const points: { modseq: number; uids: Set<number> }[] = [];
  const known = new Set([1, 2, 3, 4, 5]);
  const { validity } = await select(client);
  for (let round = 0; round < 6; round++) {
    points.push({ modseq: (await select(client)).modseq, uids: new Set(known) });
    const victim = [...known][round % known.size];
    await client.ok(`UID STORE ${victim} +FLAGS.SILENT (\\Deleted)`);
    await client.ok("EXPUNGE");
    known.delete(victim);
    await t.fill("INBOX", [mail(`new ${round}`)]);
    known.add(6 + round);
  }
  for (const { modseq, uids } of points) {
    const lines = await client.ok(`SELECT INBOX (QRESYNC (${validity} ${modseq}))`);
    for (const line of lines) {
      const vanished = /^\* VANISHED \(EARLIER\) (\S+)/.exec(line)?.[1] ?? "";
      for (const range of vanished.split(",").filter(Boolean)) {
        const [first, last = first] = range.split(":").map(Number);
        for (let uid = first; uid <= last; uid++) uids.delete(uid);
      }
      const fetched = /^\* \d+ FETCH \(UID (\d+)/.exec(line)?.[1];
      if (fetched) uids.add(Number(fetched));
    }
    assert.deepEqual([...uids].sort((a, b) => a - b), [...known].sort((a, b) => a - b));
  }
});

protocolTest("no VANISHED with a UID SEARCH that uses message numbers (RFC 7162 §3.2.10.2)", async (t) => {
  const client = await t.login({ inbox: five });
  const other = await t.login();
  await client.ok("ENABLE QRESYNC");
  await select(client);
  await other.ok("SELECT INBOX");
  await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
  await other.ok("EXPUNGE");
  await client.exchange(`
    C: a UID SEARCH 2:3
    S: * SEARCH 2 3
    S: * OK [HIGHESTMODSEQ ...] removals are told later
    S: a OK ...
    C: b UID SEARCH UID 2:3
    S: * VANISHED 1
    S: * SEARCH 2 3
    S: b OK ...
  `);
});
