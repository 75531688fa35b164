import assert from "node:assert/strict";
import { mail, protocolTest, type TestClient } from "../support/protocol.ts";

const DAY = 86_400;

/** The numbers that SEARCH gives. */
async function found(client: TestClient, keys: string): Promise<number[]> {
  const lines = await client.ok(`SEARCH ${keys}`);
  assert.equal(lines.length, 1, lines.join("\n"));
  assert.match(lines[0], /^\* SEARCH( \d+)*$/);
  return lines[0].split(" ").slice(2).map(Number);
}

protocolTest("SEARCH by flags and keywords (RFC 9051 §6.4.4)", async (t) => {
  const client = await t.login({
    inbox: [
      { text: mail("a"), flags: ["\\Seen", "\\Answered"] },
      { text: mail("b"), flags: ["\\Flagged", "Work", "$Forwarded"] },
      { text: mail("c"), flags: ["\\Draft", "\\Deleted", "\\Seen"] },
    ],
  });
  await client.ok("SELECT INBOX");
  assert.deepEqual(await found(client, "ALL"), [1, 2, 3]);
  assert.deepEqual(await found(client, "SEEN"), [1, 3]);
  assert.deepEqual(await found(client, "UNSEEN"), [2]);
  assert.deepEqual(await found(client, "ANSWERED"), [1]);
  assert.deepEqual(await found(client, "UNANSWERED UNFLAGGED"), [3]);
  assert.deepEqual(await found(client, "KEYWORD work"), [2]);
  assert.deepEqual(await found(client, "KEYWORD $forwarded"), [2]);
  assert.deepEqual(await found(client, "UNKEYWORD WORK"), [1, 3]);
  assert.deepEqual(await found(client, "KEYWORD nothing"), []);
  assert.deepEqual(await found(client, "OR FLAGGED DRAFT"), [2, 3]);
  assert.deepEqual(await found(client, "NOT (SEEN DELETED)"), [1, 2]);
  assert.deepEqual(await found(client, "RECENT"), [1, 2, 3]);
  assert.deepEqual(await found(client, "NEW"), [2]);
  assert.deepEqual(await found(client, "OLD"), []);
});

protocolTest("SEARCH by more keywords than fit a flag word", async (t) => {
  const flags = Array.from({ length: 40 }, (_, i) => `k${i}`);
  const client = await t.login({ inbox: [{ text: mail("a"), flags }, mail("b"), { text: mail("c"), flags: ["k39"] }] });
  await client.ok("EXAMINE INBOX");
  for (const name of ["k0", "k20", "k21", "K38"]) assert.deepEqual(await found(client, `KEYWORD ${name}`), [1], name);
  assert.deepEqual(await found(client, "KEYWORD k39"), [1, 3]);
  assert.deepEqual(await found(client, "UNKEYWORD k39"), [2]);
});

protocolTest("SEARCH by numbers and UIDs (RFC 9051 §6.4.4)", async (t) => {
  const client = await t.login({ inbox: ["a", "b", "c", "d"].map((subject) => mail(subject)) });
  await client.ok("SELECT INBOX");
  await client.ok("STORE 2 +FLAGS.SILENT (\\Deleted)");
  await client.ok("EXPUNGE");
  assert.deepEqual(await found(client, "1,3"), [1, 3]);
  assert.deepEqual(await found(client, "*"), [3]);
  assert.deepEqual(await found(client, "NOT 2:*"), [1]);
  assert.deepEqual(await found(client, "UID 2:3"), [2]);
  assert.deepEqual(await found(client, "UID 100:*"), [3]);
  assert.deepEqual(await client.ok("UID SEARCH 2:3"), ["* SEARCH 3 4"]);
  await client.exchange(`
    C: a SEARCH 4
    S: a BAD ...
    C: b SEARCH OR ALL (SEEN 2:9)
    S: b BAD ...
  `);
});

protocolTest("SEARCH by size and dates (RFC 9051 §6.4.4)", async (t) => {
  const client = await t.login({
    inbox: [
      { text: mail("a"), date: 10 * DAY },
      { text: mail("b", "x".repeat(1000)), date: 11 * DAY - 1 },
      { text: mail("c").replace(/Date:[^\r]+/, "Date: Tue, 8 Feb 1994 00:30:00 +1300"), date: 11 * DAY },
      { text: mail("d").replace(/Date:[^\n]+\n/, ""), date: 12 * DAY },
    ],
  });
  await client.ok("EXAMINE INBOX");
  assert.deepEqual(await found(client, "LARGER 1000"), [2]);
  assert.deepEqual(await found(client, "SMALLER 1000"), [1, 3, 4]);
  const size = mail("a").length;
  assert.deepEqual(await found(client, `LARGER ${size} 1`), []);
  assert.deepEqual(await found(client, `SMALLER ${size} 1`), []);
  assert.deepEqual(await found(client, "ON 11-Jan-1970"), [1, 2]);
  assert.deepEqual(await found(client, "SINCE 12-Jan-1970"), [3, 4]);
  assert.deepEqual(await found(client, "BEFORE 12-Jan-1970"), [1, 2]);
  assert.deepEqual(await found(client, "SENTON 7-Feb-1994"), [1, 2]);
  assert.deepEqual(await found(client, "SENTSINCE 8-Feb-1994"), [3]);
  assert.deepEqual(await found(client, "SENTSINCE 7-Feb-1994"), [1, 2, 3]);
  assert.deepEqual(await found(client, "SENTBEFORE 8-Feb-1994"), [1, 2]);
});

protocolTest("SEARCH by save date (RFC 8514 §4.3)", async (t) => {
  const client = await t.login({ inbox: [{ text: mail("a"), date: 0 }] });
  await client.ok("EXAMINE INBOX");
  assert.deepEqual(await found(client, "SAVEDSINCE 1-Jan-2020 SAVEDATESUPPORTED"), [1]);
  assert.deepEqual(await found(client, "SAVEDBEFORE 1-Jan-2020"), []);
  assert.deepEqual(await found(client, "SAVEDON 1-Jan-1970"), []);
});

protocolTest("SEARCH by header fields, decoded and without case (RFC 9051 §6.4.4)", async (t) => {
  const client = await t.login({
    inbox: [
      mail("Hello World"),
      mail("=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "x", ["Cc: Carol <carol@example.net>", "X-Spam: yes"]),
      mail("folded\r\n subject", "x", ["Bcc: secret@example.org", "X-Empty:"]),
    ],
  });
  await client.ok("EXAMINE INBOX");
  assert.deepEqual(await found(client, "SUBJECT hello"), [1]);
  assert.deepEqual(await found(client, 'SUBJECT "lo wor"'), [1]);
  assert.deepEqual(await found(client, 'SUBJECT "GRÜSSE"'), [2]);
  assert.deepEqual(await found(client, 'SUBJECT "folded subject"'), [3]);
  assert.deepEqual(await found(client, "FROM alice"), [1, 2, 3]);
  assert.deepEqual(await found(client, "FROM bob"), []);
  assert.deepEqual(await found(client, "TO bob@EXAMPLE"), [1, 2, 3]);
  assert.deepEqual(await found(client, "CC carol"), [2]);
  assert.deepEqual(await found(client, "BCC secret"), [3]);
  assert.deepEqual(await found(client, "HEADER x-spam Y"), [2]);
  assert.deepEqual(await found(client, 'HEADER X-Empty ""'), [3]);
  assert.deepEqual(await found(client, 'HEADER Subject ""'), [1, 2, 3]);
  assert.deepEqual(await found(client, "HEADER Message-ID <HelloWorld@example.org>"), [1]);
  assert.deepEqual(await found(client, "NOT SUBJECT hello"), [2, 3]);
  assert.deepEqual(await found(client, 'SUBJECT "" CC ""'), [1, 2, 3]);
});

protocolTest("SEARCH in bodies, decoded; TEXT in headers too (RFC 9051 §6.4.4)", async (t) => {
  const coded = ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64"];
  const multipart = ["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b"];
  const inner = "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: enclosed\r\n\r\ninner body\r\n--b--\r\n";
  const client = await t.login({
    inbox: [
      mail("one", "needle in here"),
      mail("needle", "0L7RgtC/0YPRgdC6\r\n", coded),
      mail("three", inner, multipart),
    ],
  });
  await client.ok("EXAMINE INBOX");
  assert.deepEqual(await found(client, "BODY needle"), [1]);
  assert.deepEqual(await found(client, "TEXT NEEDLE"), [1, 2]);
  assert.deepEqual(await found(client, 'BODY "ОТПУСК"'), [2]);
  assert.deepEqual(await found(client, 'BODY "inner body"'), [3]);
  assert.deepEqual(await found(client, "BODY enclosed"), [3]);
  assert.deepEqual(await found(client, "TEXT subject:"), [1, 2, 3]);
  assert.deepEqual(await found(client, "OR SUBJECT three BODY needle"), [1, 3]);
  assert.deepEqual(await found(client, "NOT BODY needle"), [2, 3]);
  assert.deepEqual(await found(client, 'BODY ""'), [1, 2, 3]);
  assert.deepEqual(await found(client, "2:3 OR UNSEEN BODY nothing"), [2, 3]);
  assert.deepEqual(await found(client, "SEEN BODY needle"), []);
});

protocolTest("SEARCH in a body that is too long to be kept apart", async (t) => {
  const long = `${"some long line of text that goes on\r\n".repeat(60_000)}the needle\r\n`;
  const client = await t.login({ inbox: [mail("a", "the needle"), mail("b", long), mail("c", "nothing")] });
  await client.ok("EXAMINE INBOX");
  assert.deepEqual(await found(client, "BODY needle"), [1, 2]);
  assert.deepEqual(await found(client, "NOT TEXT needle"), [3]);
  assert.deepEqual(await found(client, "SUBJECT b BODY needle"), [2]);
  await client.exchange(`
    C: a SEARCH RETURN (MAX) BODY needle
    S: * ESEARCH (TAG "a") MAX 2
    S: a OK ...
    C: b SEARCH RETURN (MIN) BODY needle NOT 1
    S: * ESEARCH (TAG "b") MIN 2
    S: b OK ...
  `);
});

protocolTest("SEARCH by EMAILID and THREADID (RFC 8474 §5.4)", async (t) => {
  const client = await t.login({ inbox: [mail("a"), mail("b")] });
  await client.ok("EXAMINE INBOX");
  const [line] = await client.ok("FETCH 2 (EMAILID THREADID)");
  const [, email, thread] = /EMAILID \(([^)]+)\) THREADID \(([^)]+)\)/.exec(line) ?? [];
  assert.deepEqual(await found(client, `EMAILID ${email}`), [2]);
  assert.deepEqual(await found(client, `THREADID ${thread}`), [2]);
  assert.deepEqual(await found(client, `EMAILID ${thread}`), []);
  assert.deepEqual(await found(client, `OR EMAILID ${email} NOT EMAILID ${email}`), [1, 2]);
});

protocolTest("SEARCH does not find messages that another session removed (RFC 2180 §4.3)", async (t) => {
  const client = await t.login({ inbox: [mail("a"), mail("b"), mail("c")] });
  const other = await t.login();
  await client.ok("SELECT INBOX");
  await other.ok("SELECT INBOX");
  await other.ok("STORE 2 +FLAGS.SILENT (\\Deleted)");
  await client.ok("NOOP");
  await other.ok("EXPUNGE");
  assert.deepEqual(await found(client, "ALL"), [1, 3]);
  assert.deepEqual(await found(client, "NOT SUBJECT a"), [3]);
  assert.deepEqual(await client.ok("UID SEARCH ALL"), ["* 2 EXPUNGE", "* SEARCH 1 3"]);
});

protocolTest("SEARCH of many messages, in the store's batches", async (t) => {
  const client = await t.login({ inbox: Array.from({ length: 300 }, (_, i) => mail(`number ${i % 10}`)) });
  await client.ok("EXAMINE INBOX");
  const every = Array.from({ length: 30 }, (_, i) => i * 10 + 4);
  assert.deepEqual(await found(client, 'SUBJECT "number 3"'), every);
  assert.deepEqual(await found(client, 'SUBJECT "number 3" 100:200'), every.filter((n) => n >= 100 && n <= 200));
  assert.deepEqual(await found(client, 'BODY "number 3" NOT 1:290'), [294]);
});

protocolTest("SEARCH wrong grammar is BAD, and changes nothing", async (t) => {
  const client = await t.login({ inbox: [mail("a")] });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: a OK ...
    C: b SEARCH
    S: b BAD ...
    C: c SEARCH NONSENSE
    S: c BAD ...
    C: d SEARCH RETURN (NONSENSE) ALL
    S: d BAD ...
    C: e SEARCH ALL ALL
    S: * SEARCH 1
    S: e OK SEARCH done
  `);
});
