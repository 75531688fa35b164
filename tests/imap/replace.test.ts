import assert from "node:assert/strict";
import { mail, protocolTest, type TestClient } from "../support/protocol.ts";

const text = mail("new");
const literal = `{${text.length}+}\r\n${text}`;

/** Sends a REPLACE with a message; its lines, the tagged one last. */
function replace(client: TestClient, arguments_: string, message = literal): Promise<string[]> {
  return client.command(`${arguments_} ${message}`);
}

async function subjects(client: TestClient): Promise<string[]> {
  const lines = await client.ok("UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
  return lines.filter((line) => line.startsWith("Subject: ")).map((line) => line.slice(9));
}

protocolTest("REPLACE: APPENDUID, then the removal, then the new message (RFC 8508 §3.2, §4.3)", async (t) => {
  const client = await t.login();
  await t.fill("Drafts", [mail("one"), { text: mail("two"), flags: ["\\Flagged", "$Work"] }, mail("three")]);
  await client.ok("SELECT Drafts");
  const validity = await t.uidvalidity("Drafts");
  assert.deepEqual(await replace(client, "REPLACE 2 Drafts (\\Seen \\Draft)"), [
    `* OK [APPENDUID ${validity} 4] replacement is there`,
    "* 2 EXPUNGE",
    "* 3 EXISTS",
    "* 3 RECENT",
    "t3 OK REPLACE done",
  ]);
  assert.deepEqual(await subjects(client), ["one", "three", "new"]);
  // Nothing is inherited from the old message (RFC 8508 §1).
  assert.deepEqual(await client.ok("FETCH 3 FLAGS"), ["* 3 FETCH (FLAGS (\\Seen \\Draft \\Recent))"]);
});

protocolTest("REPLACE with another destination (RFC 8508 §3.4)", async (t) => {
  const client = await t.login();
  await t.fill("Drafts", [mail("one"), mail("two")]);
  await client.ok("SELECT Drafts");
  const lines = await replace(client, "UID REPLACE 1 Sent (\\Seen)");
  assert.deepEqual(lines, [
    `* OK [APPENDUID ${await t.uidvalidity("Sent")} 1] replacement is there`,
    "* 1 EXPUNGE",
    "t3 OK UID REPLACE done",
  ]);
  assert.deepEqual(await client.ok("STATUS Sent (MESSAGES UNSEEN)"), ["* STATUS Sent (MESSAGES 1 UNSEEN 0)"]);
  assert.deepEqual(await subjects(client), ["two"]);
});

protocolTest("REPLACE with QRESYNC tells VANISHED and HIGHESTMODSEQ (RFC 8508 §4.5)", async (t) => {
  const client = await t.login({ inbox: [mail("one"), mail("two")] });
  await client.ok("ENABLE QRESYNC");
  await client.ok("SELECT INBOX");
  const lines = await replace(client, "REPLACE * INBOX");
  assert.match(lines[0], /^\* OK \[APPENDUID \d+ 3\]/);
  assert.equal(lines[1], "* VANISHED 2");
  assert.equal(lines[2], "* 2 EXISTS");
  assert.match(lines.at(-1) ?? "", /^t4 OK \[HIGHESTMODSEQ \d+\]/);
});

protocolTest("other sessions see one step, never both messages nor none", async (t) => {
  const one = await t.login({ inbox: [mail("old")] });
  const two = await t.login();
  await one.ok("SELECT INBOX");
  await two.ok("SELECT INBOX");
  await replace(one, "REPLACE 1 INBOX");
  assert.deepEqual(await two.ok("NOOP"), ["* 1 EXPUNGE", "* 1 EXISTS", "* 0 RECENT"]);
  assert.deepEqual(await subjects(two), ["new"]);
});

protocolTest("the quota counts without the old message (RFC 8508 §3.4)", async (t) => {
  const client = await t.login({ inbox: [mail("old", "x".repeat(700))] });
  await client.ok("SELECT INBOX");
  const fits = mail("fits", "y".repeat(700));
  const last = async (command: string) => (await client.command(command)).at(-1) ?? "";
  assert.match(await last(`APPEND INBOX {${fits.length}+}\r\n${fits}`), /NO \[OVERQUOTA\]/);
  assert.match(await last(`REPLACE 1 INBOX {${fits.length}+}\r\n${fits}`), / OK /);
  const large = mail("large", "z".repeat(1200));
  await client.exchange(`
    C: a REPLACE 1 INBOX {${large.length}}
    S: a NO [OVERQUOTA] ...
  `);
  assert.deepEqual(await subjects(client), ["fits"]);
}, { config: { quota: 1200, quotaMessages: 1 } });

protocolTest("what cannot be replaced changes nothing", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.exchange(`
    C: a REPLACE 1 INBOX {3+}
    C: xyz
    S: a BAD ...
  `);
  await client.ok("SELECT INBOX");
  const refused = async (command: string, answer: RegExp, message = literal) =>
    assert.match((await replace(client, command, message)).at(-1) ?? "", answer);
  await refused("REPLACE 2 INBOX", /^t\d+ BAD /);
  await refused("REPLACE 0 INBOX", /^t\d+ BAD /);
  await refused("REPLACE 1:2 INBOX", /^t\d+ BAD /);
  await refused("UID REPLACE * INBOX", /^t\d+ BAD /);
  await refused("UID REPLACE 7 INBOX", /^t\d+ NO \[NONEXISTENT\]/);
  await refused("REPLACE 1 nowhere", /^t\d+ NO \[TRYCREATE\]/);
  await refused("REPLACE 1 INBOX (\\Recent)", /^t\d+ BAD /);
  await refused("REPLACE 1 INBOX", /^t\d+ NO /, "{0+}\r\n");
  await refused("REPLACE 1 INBOX", /^t\d+ BAD /, `${literal} ${literal}`);
  await refused("REPLACE 1 INBOX", /^t\d+ NO \[TOOBIG\]/, `{2001+}\r\n${"x".repeat(2001)}`);
  await client.ok("EXAMINE INBOX");
  await refused("REPLACE 1 INBOX", /^t\d+ NO \[READ-ONLY\]/);
  assert.deepEqual(await client.ok("STATUS INBOX (MESSAGES UIDNEXT)"), ["* STATUS INBOX (MESSAGES 1 UIDNEXT 2)"]);
  assert.deepEqual(await subjects(client), ["one"]);
}, { config: { limits: { messageSize: 2000 } } });

protocolTest("a message that another session expunged: EXPUNGEISSUED, nothing is appended (RFC 5530 §3)", async (t) => {
  const one = await t.login({ inbox: [mail("one"), mail("two")] });
  const two = await t.login();
  await one.ok("SELECT INBOX");
  await two.ok("SELECT INBOX");
  await two.ok("STORE 1 +FLAGS (\\Deleted)");
  await two.ok("EXPUNGE");
  const lines = await replace(one, "UID REPLACE 1 INBOX");
  assert.match(lines.at(-1) ?? "", /^t3 NO \[EXPUNGEISSUED\]/);
  assert.deepEqual(await subjects(one), ["two"]);
});

protocolTest("the new message has another EMAILID (RFC 8508 §4.6)", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.ok("SELECT INBOX");
  const [before] = await client.ok("FETCH 1 EMAILID");
  await replace(client, "REPLACE 1 INBOX");
  const [after] = await client.ok("FETCH 1 EMAILID");
  assert.notEqual(before, after);
});

protocolTest("REPLACE with CATENATE of the message that is replaced (RFC 8508 §4.2)", async (t) => {
  const client = await t.login();
  await t.fill("Drafts", ["From: a@example.org\r\n\r\nbody\r\n"]);
  await client.ok("SELECT Drafts");
  await client.send(
    'a UID REPLACE 1 Drafts CATENATE (TEXT {22+}\r\nSubject: fireworks !\r\n URL "/Drafts/;UID=1")\r\n',
  );
  const lines = await client.answer("a");
  assert.match(lines[0], /^\* OK \[APPENDUID \d+ 2\]/);
  assert.deepEqual((await client.ok("FETCH 1 BODY.PEEK[]")).slice(1), [
    "Subject: fireworks !",
    "From: a@example.org",
    "",
    "body",
    ")",
  ]);
});
