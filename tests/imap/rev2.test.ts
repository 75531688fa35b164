import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest(
  "IMAP4rev2: SEARCH answers ESEARCH, FETCH has no \\Recent, LSUB still works (RFC 9051 appendix E)",
  async (t) => {
    const client = await t.login({ inbox: [mail("one"), mail("two")] });
    await client.exchange(`
    C: a ENABLE IMAP4rev2
    S: * ENABLED IMAP4rev2
    S: a OK ...
    C: b SELECT INBOX
    S: b OK ...
    C: c SEARCH ALL
    S: * ESEARCH (TAG "c") ALL 1:2
    S: c OK ...
    C: d FETCH 1 (FLAGS)
    S: * 1 FETCH (FLAGS ())
    S: d OK ...
    C: e UID SEARCH SUBJECT two
    S: * ESEARCH (TAG "e") UID ALL 2
    S: e OK ...
    C: f SEARCH SUBJECT nothing
    S: * ESEARCH (TAG "f")
    S: f OK ...
  `);
  },
);

protocolTest("IMAP4rev2 session of RFC 9051 §8", async (t) => {
  const client = await t.login({ inbox: [{ text: mail("18"), flags: [] }] });
  await client.ok("ENABLE IMAP4rev2");
  await client.exchange(`
    C: a002 select inbox
    S: * FLAGS (...)
    S: * OK [PERMANENTFLAGS (...)] ...
    S: * 1 EXISTS
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 2] ...
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * OK [MAILBOXID (...)] ...
    S: * LIST (... \\Subscribed) "/" INBOX ("OLDNAME" (inbox))
    S: a002 OK [READ-WRITE] SELECT done
    C: a004 fetch 1 body[header.fields (subject)]
    S: * 1 FETCH (BODY[HEADER.FIELDS (subject)] {15}
    S: Subject: 18
    S:
    S: ...)
    S: a004 OK ...
    C: a005 store 1 +flags \\deleted
    S: * 1 FETCH (UID 1 FLAGS (\\Seen \\Deleted))
    S: a005 OK ...
    C: a006 logout
    S: * BYE ...
    S: a006 OK ...
  `.replace("{15}", `{${"Subject: 18\r\n\r\n".length}}`));
  assert.equal(await client.rest(), "");
});
