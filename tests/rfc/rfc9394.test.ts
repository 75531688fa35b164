/** The examples of RFC 9394 (PARTIAL), in mailboxes of the sizes that they speak of, made smaller. */
import { mail, protocolTest } from "../support/protocol.ts";

const flags = (n: number): string[] =>
  [["\\Seen"], ["\\Flagged"], ["\\Answered"], [], ["\\Answered"], ["\\Seen"], ["\\Flagged", "\\Answered"], []][n % 8];

protocolTest("RFC 9394 §3.3: the last 3 and the first 5 messages of a UID range", async (t) => {
  const alice = await t.login({
    inbox: Array.from({ length: 8 }, (_, n) => ({ text: mail(`m${n}`), flags: flags(n) })),
  });
  await alice.ok("ENABLE IMAP4rev2");
  await alice.exchange(`
    C: 9 SELECT INBOX
    S: 9 OK ...
    C: 10 UID FETCH 1:2600 (UID FLAGS) (PARTIAL -1:-3)
    S: * 6 FETCH (UID 6 FLAGS (\\Seen))
    S: * 7 FETCH (UID 7 FLAGS (\\Answered \\Flagged))
    S: * 8 FETCH (UID 8 FLAGS ())
    S: 10 OK ...
    C: 11 UID FETCH 1:2600 (UID FLAGS) (PARTIAL 1:5)
    S: * 1 FETCH (UID 1 FLAGS (\\Seen))
    S: * 2 FETCH (UID 2 FLAGS (\\Flagged))
    S: * 3 FETCH (UID 3 FLAGS (\\Answered))
    S: * 4 FETCH (UID 4 FLAGS ())
    S: * 5 FETCH (UID 5 FLAGS (\\Answered))
    S: 11 OK ...
  `);
});

protocolTest("RFC 9394 §3.4: PARTIAL and CHANGEDSINCE: of the last 3, those that changed", async (t) => {
  const alice = await t.login({ inbox: Array.from({ length: 8 }, (_, n) => mail(`m${n}`)) });
  await alice.ok("ENABLE IMAP4rev2 CONDSTORE");
  const modseq = /HIGHESTMODSEQ (\d+)/.exec((await alice.ok("SELECT INBOX")).join())?.[1];
  await alice.ok("UID STORE 2,6 +FLAGS.SILENT (\\Flagged \\Answered)");
  await alice.exchange(`
    C: 101 UID FETCH 1:2600 (UID FLAGS) (PARTIAL -1:-3 CHANGEDSINCE ${modseq})
    S: * 6 FETCH (UID 6 FLAGS (\\Answered \\Flagged) MODSEQ (...))
    S: 101 OK ...
  `);
});

protocolTest("RFC 9394 §3.1: parts of a search result, and a part beyond it", async (t) => {
  const alice = await t.login({ inbox: Array.from({ length: 8 }, (_, n) => mail(`m${n}`)) });
  await alice.ok("SELECT INBOX");
  await alice.ok("STORE 4 +FLAGS.SILENT ($Junk)");
  await alice.exchange(`
    C: A01 UID SEARCH RETURN (PARTIAL -1:-3) UNDELETED UNKEYWORD $Junk
    S: * ESEARCH (TAG "A01") UID PARTIAL (-1:-3 6:8)
    S: A01 OK ...
    C: A02 UID SEARCH RETURN (PARTIAL 6:10) UNDELETED UNKEYWORD $Junk
    S: * ESEARCH (TAG "A02") UID PARTIAL (6:10 7:8)
    S: A02 OK ...
    C: A03 UID SEARCH RETURN (PARTIAL 1:5) UNDELETED UNKEYWORD $Junk
    S: * ESEARCH (TAG "A03") UID PARTIAL (1:5 1:3,5:6)
    S: A03 OK ...
    C: A04 UID SEARCH RETURN (PARTIAL 8:12) UNDELETED UNKEYWORD $Junk
    S: * ESEARCH (TAG "A04") UID PARTIAL (8:12 NIL)
    S: A04 OK ...
  `);
});
