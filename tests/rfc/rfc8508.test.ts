/** The examples of RFC 8508 (REPLACE). Removals are told before additions, where the RFC shows them the other way round. */
import { mail, protocolTest } from "../support/protocol.ts";

const HEADER = [
  "Date: Thu, 1 Jan 2015 00:05:00 -0500 (EST)",
  "From: Fritz Schmidt <fritz.ze@example.org>",
  "Subject: happy new year !!",
  "To: miss.mitzy@example.org",
  "Message-Id: <B238822388-0100000@example.org>",
  "MIME-Version: 1.0",
  "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII",
  "",
  "Just saw the best fireworks show. Wish you were here.",
];
const FIRST = [...HEADER, ""].join("\r\n");
const SECOND = [...HEADER, "Hopefully next year you can join us.", ""].join("\r\n");

protocolTest("RFC 8508 §3.2 and §3.3: a draft is saved again and again", async (t) => {
  const client = await t.login();
  await t.fill("Drafts", [mail("1"), mail("2"), mail("3"), mail("4")]);
  const validity = await t.uidvalidity("Drafts");
  await client.exchange(`
    C: A001 ENABLE IMAP4rev2
    S: A001 OK ...
    C: A002 SELECT Drafts
    S: A002 OK ...
    C: A003 REPLACE 4 Drafts (\\Seen \\Draft) {${FIRST.length}}
    S: + ...
  `);
  await client.send(FIRST);
  await client.exchange(`
    C:
    S: * OK [APPENDUID ${validity} 5] ...
    S: * 4 EXPUNGE
    S: * 4 EXISTS
    S: A003 OK ...
    C: A004 UID REPLACE 5 Drafts (\\Seen \\Draft) {${SECOND.length}}
    S: + ...
  `);
  await client.send(SECOND);
  await client.exchange(`
    C:
    S: * OK [APPENDUID ${validity} 6] ...
    S: * 4 EXPUNGE
    S: * 4 EXISTS
    S: A004 OK ...
    C: A005 FETCH 4 (UID FLAGS RFC822.SIZE)
    S: * 4 FETCH (UID 6 FLAGS (\\Seen \\Draft) RFC822.SIZE ${SECOND.length})
    S: A005 OK ...
  `);
});

protocolTest("RFC 8508 §4.2: REPLACE with CATENATE completes a message", async (t) => {
  const client = await t.login();
  await t.fill("Drafts", [
    mail("1"),
    mail("2"),
    mail("3"),
    "From: Fritz Schmidt <fritz.ze@example.org>\r\n\r\nphoto\r\n",
  ]);
  const validity = await t.uidvalidity("Drafts");
  await client.exchange(`
    C: A001 ENABLE IMAP4rev2
    S: A001 OK ...
    C: A010 SELECT Drafts
    S: A010 OK ...
    C: A011 UID REPLACE 4 Drafts CATENATE (TEXT {71}
    S: + ...
    C: To: Mitzy <miss.mitzy@example.org>
    C: Subject: My view of the fireworks
    C:  URL "/Drafts/;UID=4")
    S: * OK [APPENDUID ${validity} 5] ...
    S: * 4 EXPUNGE
    S: * 4 EXISTS
    S: A011 OK ...
    C: A012 FETCH 4 BODY.PEEK[HEADER.FIELDS (TO FROM)]
    S: * 4 FETCH (BODY[HEADER.FIELDS (TO FROM)] {82}
    S: To: Mitzy <miss.mitzy@example.org>
    S: From: Fritz Schmidt <fritz.ze@example.org>
    S:
    S: )
    S: A012 OK ...
  `);
});
