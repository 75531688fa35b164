/** The examples of RFC 4469 (CATENATE), appendix A, with the UIDVALIDITY and the literal sizes that are really there. */
import assert from "node:assert/strict";
import { mail, protocolTest, type TestServer } from "../support/protocol.ts";

const BOUNDARY = "------------030308070208000400050907";

const DRAFT = [
  "From: Bob Ar <bar@example.org>",
  "To: foo@example.net",
  "MIME-Version: 1.0",
  `Content-Type: multipart/mixed; boundary="${BOUNDARY}"`,
  "",
  `--${BOUNDARY}`,
  "Content-Type: text/plain; charset=us-ascii",
  "",
  "The old schedule.",
  `--${BOUNDARY}`,
  "Content-Type: application/x-zip-compressed",
  "Content-Transfer-Encoding: base64",
  "",
  "UEsDBA==",
  `--${BOUNDARY}--`,
  "",
].join("\r\n");

const ATTACHMENT =
  "Content-Type: application/x-zip-compressed\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsBAg==\r\n";

/** Drafts with the draft as UID 20 and an attachment as UID 30. */
async function drafts(t: TestServer): Promise<number> {
  const filler = mail("filler");
  await t.fill("Drafts", [...Array(19).fill(filler), DRAFT, ...Array(9).fill(filler), ATTACHMENT]);
  return await t.uidvalidity("Drafts");
}

protocolTest("RFC 4469 appendix A, example 1: an attachment of a draft is replaced", async (t) => {
  const client = await t.login();
  const validity = await drafts(t);
  await client.exchange(
    `
    C: A003 APPEND Drafts (\\Seen \\Draft $MDNSent) CATENATE (URL "/Drafts;UIDVALIDITY=${validity}/;UID=20/;section=HEADER" TEXT {42}
    S: + ...
    C:
    C: --------------030308070208000400050907
    C:  URL "/Drafts;UIDVALIDITY=${validity}/;UID=20/;section=1.MIME" URL "/Drafts;UIDVALIDITY=${validity}/;UID=20/;section=1" TEXT {42}
    S: + ...
    C:
    C: --------------030308070208000400050907
    C:  URL "/Drafts;UIDVALIDITY=${validity}/;UID=30" TEXT {44}
    S: + ...
    C:
    C: --------------030308070208000400050907--
    C: )
    S: A003 OK ...
    C: A004 SELECT Drafts
    S: A004 OK ...
    C: A005 UID FETCH 31 (FLAGS BODY)
    S: * 31 FETCH (UID 31 FLAGS (\\Seen \\Draft $MDNSent \\Recent) BODY (("text" "plain" ...)("application" "x-zip-compressed" ...) "mixed"))
    S: A005 OK ...
  `,
  );
  assert.match((await client.ok("UID FETCH 31 BODY.PEEK[2]")).join("\n"), /UEsBAg==/);
});

protocolTest("RFC 4469 appendix A, example 2: the text of a draft is replaced", async (t) => {
  const client = await t.login();
  const validity = await drafts(t);
  const head = `Return-Path: <bar@example.org>
Message-ID: <419399E1.6000505@example.org>
Date: Thu, 12 Nov 2004 16:57:05 +0000
From: Bob Ar <bar@example.org>
X-Accept-Language: en-us, en
MIME-Version: 1.0
To: foo@example.net
Subject: About our holiday trip
Content-Type: multipart/mixed;
              boundary="------------030308070208000400050907"

--------------030308070208000400050907
Content-Type: text/plain; charset=us-ascii; format=flowed
Content-Transfer-Encoding: 7bit

Our travel agent has sent the updated schedule.

Cheers,
Bob
--------------030308070208000400050907
`.replaceAll("\n", "\r\n");
  await client.exchange(`
    C: A002 SELECT Drafts
    S: A002 OK ...
    C: A003 APPEND Drafts (\\Seen \\Draft $MDNSent) CATENATE (TEXT {${head.length}}
    S: + ...
  `);
  await client.send(head);
  await client.exchange(`
    C:  URL "/Drafts;UIDVALIDITY=${validity}/;UID=20/;Section=2.MIME" URL "/Drafts;UIDVALIDITY=${validity}/;UID=20/;Section=2" TEXT {44}
    S: + ...
    C:
    C: --------------030308070208000400050907--
    C: )
    S: ...
    S: A003 OK [APPENDUID ${validity} 31] ...
    C: A004 UID STORE 20 +FLAGS.SILENT (\\Deleted)
    S: A004 OK ...
  `);
  const body = (await client.ok("UID FETCH 31 BODY.PEEK[]")).slice(1).join("\r\n");
  assert(body.startsWith(head));
  assert(body.includes("UEsDBA==\r\n--------------030308070208000400050907--\r\n"));
});

protocolTest("RFC 4469 appendix A, example 3: an attachment is stripped", async (t) => {
  const client = await t.login();
  const validity = await drafts(t);
  const note = [
    "",
    `--${BOUNDARY}`,
    'Content-type: text/plain; charset="us-ascii"',
    "Content-transfer-encoding: 7bit",
    "",
    "This body part contained a Power Point presentation that was",
    "deleted upon your request.",
    `--${BOUNDARY}--`,
    "",
  ].join("\r\n");
  await client.exchange(`
    C: A003 APPEND Drafts (\\Seen \\Draft $MDNSent) CATENATE (URL "/Drafts;UIDVALIDITY=${validity}/;UID=20/;section=HEADER" TEXT {42}
    S: + ...
    C:
    C: --${BOUNDARY}
    C:  URL "/Drafts;UIDVALIDITY=${validity}/;UID=20/;section=1.MIME" URL "/Drafts;UIDVALIDITY=${validity}/;UID=20/;section=1" TEXT {${note.length}}
    S: + ...
  `);
  await client.send(`${note})\r\n`);
  await client.exchange(`
    S: A003 OK ...
    C: A004 SELECT Drafts
    S: A004 OK ...
    C: A005 UID FETCH 31 BODY
    S: * 31 FETCH (UID 31 BODY (("text" "plain" ...)("text" "plain" ...) "mixed"))
    S: A005 OK ...
  `);
});

protocolTest("RFC 4469 appendix A, example 4: one message is expunged, BADURL", async (t) => {
  const client = await t.login({ inbox: [mail("one"), mail("two")] });
  const validity = await t.uidvalidity("INBOX");
  await client.exchange(`
    C: A003 APPEND Sent (\\Seen $MDNSent) CATENATE (TEXT {42}
    S: + ...
    C:
    C: --------------030308070208000400050904
    C:  URL "/INBOX;UIDVALIDITY=${validity}/;UID=1" TEXT {42+}
    C:
    C: --------------030308070208000400050904
    C:  URL "/INBOX;UIDVALIDITY=${validity}/;UID=113330/;section=1.5.9" TEXT {42}
    S: A003 NO [BADURL /INBOX;UIDVALIDITY=${validity}/;UID=113330/;section=1.5.9] ...
    C: A004 STATUS Sent (MESSAGES)
    S: * STATUS Sent (MESSAGES 0)
    S: A004 OK ...
  `);
});
