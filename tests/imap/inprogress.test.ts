import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { mail, protocolTest, type TestClient } from "../support/protocol.ts";

const AT_ONCE = { progressEvery: 1 };

/** Sends a command while another process has the account's database, until the server has said that it is still at it. */
async function heldUp(client: TestClient, database: string, command: string): Promise<void> {
  const db = new DatabaseSync(database);
  db.exec("BEGIN IMMEDIATE");
  try {
    await client.send(`held ${command}\r\n`);
    for (;;) {
      const line = await client.line();
      if (/^\* OK \[INPROGRESS \("held" NIL NIL\)\] /.test(line)) break;
      assert.doesNotMatch(line, /^held /, `${command} did not say that it is in progress`);
    }
    db.exec("COMMIT");
  } finally {
    db.close();
  }
  assert.match((await client.answer("held")).at(-1) ?? "", /^held OK/, command);
}

protocolTest("INPROGRESS is announced after login (RFC 9585)", async (t) => {
  const client = await t.login();
  assert.match((await client.ok("CAPABILITY"))[0], / INPROGRESS/);
});

protocolTest("INPROGRESS: FETCH of many messages tells how far it is (RFC 9585)", async (t) => {
  const body = "x".repeat(100_000);
  const client = await t.login({ inbox: Array.from({ length: 120 }, (_, n) => mail(`s${n}`, body)) });
  await client.ok("SELECT INBOX");
  const lines = await client.command("UID FETCH 1:* (BODY.PEEK[TEXT])");
  const steps = lines.map((line) => /^\* OK \[INPROGRESS \("t3" (\d+) (\d+)\)\] /.exec(line));
  const told = steps.filter((step) => step !== null);
  assert(told.length > 0, "no INPROGRESS came");
  let before = 0;
  for (const [, done, goal] of told) {
    assert.equal(goal, "120");
    assert(Number(done) < 120 && Number(done) >= before);
    before = Number(done);
  }
}, AT_ONCE);

protocolTest("INPROGRESS: COPY, STORE, EXPUNGE, MOVE and APPEND that have to wait say so (RFC 9585)", async (t) => {
  const client = await t.login({ inbox: [mail("one"), mail("two"), mail("three")] });
  await client.ok("ENABLE IMAP4rev2");
  await client.ok("SELECT INBOX");
  const database = `${t.dataDir}/accounts/${(await t.account()).id}/mail.db`;
  const text = mail("x");
  await heldUp(client, database, "COPY 1:2 Archive");
  await heldUp(client, database, "STORE 1 +FLAGS (\\Deleted)");
  await heldUp(client, database, "EXPUNGE");
  await heldUp(client, database, "MOVE 1 Archive");
  await heldUp(client, database, `APPEND Archive {${text.length}+}\r\n${text}`);
  assert.deepEqual(await client.ok("STATUS Archive (MESSAGES)"), ["* STATUS Archive (MESSAGES 4)"]);
}, AT_ONCE);

protocolTest("INPROGRESS is not told by commands that are quick", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.ok("SELECT INBOX");
  for (const command of ["FETCH 1 (ENVELOPE)", "STORE 1 +FLAGS (\\Seen)", "COPY 1 Archive", "SEARCH TEXT one"]) {
    assert(!(await client.ok(command)).some((line) => line.includes("INPROGRESS")), command);
  }
});
