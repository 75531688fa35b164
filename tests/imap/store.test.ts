import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("STORE sets, adds, removes, answers with FETCH (RFC 9051 §6.4.6)", async (t) => {
  const client = await t.login({ inbox: [mail("1"), mail("2")] });
  await client.ok("ENABLE IMAP4rev2");
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b STORE 1:2 +FLAGS (\\Deleted)
    S: * 1 FETCH (UID 1 FLAGS (\\Deleted))
    S: * 2 FETCH (UID 2 FLAGS (\\Deleted))
    S: b OK ...
    C: c STORE 2 FLAGS \\Seen \\Flagged
    S: * 2 FETCH (UID 2 FLAGS (\\Seen \\Flagged))
    S: c OK ...
    C: d STORE 2 -FLAGS.SILENT (\\Seen)
    S: d OK ...
    C: e FETCH 2 FLAGS
    S: * 2 FETCH (FLAGS (\\Flagged))
    S: e OK ...
    C: f UID STORE 1 FLAGS ()
    S: * 1 FETCH (UID 1 FLAGS ())
    S: f OK ...
    C: g STORE 3 FLAGS (\\Seen)
    S: g BAD ...
    C: h UID STORE 300 FLAGS (\\Seen)
    S: h OK ...
  `);
});

protocolTest("a change that changes nothing is still answered, and raises no modseq", async (t) => {
  const client = await t.login({ inbox: [{ text: mail("1"), flags: ["\\Seen"] }] });
  await client.ok("SELECT INBOX (CONDSTORE)");
  const [before] = await client.ok("FETCH 1 (MODSEQ)");
  const modseq = /MODSEQ \((\d+)\)/.exec(before)?.[1];
  await client.exchange(`
    C: a STORE 1 +FLAGS (\\Seen)
    S: * 1 FETCH (UID 1 FLAGS (\\Seen \\Recent) MODSEQ (${modseq}))
    S: a OK ...
  `);
});

protocolTest("keywords keep the case in which they first came and are announced", async (t) => {
  const client = await t.login({ inbox: [mail("1")] });
  await client.ok("ENABLE IMAP4rev2");
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b STORE 1 +FLAGS ($Work)
    S: * FLAGS (... $Work)
    S: * OK [PERMANENTFLAGS (... $Work \\*)] ...
    S: * 1 FETCH (UID 1 FLAGS ($Work))
    S: b OK ...
    C: c STORE 1 +FLAGS ($WORK)
    S: * 1 FETCH (UID 1 FLAGS ($Work))
    S: c OK ...
    C: d STORE 1 +FLAGS (\\Recent)
    S: d BAD ...
    C: e STORE 1 +FLAGS (\\Nonsense)
    S: e BAD ...
  `);
});

protocolTest(
  "no EXPUNGE during STORE, FETCH and SEARCH; it comes with the next command (RFC 9051 §7.5.1)",
  async (t) => {
    const alice = await t.login({ inbox: [mail("1"), mail("2"), mail("3")] });
    const other = await t.login();
    await alice.ok("SELECT INBOX");
    await other.ok("SELECT INBOX");
    await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
    await other.ok("EXPUNGE");
    await alice.exchange(`
    C: a FETCH 1:3 UID
    S: * 2 FETCH (UID 2)
    S: * 3 FETCH (UID 3)
    S: * 1 FETCH (UID 1)
    S: a OK ...
    C: b STORE 2 +FLAGS (\\Seen)
    S: * 2 FETCH (UID 2 FLAGS (\\Seen \\Recent))
    S: b OK ...
    C: c SEARCH ALL
    S: * SEARCH 2 3
    S: c OK ...
    C: d NOOP
    S: * 1 EXPUNGE
    S: d OK ...
    C: e SEARCH SEEN
    S: * SEARCH 1
    S: e OK ...
  `);
  },
);

protocolTest("an expunged message stays readable until its removal is told (RFC 2180 §4.1.2)", async (t) => {
  const alice = await t.login({ inbox: [mail("kept")] });
  const other = await t.login();
  await alice.ok("SELECT INBOX");
  await other.ok("SELECT INBOX");
  await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
  await other.ok("EXPUNGE");
  await alice.exchange(`
    C: a FETCH 1 (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])
    S: * 1 FETCH (FLAGS (... BODY[HEADER.FIELDS (SUBJECT)] {17}
    S: Subject: kept
    S:
    S: )
    S: a OK ...
  `);
});

protocolTest("changes by another session are told once (RFC 9051 §7)", async (t) => {
  const alice = await t.login({ inbox: [mail("1")] });
  const other = await t.login();
  await alice.ok("ENABLE IMAP4rev2");
  await alice.ok("SELECT INBOX");
  await other.ok("SELECT INBOX");
  await other.ok("STORE 1 +FLAGS (\\Flagged)");
  await alice.exchange(`
    C: a NOOP
    S: * 1 FETCH (UID 1 FLAGS (\\Flagged))
    S: a OK ...
    C: b NOOP
    S: b OK ...
  `);
});
