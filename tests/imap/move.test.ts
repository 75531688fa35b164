import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("MOVE tells COPYUID before EXPUNGE (RFC 6851 §4.3)", async (t) => {
  const alice = await t.login({ inbox: [mail("one"), mail("two")] });
  await alice.exchange(`
    C: a1 SELECT INBOX
    S: a1 OK [READ-WRITE] ...
    C: a2 MOVE 2 Archive
    S: * OK [COPYUID ${await t.uidvalidity("Archive")} 2 1] ...
    S: * 2 EXPUNGE
    S: a2 OK ...
  `);
});

protocolTest("UID MOVE with QRESYNC tells VANISHED and HIGHESTMODSEQ (RFC 7162 §3.2.10)", async (t) => {
  const alice = await t.login({ inbox: [mail("one"), mail("two"), mail("three")] });
  await alice.ok("ENABLE QRESYNC");
  await alice.exchange(`
    C: a1 SELECT INBOX
    S: a1 OK ...
    C: a2 UID MOVE 1:2 Archive
    S: * OK [COPYUID ${await t.uidvalidity("Archive")} 1:2 1:2] ...
    S: * VANISHED 1:2
    S: a2 OK [HIGHESTMODSEQ ...] ...
  `);
});

protocolTest("MOVE into a missing mailbox leaves everything as it was", async (t) => {
  const alice = await t.login({ inbox: [mail("one")] });
  await alice.exchange(`
    C: a1 SELECT INBOX
    S: a1 OK ...
    C: a2 MOVE 1 nowhere
    S: a2 NO [TRYCREATE] ...
    C: a3 FETCH 1 UID
    S: * 1 FETCH (UID 1)
    S: a3 OK ...
  `);
});

protocolTest("MOVE within the mailbox gives new UIDs", async (t) => {
  const alice = await t.login({ inbox: [mail("one"), mail("two")] });
  await alice.exchange(`
    C: a1 SELECT INBOX
    S: a1 OK ...
    C: a2 MOVE 1 INBOX
    S: * OK [COPYUID ... 1 3] ...
    S: * 1 EXPUNGE
    S: * 2 EXISTS
    S: * 2 RECENT
    S: a2 OK ...
    C: a3 UID FETCH 1:* UID
    S: * 1 FETCH (UID 2)
    S: * 2 FETCH (UID 3)
    S: a3 OK ...
  `);
});

protocolTest("another session learns of a move as removal and arrival", async (t) => {
  const alice = await t.login({ inbox: [mail("one"), mail("two")] });
  const phone = await t.login();
  await alice.ok("SELECT INBOX");
  await phone.ok("EXAMINE INBOX");
  await alice.ok("MOVE 1 Trash");
  await phone.exchange(`
    C: p NOOP
    S: * 1 EXPUNGE
    S: p OK ...
  `);
});
