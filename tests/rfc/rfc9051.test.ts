import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

const MOOCH = `Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)\r
From: Fred Foobar <foobar@Blurdybloop.example>\r
Subject: afternoon meeting\r
To: mooch@owatagu.siam.edu.example\r
Message-Id: <B27397-0100000@Blurdybloop.example>\r
MIME-Version: 1.0\r
Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r
\r
Hello Joe, do you think we can meet at 3:30 tomorrow?\r
`;

/** UTF-8 as the test client shows it: a character for each byte. */
const bytes = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

protocolTest("CAPABILITY with an argument is BAD (RFC 9051 §6.1.1)", async (t) => {
  const client = await t.connect();
  await client.exchange(`
    C: a CAPABILITY x
    S: a BAD ...
  `);
});

protocolTest("LOGOUT: what was sent after it is not run (RFC 9051 §6.1.3)", async (t) => {
  const client = await t.login();
  await client.send("A023 LOGOUT\r\nA024 CREATE late\r\n");
  await client.exchange(`
    S: * BYE ...
    S: A023 OK LOGOUT done
  `);
  assert.equal(await client.rest(), "");
  const other = await t.login();
  assert.deepEqual(await other.ok('LIST "" late'), []);
});

protocolTest("LOGIN when logged in, SELECT before it: BAD (RFC 9051 §3)", async (t) => {
  await t.account();
  const client = await t.connect();
  await client.exchange(`
    C: a001 SELECT INBOX
    S: a001 BAD ...
    C: a002 LOGIN alice@example.org secret
    S: a002 OK [CAPABILITY ...] ...
    C: a003 LOGIN alice@example.org secret
    S: a003 BAD ...
    C: a004 AUTHENTICATE PLAIN
    S: a004 BAD ...
    C: a005 FETCH 1 FLAGS
    S: a005 BAD ...
  `);
});

protocolTest("AUTHENTICATE: a client that gives up with * gets BAD (RFC 9051 §6.2.2)", async (t) => {
  const client = await t.connect();
  await client.send("a AUTHENTICATE PLAIN\r\n");
  assert.equal(await client.line(), "+ ");
  await client.exchange(`
    C: *
    S: a BAD ...
    C: b AUTHENTICATE KERBEROS_V4
    S: b NO ...
    C: c NOOP
    S: c OK ...
  `);
});

protocolTest("ENABLE tells what it turned on, once (RFC 9051 §6.3.1)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: t2 ENABLE CONDSTORE X-GOOD-IDEA
    S: * ENABLED CONDSTORE
    S: t2 OK ...
    C: t3 ENABLE imap4REV2 CONDSTORE
    S: * ENABLED IMAP4rev2
    S: t3 OK ...
    C: t4 ENABLE
    S: t4 BAD ...
  `);
});

protocolTest("SELECT of IMAP4rev2 (RFC 9051 §6.3.2)", async (t) => {
  const client = await t.login({ inbox: [mail("one"), mail("two")] });
  await client.ok("ENABLE IMAP4rev2");
  await client.exchange(`
    C: A142 SELECT INBOX
    S: * FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft ...)
    S: * OK [PERMANENTFLAGS (\\Seen ... \\*)] ...
    S: * 2 EXISTS
    S: * OK [UIDVALIDITY ${await t.uidvalidity("INBOX")}] ...
    S: * OK [UIDNEXT 3] ...
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * OK [MAILBOXID (...)] ...
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: A142 OK [READ-WRITE] SELECT done
    C: A143 SELECT Sent
    S: * OK [CLOSED] ...
    S: ...
    S: * LIST (\\HasNoChildren \\Sent) "/" Sent
    S: A143 OK [READ-WRITE] SELECT done
  `);
});

for (const name of ["nowhere", '"a//b"', '""', "/"]) {
  protocolTest(`SELECT ${name} fails and leaves no mailbox selected (RFC 9051 §6.3.2)`, async (t) => {
    const client = await t.login();
    await client.exchange(`
      C: a SELECT INBOX
      S: a OK ...
      C: b EXAMINE ${name}
      S: * OK [CLOSED] ...
      S: b NO ...
      C: c CHECK
      S: c BAD ...
    `);
  });
}

protocolTest("a SELECT with a syntax fault changes nothing (RFC 9051 §7.1.3)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b SELECT
    S: b BAD ...
    C: c SELECT Sent (UNHEARD)
    S: c BAD ...
    C: d CHECK
    S: d OK ...
  `);
});

protocolTest("CREATE: a separator at the end is ignored, parents are made (RFC 9051 §6.3.4)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: A003 CREATE owatagusiam/
    S: A003 OK ...
    C: A004 CREATE owatagusiam/blurdybloop
    S: A004 OK ...
    C: A005 CREATE foo/bar/zap
    S: A005 OK ...
    C: A006 LIST "" *o*/%
    S: * LIST (\\HasChildren) "/" foo/bar
    S: * LIST (\\HasNoChildren) "/" foo/bar/zap
    S: * LIST (\\HasNoChildren) "/" owatagusiam/blurdybloop
    S: A006 OK ...
    C: A007 CREATE inbox
    S: A007 NO [ALREADYEXISTS] ...
    C: A008 CREATE owatagusiam
    S: A008 NO [ALREADYEXISTS] ...
  `);
});

protocolTest("OLDNAME tells which name was made of a denormalised one (RFC 9051 §6.3.9.7)", async (t) => {
  const client = await t.login();
  await client.ok("ENABLE IMAP4rev2");
  const sent = "E\u0301te";
  const kept = bytes("\u00c9te");
  await client.exchange(`
    C: A005 CREATE "${sent}"
    S: * LIST (\\HasNoChildren \\Subscribed) "/" "${kept}" ("OLDNAME" ("${bytes(sent)}"))
    S: A005 OK [MAILBOXID (...)] ...
    C: A006 EXAMINE "${sent}"
    S: ...
    S: * LIST (\\HasNoChildren \\Subscribed) "/" "${kept}" ("OLDNAME" ("${bytes(sent)}"))
    S: A006 OK [READ-ONLY] ...
    C: A007 SELECT "\u00c9te"
    S: ...
    S: * LIST (\\HasNoChildren) "/" "${kept}"
    S: A007 OK ...
    C: A008 UNSELECT
    S: A008 OK ...
    C: A009 RENAME "${sent}" NewMailbox
    S: * LIST (\\HasNoChildren \\Subscribed) "/" NewMailbox ("OLDNAME" ("${bytes(sent)}"))
    S: A009 OK ...
    C: A010 RENAME NewMailbox "${sent}"
    S: * LIST (\\HasNoChildren \\Subscribed) "/" "${kept}" ("OLDNAME" (NewMailbox))
    S: A010 OK ...
    C: A011 DELETE "${sent}"
    S: * LIST (\\NonExistent \\Subscribed) "/" "${kept}" ("OLDNAME" ("${bytes(sent)}"))
    S: A011 OK ...
    C: A012 SELECT inbox
    S: ...
    S: * LIST (\\HasNoChildren \\Subscribed) "/" INBOX ("OLDNAME" (inbox))
    S: A012 OK ...
  `);
  await client.send(`A013 APPEND Inbox {${MOOCH.length}+}\r\n${MOOCH}\r\n`);
  await client.exchange(`
    S: * LIST (\\HasNoChildren \\Subscribed) "/" INBOX ("OLDNAME" (Inbox))
    S: * 1 EXISTS
    S: A013 OK [APPENDUID ...] ...
  `);
});

protocolTest("DELETE: INBOX, what is missing and what has children stay (RFC 9051 §6.3.5)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE foo/bar");
  await client.exchange(`
    C: A684 DELETE blurdybloop
    S: A684 NO [NONEXISTENT] ...
    C: A685 DELETE foo
    S: A685 NO [HASCHILDREN] ...
    C: A686 DELETE foo/bar
    S: A686 OK ...
    C: A687 DELETE foo
    S: A687 OK ...
    C: A688 DELETE INBOX
    S: A688 NO [CANNOT] ...
  `);
});

protocolTest("a mailbox made anew has another UIDVALIDITY (RFC 9051 §6.3.5)", async (t) => {
  const client = await t.login();
  await t.fill("foo", [mail("one")]);
  const before = await t.uidvalidity("foo");
  await client.ok("DELETE foo");
  await client.ok("CREATE foo");
  assert((await t.uidvalidity("foo")) > before);
  const renamed = await t.uidvalidity("foo");
  await client.ok("RENAME foo bar");
  assert.equal(await t.uidvalidity("bar"), renamed);
});

protocolTest("DELETE of the selected mailbox closes it (RFC 9051 §3)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE foo");
  await client.ok("SELECT foo");
  await client.exchange(`
    C: a DELETE foo
    S: * OK [CLOSED] ...
    S: a OK DELETE done
    C: b CHECK
    S: b BAD ...
  `);
});

protocolTest("RENAME moves children along and makes parents (RFC 9051 §6.3.6)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE blurdybloop");
  await client.ok("CREATE foo");
  await client.exchange(`
    C: A683 RENAME blurdybloop sarasoop
    S: A683 OK ...
    C: A684 RENAME foo zowie
    S: A684 OK ...
    C: A685 RENAME zowie foo/bar/zap
    S: A685 OK ...
    C: A686 RENAME foo baz
    S: A686 OK ...
    C: A687 LIST "" (foo* ba* s* z*)
    S: * LIST (\\HasChildren) "/" baz
    S: * LIST (\\HasChildren) "/" baz/bar
    S: * LIST (\\HasNoChildren) "/" baz/bar/zap
    S: * LIST (\\HasNoChildren) "/" sarasoop
    S: A687 OK ...
    C: A688 RENAME nowhere there
    S: A688 NO [NONEXISTENT] ...
    C: A689 RENAME baz sarasoop
    S: A689 NO [ALREADYEXISTS] ...
  `);
});

protocolTest("RENAME of INBOX moves its messages and leaves its children (RFC 9051 §6.3.6)", async (t) => {
  const client = await t.login({ inbox: [mail("one"), mail("two")] });
  await client.ok("CREATE INBOX/bar");
  await client.exchange(`
    C: Z432 LIST "" INBOX*
    S: * LIST (\\HasChildren) "/" INBOX
    S: * LIST (\\HasNoChildren) "/" INBOX/bar
    S: Z432 OK ...
    C: Z433 RENAME INBOX old-mail
    S: Z433 OK RENAME done
    C: Z434 LIST "" (INBOX* old*)
    S: * LIST (\\HasChildren) "/" INBOX
    S: * LIST (\\HasNoChildren) "/" INBOX/bar
    S: * LIST (\\HasNoChildren) "/" old-mail
    S: Z434 OK ...
    C: Z435 STATUS old-mail (MESSAGES)
    S: * STATUS old-mail (MESSAGES 2)
    S: Z435 OK ...
    C: Z436 STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S: Z436 OK ...
  `);
});

protocolTest("LIST: reference names and patterns (RFC 9051 §6.3.9)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE foo/bar");
  await client.exchange(`
    C: A101 LIST "" ""
    S: * LIST (\\Noselect) "/" ""
    S: A101 OK ...
    C: A103 LIST foo/ %
    S: * LIST (\\HasNoChildren) "/" foo/bar
    S: A103 OK ...
    C: A104 LIST / foo
    S: * LIST (\\HasChildren) "/" foo
    S: A104 OK ...
    C: A105 LIST Archive/ /foo/%
    S: * LIST (\\HasNoChildren) "/" foo/bar
    S: A105 OK ...
    C: A106 LIST foo bar
    S: A106 OK LIST done
  `);
});

protocolTest("STATUS: items in the order asked, of a mailbox that may be selected (RFC 9051 §6.3.11)", async (t) => {
  const client = await t.login({ inbox: [mail("one"), { text: mail("two"), flags: ["\\Seen", "\\Deleted"] }] });
  await client.ok("SELECT INBOX");
  const size = mail("one").length + mail("two").length;
  await client.exchange(`
    C: A042 STATUS inbox (UIDNEXT MESSAGES UNSEEN DELETED SIZE)
    S: * STATUS INBOX (UIDNEXT 3 MESSAGES 2 UNSEEN 1 DELETED 1 SIZE ${size})
    S: A042 OK ...
    C: A043 STATUS INBOX ()
    S: A043 BAD ...
    C: A044 STATUS INBOX (MESSAGE)
    S: A044 BAD ...
    C: A045 STATUS nowhere (MESSAGES)
    S: A045 NO [NONEXISTENT] ...
  `);
});

protocolTest("APPEND with a synchronising literal (RFC 9051 §6.3.12)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE saved-messages");
  await client.exchange(`
    C: A003 APPEND saved-messages (\\Seen) {${MOOCH.length}}
    S: + ...
  `);
  await client.send(`${MOOCH}\r\n`);
  await client.exchange(`
    S: A003 OK [APPENDUID ${await t.uidvalidity("saved-messages")} 1] APPEND done
  `);
});

protocolTest("SEARCH (RFC 9051 §6.4.4)", async (t) => {
  const client = await t.login({
    inbox: [
      { text: mail("one", "x", ["From: Smith <smith@example.org>"]), flags: ["\\Deleted"] },
      { text: mail("two", "fat chance") },
      { text: mail("three"), flags: ["\\Flagged"] },
    ],
  });
  await client.ok("ENABLE IMAP4rev2");
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: A282 SEARCH RETURN (MIN COUNT) FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
    S: * ESEARCH (TAG "A282") MIN 3 COUNT 1
    S: A282 OK ...
    C: A283 SEARCH RETURN () FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
    S: * ESEARCH (TAG "A283") ALL 3
    S: A283 OK ...
    C: A284 SEARCH TEXT "string not in mailbox"
    S: * ESEARCH (TAG "A284")
    S: A284 OK ...
    C: A285 UID SEARCH RETURN (MIN MAX) 1:5000
    S: A285 BAD ...
    C: A286 UID SEARCH RETURN (MIN MAX) UID 1:5000
    S: * ESEARCH (TAG "A286") UID MIN 1 MAX 3
    S: A286 OK ...
    C: A287 SEARCH CHARSET UTF-8 TEXT {3+}
    C: fat
    S: * ESEARCH (TAG "A287") ALL 2
    S: A287 OK ...
    C: A288 SEARCH CHARSET KLINGON ALL
    S: A288 NO [BADCHARSET (US-ASCII UTF-8)] ...
  `);
});

protocolTest("STORE (RFC 9051 §6.4.6)", async (t) => {
  const client = await t.login({ inbox: [mail("1"), { text: mail("2"), flags: ["\\Seen"] }, mail("3"), mail("4")] });
  await client.ok("ENABLE IMAP4rev2");
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: A003 STORE 2:4 +FLAGS (\\Deleted)
    S: * 2 FETCH (UID 2 FLAGS (\\Seen \\Deleted))
    S: * 3 FETCH (UID 3 FLAGS (\\Deleted))
    S: * 4 FETCH (UID 4 FLAGS (\\Deleted))
    S: A003 OK ...
    C: A004 STORE 2 FLAGS ()
    S: * 2 FETCH (UID 2 FLAGS ())
    S: A004 OK ...
    C: A005 STORE 3:4 -FLAGS.SILENT (\\Deleted)
    S: A005 OK STORE done
    C: A006 STORE 1 +FLAGS (\\Recent)
    S: A006 BAD ...
    C: A007 STORE 1 +FLAG (\\Seen)
    S: A007 BAD ...
  `);
});

protocolTest("COPY keeps flags and date, and asks for a missing mailbox (RFC 9051 §6.4.7)", async (t) => {
  const inbox = [1, 2, 3, 4].map((n) => ({ text: mail(`${n}`), flags: ["\\Flagged", "work"], date: 837_571_465 }));
  const client = await t.login({ inbox });
  await client.ok("ENABLE IMAP4rev2");
  await client.ok("CREATE MEETING");
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: A003 COPY 2:4 MEETING
    S: A003 OK [COPYUID ${await t.uidvalidity("MEETING")} 2:4 1:3] COPY done
    C: A004 COPY 2:4 nowhere
    S: A004 NO [TRYCREATE] ...
    C: A005 SELECT MEETING
    S: A005 OK ...
    C: A006 FETCH 1 (FLAGS INTERNALDATE)
    S: * 1 FETCH (FLAGS (\\Flagged work) INTERNALDATE "17-Jul-1996 02:44:25 +0000")
    S: A006 OK ...
  `);
});

protocolTest("UID FETCH of UIDs that are not there is OK; * is the last message (RFC 9051 §6.4.9)", async (t) => {
  const client = await t.login({ inbox: [mail("1"), mail("2")] });
  await client.ok("ENABLE IMAP4rev2");
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: A999 UID FETCH 4827313:4828442 FLAGS
    S: A999 OK UID FETCH done
    C: B000 UID FETCH 559:* FLAGS
    S: * 2 FETCH (UID 2 FLAGS ())
    S: B000 OK ...
    C: B001 FETCH 3 FLAGS
    S: B001 BAD ...
    C: B002 FETCH 2,4:7,9,12:* FLAGS
    S: B002 BAD ...
    C: B003 FETCH 0 FLAGS
    S: B003 BAD ...
    C: B004 UID COPY 5 Archive
    S: B004 OK UID COPY done
  `);
});

protocolTest("sections and partials of a message (RFC 9051 §6.4.5.1)", async (t) => {
  const lines = [
    "MIME-Version: 1.0",
    "Content-Type: multipart/mixed; boundary=b",
  ];
  const parts = [
    "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n",
    "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner\r\n",
    "--b--\r\n",
  ];
  const client = await t.login({ inbox: [mail("one", parts.join(""), lines)] });
  await client.ok("SELECT INBOX");
  const sections: readonly (readonly [string, string, string])[] = [
    ["BODY.PEEK[1]", "BODY[1]", "hello"],
    ["BODY.PEEK[1]<1.3>", "BODY[1]<1>", "ell"],
    ["BODY.PEEK[1]<4.100>", "BODY[1]<4>", "o"],
    ["BODY.PEEK[1]<5.1>", "BODY[1]<5>", ""],
    ["BODY.PEEK[1]<4294967295.1>", "BODY[1]<4294967295>", ""],
    ["BODY.PEEK[1.MIME]", "BODY[1.MIME]", "Content-Type: text/plain\r\n\r\n"],
    ["BODY.PEEK[2.HEADER]", "BODY[2.HEADER]", "Subject: inner\r\n\r\n"],
    ["body.peek[2.header.fields (SUBJECT x)]", "BODY[2.HEADER.FIELDS (SUBJECT x)]", "Subject: inner\r\n\r\n"],
    ["BODY.PEEK[2.HEADER.FIELDS.NOT (subject)]", "BODY[2.HEADER.FIELDS.NOT (subject)]", "\r\n"],
    ["BODY.PEEK[2.TEXT]", "BODY[2.TEXT]", "inner"],
    ["BODY.PEEK[2.1]", "BODY[2.1]", "inner"],
    ["BINARY.PEEK[1]<1.3>", "BINARY[1]<1>", "ell"],
  ];
  for (const [asked, label, value] of sections) {
    await client.send(`s FETCH 1 ${asked}\r\n`);
    assert.equal(
      (await client.answer("s")).join("\r\n"),
      `* 1 FETCH (${label} {${value.length}}\r\n${value})\r\ns OK FETCH done`,
    );
  }
  await client.exchange(`
    C: n1 FETCH 1 (BODY.PEEK[3] BODY.PEEK[1.1.1] BODY.PEEK[1.HEADER])
    S: * 1 FETCH (BODY[3] NIL BODY[1.1.1] NIL BODY[1.HEADER] NIL)
    S: n1 OK ...
  `);
  for (
    const wrong of [
      "[",
      "[MIME]",
      "[0]",
      "[1.0]",
      "[1.]",
      "[.1]",
      "[1..2]",
      "[1.TEXT.MIME]",
      "[HEADER.FIELDS]",
      "[HEADER.FIELDS ()]",
      "[TEXT]<1>",
      "[TEXT]<1.0>",
      "[TEXT]<-1.5>",
      "[ TEXT]",
      "[NOPE]",
    ]
  ) assert.match((await client.command(`FETCH 1 BODY.PEEK${wrong}`))[0], /^\S+ BAD /, wrong);
});

protocolTest("macros stand alone (RFC 9051 §6.4.5)", async (t) => {
  const client = await t.login({ inbox: [mail("1")] });
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b FETCH 1 (FLAGS FAST)
    S: b BAD ...
    C: c FETCH 1 ()
    S: c BAD ...
    C: d FETCH 1 FAST
    S: * 1 FETCH (FLAGS (\\Recent) INTERNALDATE "..." RFC822.SIZE ${mail("1").length})
    S: d OK ...
  `);
});

protocolTest("commands with literals can be pipelined (RFC 9051 §5.5)", async (t) => {
  const client = await t.login();
  const append = (tag: string) => `${tag} APPEND {5+}\r\nINBOX (\\Seen) {${MOOCH.length}+}\r\n${MOOCH}\r\n`;
  await client.send(`${append("a")}${append("b")}c STATUS {5+}\r\nINBOX (MESSAGES)\r\nd NOOP\r\n`);
  await client.exchange(`
    S: a OK [APPENDUID ... 1] APPEND done
    S: b OK [APPENDUID ... 2] APPEND done
    S: * STATUS INBOX (MESSAGES 2)
    S: c OK ...
    S: d OK ...
  `);
});

protocolTest("literal and string syntax (RFC 9051 §4.3, §9)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a SELECT {5+}
    C: INBOX
    S: a OK ...
    C: b SELECT ~{5+}
    C: INBOX
    S: b BAD ...
    C: c STATUS "IN\\BOX" (MESSAGES)
    S: c BAD ...
    C: d STATUS "INBOX (MESSAGES)
    S: d BAD ...
    C: e STATUS {05+}
    C: INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S: e OK ...
    C: f STATUS INBOX  (MESSAGES)
    S: f BAD ...
    C: g STATUS INBOX (MESSAGES )
    S: g BAD ...
  `);
  await client.send("i NOOP \r\n");
  assert.match(await client.line(), /^i BAD /);
});

protocolTest("IMAP4rev2 has no RECENT: not in SELECT, FETCH, new mail (RFC 9051 appendix E)", async (t) => {
  const client = await t.login({ inbox: [mail("1")] });
  await client.ok("ENABLE IMAP4rev2");
  const lines = await client.ok("SELECT INBOX");
  await t.fill("INBOX", [mail("2")]);
  lines.push(...await client.ok("NOOP"), ...await client.ok("FETCH 1:2 FLAGS"));
  lines.push(...await client.ok("STORE 1 +FLAGS (\\Seen)"));
  assert(!lines.some((line) => /recent/i.test(line)), lines.join("\n"));
});

protocolTest("names are UTF-8 in every response after ENABLE IMAP4rev2 (RFC 9051 §5.1)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE &AMQ-pfel");
  await client.exchange(`
    C: a LIST "" *pfel
    S: * LIST (\\HasNoChildren) "/" "&AMQ-pfel"
    S: a OK ...
    C: b STATUS &AMQ-pfel (MESSAGES)
    S: * STATUS "&AMQ-pfel" (MESSAGES 0)
    S: b OK ...
    C: c GETQUOTAROOT &AMQ-pfel
    S: * QUOTAROOT "&AMQ-pfel" ""
    S: * QUOTA "" ()
    S: c OK ...
    C: d LSUB "" *pfel
    S: * LSUB () "/" "&AMQ-pfel"
    S: d OK ...
    C: e ENABLE IMAP4rev2
    S: * ENABLED IMAP4rev2
    S: e OK ...
  `);
  const name = bytes("\u00c4pfel");
  await client.exchange(`
    C: a LIST "" *pfel RETURN (STATUS (MESSAGES))
    S: * LIST (\\HasNoChildren) "/" "${name}"
    S: * STATUS "${name}" (MESSAGES 0)
    S: a OK ...
    C: c GETQUOTAROOT "\u00c4pfel"
    S: * QUOTAROOT "${name}" ""
    S: * QUOTA "" ()
    S: c OK ...
    C: d LSUB "" *pfel
    S: * LSUB () "/" "${name}"
    S: d OK ...
    C: e RENAME "\u00c4pfel" "\u00d6l"
    S: * LIST (\\HasNoChildren \\Subscribed) "/" "${bytes("\u00d6l")}" ("OLDNAME" ("${name}"))
    S: e OK ...
    C: f LIST "" &AMQ-pfel
    S: f OK LIST done
  `);
});

protocolTest(
  "a sequence set in any order and with repeats is answered once each (RFC 9051 §9, sequence-set)",
  async (t) => {
    const client = await t.login({ inbox: ["1", "2", "3"].map((name) => mail(name)) });
    await client.ok("SELECT INBOX");
    await client.exchange(`
    C: a FETCH 3,1:2,*,2:1 UID
    S: * 1 FETCH (UID 1)
    S: * 2 FETCH (UID 2)
    S: * 3 FETCH (UID 3)
    S: a OK ...
  `);
  },
);

protocolTest(
  "keywords keep the case in which they first came (RFC 9051 §2.3.2)",
  async (t) => {
    const client = await t.login({ inbox: [mail("1")] });
    await client.ok("SELECT INBOX");
    await client.exchange(`
    C: a STORE 1 +FLAGS.SILENT (Label)
    S: a OK ...
    C: b STORE 1 +FLAGS (LABEL \\SEEN)
    S: * 1 FETCH (UID 1 FLAGS (\\Seen Label \\Recent))
    S: b OK ...
    C: c SEARCH KEYWORD laBEL
    S: * SEARCH 1
    S: c OK ...
  `);
  },
);
