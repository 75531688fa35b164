import { mail, protocolTest } from "../support/protocol.ts";

const inbox = ["1", "2", "3", "4"].map((name) => ({ text: mail(name), flags: ["\\Flagged", "work"] }));

protocolTest("MOVE: COPYUID before the removals (RFC 6851 §4.3)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("CREATE foo");
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: a UID MOVE 2:3 foo
    S: * OK [COPYUID ${await t.uidvalidity("foo")} 2:3 1:2] ...
    S: * 2 EXPUNGE
    S: * 2 EXPUNGE
    S: a OK UID MOVE done
    C: b MOVE 1 nowhere
    S: b NO [TRYCREATE] ...
    C: c FETCH 1:2 UID
    S: * 1 FETCH (UID 1)
    S: * 2 FETCH (UID 4)
    S: c OK ...
  `);
});

protocolTest("MOVE leaves \\Deleted unset and does not expunge others (RFC 6851 §3.3)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX");
  await client.ok("STORE 4 +FLAGS.SILENT (\\Deleted)");
  await client.exchange(`
    C: a MOVE 1 Archive
    S: * OK [COPYUID ... 1 1] ...
    S: * 1 EXPUNGE
    S: a OK MOVE done
    C: b SELECT Archive
    S: b OK ...
    C: c FETCH 1 FLAGS
    S: * 1 FETCH (FLAGS (\\Flagged work \\Recent))
    S: c OK ...
    C: d STATUS INBOX (MESSAGES DELETED)
    S: * STATUS INBOX (MESSAGES 3 DELETED 1)
    S: d OK ...
  `);
});

protocolTest("MOVE with QRESYNC: VANISHED, and HIGHESTMODSEQ in the OK (RFC 6851 §4.4)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("ENABLE QRESYNC");
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: a MOVE 1,3 Archive
    S: * OK [COPYUID ... 1,3 1:2] ...
    S: * VANISHED 1,3
    S: a OK [HIGHESTMODSEQ ...] ...
    C: b UID MOVE 1,3 Archive
    S: b OK UID MOVE done
  `);
});

protocolTest("MOVE into the mailbox itself gives new UIDs (RFC 6851 §3.3)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("ENABLE IMAP4rev2");
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: a MOVE 1:2 INBOX
    S: * OK [COPYUID ... 1:2 5:6] ...
    S: * 1 EXPUNGE
    S: * 1 EXPUNGE
    S: * 4 EXISTS
    S: a OK MOVE done
    C: b UID SEARCH ALL
    S: * ESEARCH (TAG "b") UID ALL 3:6
    S: b OK ...
  `);
});

protocolTest("MOVE from a mailbox opened with EXAMINE is NO (RFC 6851 §3.3)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: a OK ...
    C: b MOVE 1 Archive
    S: b NO [READ-ONLY] ...
    C: c COPY 1 Archive
    S: c OK [COPYUID ...] COPY done
  `);
});
