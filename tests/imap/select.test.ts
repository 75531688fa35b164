import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("EXAMINE is read-only and takes no \\Recent (RFC 9051 §6.3.3)", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.exchange(`
    C: a EXAMINE INBOX
    S: ...
    S: * OK [PERMANENTFLAGS ()] ...
    S: ...
    S: a OK [READ-ONLY] EXAMINE done
    C: b STORE 1 +FLAGS (\\Seen)
    S: b NO [READ-ONLY] ...
    C: c EXPUNGE
    S: c NO [READ-ONLY] ...
    C: d MOVE 1 Trash
    S: d NO [READ-ONLY] ...
    C: e STATUS INBOX (RECENT)
    S: * STATUS INBOX (RECENT 1)
    S: e OK ...
  `);
});

protocolTest("SELECT of another mailbox closes the first with CLOSED (RFC 7162 §3.2.11)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b SELECT Sent
    S: * OK [CLOSED] ...
    S: ...
    S: b OK [READ-WRITE] ...
    C: c SELECT Nowhere
    S: * OK [CLOSED] ...
    S: c NO [NONEXISTENT] ...
    C: d FETCH 1 FLAGS
    S: d BAD ...
  `);
});

protocolTest("SELECT in IMAP4rev2: no RECENT and UNSEEN, but LIST (RFC 9051 §6.3.2)", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.ok("ENABLE IMAP4rev2");
  const lines = await client.ok("SELECT INBOX");
  assert(!lines.some((line) => /RECENT|UNSEEN/.test(line)));
  assert(lines.includes('* LIST (\\HasNoChildren) "/" INBOX'));
});

protocolTest("CLOSE expunges silently, UNSELECT does not (RFC 9051 §6.4.1, RFC 3691)", async (t) => {
  const client = await t.login({ inbox: [mail("one"), mail("two")] });
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b STORE 1 +FLAGS.SILENT (\\Deleted)
    S: b OK ...
    C: c UNSELECT
    S: c OK UNSELECT done
    C: d STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 2)
    S: d OK ...
    C: e SELECT INBOX
    S: e OK ...
    C: f CLOSE
    S: f OK CLOSE done
    C: g STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 1)
    S: g OK ...
    C: h UNSELECT
    S: h BAD ...
  `);
});

protocolTest("CLOSE after EXAMINE removes nothing", async (t) => {
  const client = await t.login({ inbox: [{ text: mail("one"), flags: ["\\Deleted"] }] });
  await client.ok("EXAMINE INBOX");
  await client.ok("CLOSE");
  assert.deepEqual(await client.ok("STATUS INBOX (MESSAGES DELETED)"), ["* STATUS INBOX (MESSAGES 1 DELETED 1)"]);
});

protocolTest("CHECK is a NOOP (RFC 3501 §6.4.1)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a CHECK
    S: a BAD ...
    C: b SELECT INBOX
    S: b OK ...
    C: c CHECK
    S: c OK CHECK done
  `);
});

protocolTest("\\Recent belongs to the first session that is told (RFC 3501 §2.3.2)", async (t) => {
  const first = await t.login({ inbox: [mail("one")] });
  const second = await t.login();
  assert((await first.ok("SELECT INBOX")).includes("* 1 RECENT"));
  assert((await second.ok("SELECT INBOX")).includes("* 0 RECENT"));
  assert.deepEqual(await first.ok("FETCH 1 FLAGS"), ["* 1 FETCH (FLAGS (\\Recent))"]);
  assert.deepEqual(await second.ok("FETCH 1 FLAGS"), ["* 1 FETCH (FLAGS ())"]);
});

protocolTest("unknown and repeated SELECT parameters are BAD", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a SELECT INBOX (FOO)
    S: a BAD ...
    C: b SELECT INBOX (CONDSTORE CONDSTORE)
    S: b BAD ...
    C: c SELECT INBOX (QRESYNC (1 2))
    S: c BAD QRESYNC must be enabled first
    C: d SELECT INBOX (CONDSTORE)
    S: d OK [READ-WRITE] ...
  `);
});
