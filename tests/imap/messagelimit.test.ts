import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

const FIVE = ["a", "b", "c", "d", "e"].map((subject) => mail(subject));
const LIMITED = { config: { limits: { messagesPerCommand: 3 } } };
const SAVING = { config: { limits: { savedPerCommand: 2 } } };

protocolTest("MESSAGELIMIT and SAVELIMIT are off by default", async (t) => {
  const alice = await t.login({ inbox: FIVE });
  assert.doesNotMatch((await alice.ok("CAPABILITY"))[0], /LIMIT=\d+ .*(MESSAGELIMIT|SAVELIMIT)|MESSAGELIMIT|SAVELIMIT/);
});

protocolTest("MESSAGELIMIT: FETCH, STORE and MOVE work on the highest UIDs (RFC 9738 §3.1)", async (t) => {
  const alice = await t.login({ inbox: FIVE });
  assert.match((await alice.ok("CAPABILITY"))[0], / MESSAGELIMIT=3( |$)/);
  await alice.ok("ENABLE IMAP4rev2");
  await alice.exchange(`
    C: a1 SELECT INBOX
    S: a1 OK ...
    C: a2 FETCH 1:5 (FLAGS)
    S: * 3 FETCH (FLAGS ())
    S: * 4 FETCH (FLAGS ())
    S: * 5 FETCH (FLAGS ())
    S: a2 OK [MESSAGELIMIT 3 3] ...
    C: a3 UID STORE 1:4 +FLAGS (\\Seen)
    S: * 2 FETCH (UID 2 FLAGS (\\Seen))
    S: * 3 FETCH (UID 3 FLAGS (\\Seen))
    S: * 4 FETCH (UID 4 FLAGS (\\Seen))
    S: a3 OK [MESSAGELIMIT 3 2] ...
    C: a4 UID MOVE 1:* Archive
    S: * OK [COPYUID ${await t.uidvalidity("Archive")} 3:5 1:3] ...
    S: * 3 EXPUNGE
    S: * 3 EXPUNGE
    S: * 3 EXPUNGE
    S: a4 OK [MESSAGELIMIT 3 3] ...
    C: a5 UID FETCH 1:* (FLAGS)
    S: * 1 FETCH (UID 1 FLAGS ())
    S: * 2 FETCH (UID 2 FLAGS (\\Seen))
    S: a5 OK UID FETCH done
  `);
}, LIMITED);

protocolTest("MESSAGELIMIT: COPY and PARTIAL are refused, nothing is copied (RFC 9738 §3.1)", async (t) => {
  const alice = await t.login({ inbox: FIVE });
  await alice.exchange(`
    C: a1 SELECT INBOX
    S: a1 OK ...
    C: a2 UID COPY 1:* Archive
    S: a2 NO [MESSAGELIMIT 3 3] ...
    C: a3 STATUS Archive (MESSAGES)
    S: * STATUS Archive (MESSAGES 0)
    S: a3 OK ...
    C: a4 UID FETCH 1:* (FLAGS) (PARTIAL -1:-4)
    S: a4 NO [MESSAGELIMIT 3] ...
  `);
}, LIMITED);

protocolTest("MESSAGELIMIT: UID EXPUNGE is limited, EXPUNGE and CLOSE are not (RFC 9738 §3.1)", async (t) => {
  const deleted = FIVE.map((text) => ({ text, flags: ["\\Deleted"] }));
  const alice = await t.login({ inbox: [...deleted, ...deleted] });
  await alice.exchange(`
    C: a1 SELECT INBOX
    S: a1 OK ...
    C: a2 UID EXPUNGE 1:*
    S: * 8 EXPUNGE
    S: * 8 EXPUNGE
    S: * 8 EXPUNGE
    S: a2 OK [MESSAGELIMIT 3 8] ...
    C: a3 EXPUNGE
    S: ...
    S: a3 OK EXPUNGE done
    C: a4 STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S: a4 OK ...
  `);
}, LIMITED);

protocolTest("MESSAGELIMIT: one APPEND brings no more messages, and brings all or none (RFC 9738 §3.1)", async (t) => {
  const alice = await t.login();
  const text = mail("x");
  const one = ` {${text.length}+}\r\n${text}`;
  assert.match((await alice.command(`APPEND INBOX${one.repeat(4)}`)).at(-1) ?? "", /NO \[MESSAGELIMIT 3\]/);
  assert.deepEqual(await alice.ok("STATUS INBOX (MESSAGES)"), ["* STATUS INBOX (MESSAGES 0)"]);
  await alice.ok(`APPEND INBOX${one.repeat(3)}`);
}, LIMITED);

protocolTest("MESSAGELIMIT: SEARCH looks at the highest UIDs; $ holds no more (RFC 9738 §3.1, §3.4)", async (t) => {
  const alice = await t.login({ inbox: FIVE });
  await alice.exchange(`
    C: a1 SELECT INBOX
    S: a1 OK ...
    C: a2 UID SEARCH UID 1:4 UNDELETED
    S: * SEARCH 2 3 4
    S: a2 OK [MESSAGELIMIT 3 2] ...
    C: a3 UID SEARCH RETURN (SAVE) ALL
    S: a3 OK [MESSAGELIMIT 3 3] ...
    C: a4 UID FETCH $ (UID)
    S: * 3 FETCH (UID 3)
    S: * 4 FETCH (UID 4)
    S: * 5 FETCH (UID 5)
    S: a4 OK UID FETCH done
    C: a5 UID SEARCH UIDAFTER 3
    S: * SEARCH 4 5
    S: a5 OK ...
    C: a6 UID SEARCH UIDBEFORE 2
    S: * SEARCH 1
    S: a6 OK ...
    C: a7 UID SEARCH UIDBEFORE 1
    S: * SEARCH
    S: a7 OK ...
    C: a8 UID SEARCH UIDAFTER 5
    S: * SEARCH
    S: a8 OK ...
    C: a9 UID SEARCH UIDAFTER 1:2
    S: a9 BAD ...
  `);
}, LIMITED);

protocolTest("SAVELIMIT holds for COPY and APPEND alone (RFC 9738 §3)", async (t) => {
  const alice = await t.login({ inbox: FIVE });
  const capabilities = (await alice.ok("CAPABILITY"))[0];
  assert.match(capabilities, / SAVELIMIT=2( |$)/);
  assert.doesNotMatch(capabilities, /MESSAGELIMIT/);
  await alice.exchange(`
    C: a1 SELECT INBOX
    S: a1 OK ...
    C: a2 COPY 1:3 Archive
    S: a2 NO [MESSAGELIMIT 2 2] ...
    C: a3 COPY 1:2 Archive
    S: a3 OK [COPYUID ...] ...
    C: a4 MOVE 1:4 Archive
    S: ...
    S: a4 OK MOVE done
  `);
}, SAVING);
