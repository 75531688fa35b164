import assert from "node:assert/strict";
import { mail, protocolTest, type TestClient } from "../support/protocol.ts";

const MULTIPART = [
  "From: alice@example.org",
  "Subject: parts",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="b"',
  "",
  "--b",
  "Content-Type: text/plain",
  "",
  "first part",
  "--b",
  "Content-Type: text/html",
  "Content-Transfer-Encoding: base64",
  "",
  "PGI+",
  "--b--",
  "",
].join("\r\n");

const text = (bytes: string) => `TEXT {${bytes.length}+}\r\n${bytes}`;

/** The message with that UID, byte for byte. */
async function content(client: TestClient, uid: number): Promise<string> {
  const lines = await client.ok(`UID FETCH ${uid} BODY.PEEK[]`);
  return lines.slice(1).join("\r\n").replace(/\)$/, "");
}

async function catenate(client: TestClient, pieces: string, mailbox = "INBOX"): Promise<string> {
  return (await client.command(`APPEND ${mailbox} CATENATE (${pieces})`)).at(-1) ?? "";
}

protocolTest("CATENATE puts texts and parts of messages together, octet by octet (RFC 4469 §3)", async (t) => {
  const client = await t.login({ inbox: [MULTIPART] });
  const validity = await t.uidvalidity("INBOX");
  const url = (rest: string) => `URL "/INBOX;UIDVALIDITY=${validity}/;UID=1${rest}"`;
  const answer = await catenate(
    client,
    [
      text("X: 1\r\n"),
      url("/;section=HEADER"),
      url("/;SECTION=1"),
      text("|"),
      url("/;Section=2"),
      url("/;section=2.MIME"),
    ]
      .join(" "),
  );
  assert.match(answer, / OK \[APPENDUID \d+ 2\]/);
  await client.ok("SELECT INBOX");
  const header = MULTIPART.slice(0, MULTIPART.indexOf("--b"));
  const mime = "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  assert.equal(await content(client, 2), `X: 1\r\n${header}first part|PGI+${mime}`);
  // Nothing that was catenated becomes \\Seen (RFC 4469 §3).
  assert.deepEqual(await client.ok("SEARCH SEEN"), ["* SEARCH"]);
});

protocolTest("CATENATE of a whole message, relative to the selected mailbox", async (t) => {
  const client = await t.login({ inbox: [mail("whole")] });
  await client.ok("SELECT INBOX");
  assert.match(await catenate(client, 'URL ";UID=1"', "Archive"), / OK \[APPENDUID/);
  assert.match(await catenate(client, 'URL "Archive/;UID=1"', "Archive"), / OK \[APPENDUID/);
  await client.ok("SELECT Archive");
  assert.equal(await content(client, 1), mail("whole"));
  assert.equal(await content(client, 2), mail("whole"));
});

protocolTest("URL-PARTIAL: a range of a message or part (RFC 5550 §5.7.1)", async (t) => {
  const client = await t.login({ inbox: [mail("partial", "0123456789")] });
  await client.ok("SELECT INBOX");
  const parts = [
    "TEXT/;PARTIAL=2.3",
    "TEXT/;PARTIAL=8.100",
    "TEXT/;PARTIAL=100.5",
    "TEXT/;PARTIAL=7",
    "1/;PARTIAL=0.1",
  ];
  const urls = parts.map((part) => `URL "/INBOX/;UID=1/;SECTION=${part}" ${text(",")}`);
  assert.match(await catenate(client, [text("A: b\r\n\r\n"), ...urls].join(" ")), / OK /);
  assert.equal(await content(client, 2), "A: b\r\n\r\n234,89,,789,0,");
  assert.match(await catenate(client, 'URL "/INBOX/;UID=1/;PARTIAL=0.6"'), / OK /);
  assert.equal(await content(client, 3), "From: ");
});

protocolTest("CATENATE with synchronising literals, URLs as literals, flags, date and MULTIAPPEND", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.exchange(`
    C: a APPEND INBOX (\\Seen $Important) "17-Jul-1996 02:44:25 -0700" CATENATE (TEXT {8}
    S: + ...
  `);
  await client.send("S: one\r\n URL {24}\r\n");
  await client.exchange("S: + ...");
  await client.send("/INBOX/;UID=1/;SECTION=1)\r\n");
  assert.match(await client.line(), /^a OK \[APPENDUID \d+ 2\]/);
  const one = mail("single");
  await client.send(
    `b APPEND INBOX (\\Seen) CATENATE (${
      text("S: two\r\n\r\n")
    } URL {13+}\r\n/INBOX/;UID=1) (\\Flagged) {${one.length}+}\r\n${one}\r\n`,
  );
  assert.match(await client.line(), /^b OK \[APPENDUID \d+ 3:4\]/);
  await client.ok("SELECT INBOX");
  assert.equal(await content(client, 2), "S: one\r\none\r\n");
  assert.equal(await content(client, 3), `S: two\r\n\r\n${mail("one")}`);
  assert.deepEqual(await client.ok("FETCH 2 (FLAGS INTERNALDATE)"), [
    '* 2 FETCH (FLAGS (\\Seen $Important \\Recent) INTERNALDATE "17-Jul-1996 09:44:25 +0000")',
  ]);
});

protocolTest("BADURL names the first URL that failed, and nothing is appended (RFC 4469 §4.1)", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  const bad = [
    "/INBOX/;UID=2",
    "/INBOX;UIDVALIDITY=1/;UID=1",
    "/INBOX/;UID=1/;SECTION=1.5.9",
    "/INBOX/;UID=1/;SECTION=BOGUS",
    "/INBOX/;UID=1/;SECTION=1%5D%5B",
    "/nowhere/;UID=1",
    "/INBOX",
    ";UID=1",
    "imap://alice@example.org/INBOX/;UID=1",
    "/a%00b/;UID=1",
  ];
  for (const url of bad) {
    const answer = await catenate(
      client,
      `${text("A: b\r\n\r\n")} URL "/INBOX/;UID=1" URL "${url}" URL "/never/;UID=1"`,
    );
    assert(answer.includes(` NO [BADURL ${url}] `), `${url}: ${answer}`);
  }
  assert.deepEqual(await client.ok("STATUS INBOX (MESSAGES UIDNEXT)"), ["* STATUS INBOX (MESSAGES 1 UIDNEXT 2)"]);
});

protocolTest(
  "BADURL comes instead of the go-ahead for what follows the URL (RFC 4469, appendix A example 4)",
  async (t) => {
    const client = await t.login();
    await client.exchange(`
    C: a APPEND INBOX CATENATE (URL "/INBOX/;UID=113330/;section=1.5.9" TEXT {42}
    S: a NO [BADURL /INBOX/;UID=113330/;section=1.5.9] ...
    C: b NOOP
    S: b OK ...
  `);
  },
);

protocolTest("TOOBIG over the sum of the parts (RFC 4469 §4.2)", async (t) => {
  const client = await t.login({ inbox: [mail("one", "x".repeat(1000))] });
  const half = "y".repeat(1200);
  assert.match(await catenate(client, `${text(half)} URL "/INBOX/;UID=1"`), / NO \[TOOBIG\]/);
  assert.match(await catenate(client, 'URL "/INBOX/;UID=1" URL "/INBOX/;UID=1"'), / NO \[TOOBIG\]/);
  await client.exchange(`
    C: a APPEND INBOX CATENATE (TEXT {1200+}
    C: ${"y".repeat(1200)} TEXT {801}
    S: a NO [TOOBIG] ...
    C: b STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 1)
    S: b OK ...
  `);
}, { config: { limits: { messageSize: 2000 } } });

protocolTest("CATENATE grammar", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  const bad = [
    "APPEND INBOX CATENATE",
    "APPEND INBOX CATENATE ()",
    "APPEND INBOX CATENATE (URL)",
    "APPEND INBOX CATENATE (BODY /INBOX)",
    'APPEND INBOX CATENATE (URL "/INBOX/;UID=1"',
    'APPEND INBOX CATENATE URL "/INBOX/;UID=1"',
    'APPEND INBOX CATENATE (TEXT "abc")',
    'APPEND INBOX CATENATE (URL "/INBOX/;UID=1" )',
    'APPEND INBOX CATENATE (URL "/INBOX/;UID=1") x',
  ];
  for (const command of bad) assert.match((await client.command(command)).at(-1) ?? "", /^t\d+ BAD /, command);
  assert.match(await catenate(client, text("")), / NO /);
  assert.deepEqual(await client.ok("STATUS INBOX (MESSAGES)"), ["* STATUS INBOX (MESSAGES 1)"]);
});

protocolTest("CATENATE of large messages goes through files and leaves none behind", async (t) => {
  const big = mail("big", "0123456789abcde\r\n".repeat(20_000));
  const client = await t.login({ inbox: [big] });
  assert.match(await catenate(client, `${text("A: b\r\n")} URL "/INBOX/;UID=1"`), / OK /);
  assert.match(
    await catenate(client, `URL "/INBOX/;UID=1" ${text("z".repeat(140_000))} URL "/INBOX/;UID=9"`),
    / NO \[BADURL/,
  );
  await client.ok("SELECT INBOX");
  assert.equal(await content(client, 2), `A: b\r\n${big}`);
  const account = await t.account();
  const files = [...Deno.readDirSync(`${t.dataDir}/accounts/${account.id}/content`)];
  assert.equal(files.length, 2, files.map(({ name }) => name).join());
});
