/** The examples of RFC 9738 (MESSAGELIMIT), with a limit of 3 in place of 1000. */
import { mail, protocolTest } from "../support/protocol.ts";

const LIMITED = { config: { limits: { messagesPerCommand: 3 } } };
const FIVE = ["a", "b", "c", "d", "e"].map((subject) => mail(subject));

protocolTest("RFC 9738 §3.1: FETCH, SEARCH, COPY, MOVE, STORE over the limit", async (t) => {
  const alice = await t.login({ inbox: FIVE });
  await alice.ok("CREATE Archive/2021/2021-12");
  await alice.exchange(`
    C: 02 SELECT INBOX
    S: 02 OK ...
    C: 03 FETCH 1:5 (UID FLAGS)
    S: * 3 FETCH (UID 3 FLAGS (\\Recent))
    S: * 4 FETCH (UID 4 FLAGS (\\Recent))
    S: * 5 FETCH (UID 5 FLAGS (\\Recent))
    S: 03 OK [MESSAGELIMIT 3 3] ...
    C: 04 UID SEARCH UID 1:5 UNDELETED
    S: * SEARCH 3 4 5
    S: 04 OK [MESSAGELIMIT 3 3] ...
    C: 05 UID COPY 1:5 "Trash"
    S: 05 NO [MESSAGELIMIT 3 3] ...
    C: 06 UID MOVE 1:5 "Archive/2021/2021-12"
    S: * OK [COPYUID ... 3:5 1:3] ...
    S: * 3 EXPUNGE
    S: * 3 EXPUNGE
    S: * 3 EXPUNGE
    S: 06 OK [MESSAGELIMIT 3 3] ...
    C: 06b UID MOVE 1:5 "Archive/2021/2021-12"
    S: * OK [COPYUID ... 1:2 4:5] ...
    S: * 1 EXPUNGE
    S: * 1 EXPUNGE
    S: 06b OK UID MOVE done
  `);
}, LIMITED);

protocolTest("RFC 9738 §3.1: PARTIAL over the limit, STORE and the rest in a second command", async (t) => {
  const alice = await t.login({ inbox: FIVE });
  await alice.ok("ENABLE IMAP4rev2");
  await alice.exchange(`
    C: 06 SELECT INBOX
    S: 06 OK ...
    C: 07 UID STORE 1:5 +FLAGS (\\Seen)
    S: * 3 FETCH (UID 3 FLAGS (\\Seen))
    S: * 4 FETCH (UID 4 FLAGS (\\Seen))
    S: * 5 FETCH (UID 5 FLAGS (\\Seen))
    S: 07 OK [MESSAGELIMIT 3 3] ...
    C: 08 UID STORE 1:2 +FLAGS (\\Seen)
    S: * 1 FETCH (UID 1 FLAGS (\\Seen))
    S: * 2 FETCH (UID 2 FLAGS (\\Seen))
    S: 08 OK UID STORE done
    C: 10 UID FETCH 1:5 (UID FLAGS MODSEQ) (PARTIAL -1:-5)
    S: 10 NO [MESSAGELIMIT 3] ...
  `);
}, LIMITED);

protocolTest("RFC 9738 §3.2, §3.4: UIDAFTER, and $ cut to the limit", async (t) => {
  const alice = await t.login({ inbox: FIVE });
  await alice.exchange(`
    C: 11 SELECT INBOX
    S: 11 OK ...
    C: 12 UID SEARCH UIDAFTER 3 UNDELETED
    S: * SEARCH 4 5
    S: 12 OK UID SEARCH done
    C: D0004 UID SEARCH RETURN (SAVE) SINCE 1-Jan-2004 NOT FROM "Smith" UID 1:5 UNDELETED
    S: D0004 OK [MESSAGELIMIT 3 3] ...
    C: D0005 UID SEARCH $
    S: * SEARCH 3 4 5
    S: D0005 OK ...
  `);
}, LIMITED);
