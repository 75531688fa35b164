import { mail, protocolTest } from "../support/protocol.ts";

const SIX = ["a", "b", "c", "d", "e", "f"].map((subject) => mail(subject));

protocolTest("PARTIAL in UID FETCH counts from the first or the last message named (RFC 9394 §3.3)", async (t) => {
  const alice = await t.login({ inbox: SIX });
  await alice.ok("ENABLE IMAP4rev2");
  await alice.exchange(`
    C: a1 SELECT INBOX
    S: a1 OK ...
    C: a2 UID FETCH 2:100 (UID FLAGS) (PARTIAL -1:-3)
    S: * 4 FETCH (UID 4 FLAGS ())
    S: * 5 FETCH (UID 5 FLAGS ())
    S: * 6 FETCH (UID 6 FLAGS ())
    S: a2 OK ...
    C: a3 UID FETCH 2:100 (UID) (PARTIAL 2:3)
    S: * 3 FETCH (UID 3)
    S: * 4 FETCH (UID 4)
    S: a3 OK ...
    C: a4 UID FETCH 1:2,5:6 (UID) (partial -3:-2)
    S: * 2 FETCH (UID 2)
    S: * 5 FETCH (UID 5)
    S: a4 OK ...
    C: a5 UID FETCH 1:* (UID) (PARTIAL 5:4000000000)
    S: * 5 FETCH (UID 5)
    S: * 6 FETCH (UID 6)
    S: a5 OK ...
    C: a6 UID FETCH 1:* (UID) (PARTIAL 7:9)
    S: a6 OK ...
    C: a7 UID FETCH 1:* (UID) (PARTIAL -7:-9)
    S: a7 OK ...
    C: a8 UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (Subject)]) (PARTIAL -1:-1)
    S: * 6 FETCH (UID 6 BODY[HEADER.FIELDS (Subject)] {14}
    S: Subject: f
    S:
    S: )
    S: a8 OK ...
  `);
});

protocolTest("PARTIAL goes before CHANGEDSINCE, in whatever order they are given (RFC 9394 §3.4)", async (t) => {
  const alice = await t.login({ inbox: SIX });
  await alice.ok("ENABLE CONDSTORE IMAP4rev2");
  const lines = await alice.ok("SELECT INBOX");
  const modseq = /HIGHESTMODSEQ (\d+)/.exec(lines.join())?.[1];
  await alice.ok("UID STORE 2,6 +FLAGS.SILENT (\\Flagged)");
  for (const modifiers of [`PARTIAL -1:-3 CHANGEDSINCE ${modseq}`, `CHANGEDSINCE ${modseq} PARTIAL -1:-3`]) {
    await alice.exchange(`
      C: a1 UID FETCH 1:* (FLAGS) (${modifiers})
      S: * 6 FETCH (UID 6 FLAGS (\\Flagged) MODSEQ (...))
      S: a1 OK ...
    `);
  }
});

protocolTest("PARTIAL in FETCH with wrong grammar is BAD", async (t) => {
  const alice = await t.login({ inbox: SIX });
  await alice.ok("SELECT INBOX");
  await alice.exchange(`
    C: a1 UID FETCH 1:* (UID) (PARTIAL 1:-3)
    S: a1 BAD ...
    C: a2 UID FETCH 1:* (UID) (PARTIAL -1:3)
    S: a2 BAD ...
    C: a3 UID FETCH 1:* (UID) (PARTIAL 0:3)
    S: a3 BAD ...
    C: a4 UID FETCH 1:* (UID) (PARTIAL 1:*)
    S: a4 BAD ...
    C: a5 UID FETCH 1:* (UID) (PARTIAL 1)
    S: a5 BAD ...
    C: a6 UID FETCH 1:* (UID) (PARTIAL 1:2 PARTIAL 3:4)
    S: a6 BAD ...
    C: a7 FETCH 1:* (UID) (PARTIAL 1:2)
    S: a7 BAD ...
  `);
});

protocolTest("PARTIAL with UIDONLY", async (t) => {
  const alice = await t.login({ inbox: SIX });
  await alice.ok("ENABLE UIDONLY IMAP4rev2");
  await alice.ok("SELECT INBOX");
  await alice.exchange(`
    C: a UID FETCH 1:* (FLAGS) (PARTIAL -2:-1)
    S: * 5 UIDFETCH (FLAGS ())
    S: * 6 UIDFETCH (FLAGS ())
    S: a OK ...
  `);
});
