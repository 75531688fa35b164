import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("SELECT of IMAP4rev1 (RFC 3501 §6.3.1)", async (t) => {
  const client = await t.login({ inbox: [{ text: mail("one"), flags: ["\\Seen"] }, mail("two")] });
  await client.exchange(`
    C: A142 SELECT INBOX
    S: * FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft ...)
    S: * OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft ... \\*)] ...
    S: * 2 EXISTS
    S: * 2 RECENT
    S: * OK [UNSEEN 2] ...
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 3] ...
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * OK [MAILBOXID (...)] ...
    S: A142 OK [READ-WRITE] SELECT done
  `);
});

protocolTest("EXAMINE shows \\Recent and does not take it away (RFC 3501 §6.3.2)", async (t) => {
  const reader = await t.login({ inbox: [mail("one")] });
  const writer = await t.login();
  await writer.ok("SELECT INBOX");
  await writer.ok("UNSELECT");
  await t.fill("INBOX", [mail("two"), mail("three")]);
  await reader.exchange(`
    C: A932 EXAMINE INBOX
    S: * FLAGS (...)
    S: * OK [PERMANENTFLAGS ()] ...
    S: * 3 EXISTS
    S: * 2 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 4] ...
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * OK [MAILBOXID (...)] ...
    S: A932 OK [READ-ONLY] EXAMINE done
    C: A933 FETCH 1:* FLAGS
    S: * 1 FETCH (FLAGS ())
    S: * 2 FETCH (FLAGS (\\Recent))
    S: * 3 FETCH (FLAGS (\\Recent))
    S: A933 OK ...
    C: A934 SEARCH RECENT
    S: * SEARCH 2 3
    S: A934 OK ...
  `);
  await t.fill("INBOX", [mail("four")]);
  await reader.exchange(`
    C: A935 NOOP
    S: * 4 EXISTS
    S: * 3 RECENT
    S: A935 OK ...
    C: A936 STATUS INBOX (RECENT)
    S: * STATUS INBOX (RECENT 3)
    S: A936 OK ...
  `);
  assert((await writer.ok("SELECT INBOX")).includes("* 3 RECENT"));
  assert((await writer.ok("SELECT INBOX")).includes("* 0 RECENT"));
});

protocolTest("LSUB: a subscribed name stays when its mailbox is deleted (RFC 3501 §6.3.9)", async (t) => {
  const client = await t.login();
  await client.ok("CREATE #news.comp.mail.mime");
  await client.ok("DELETE #news.comp.mail.mime");
  await client.exchange(`
    C: A002 LSUB "#news." "comp.mail.*"
    S: * LSUB (\\Noselect) "/" "#news.comp.mail.mime"
    S: A002 OK LSUB done
    C: A003 UNSUBSCRIBE #news.comp.mail.mime
    S: A003 OK UNSUBSCRIBE done
    C: A004 LSUB "" "#*"
    S: A004 OK LSUB done
  `);
});

protocolTest("EXPUNGE tells numbers as they fall (RFC 3501 §6.4.3)", async (t) => {
  const flags = ["\\Deleted"];
  const inbox = Array.from({ length: 11 }, (_, n) => {
    const text = mail(`${n + 1}`);
    return [3, 4, 7, 11].includes(n + 1) ? { text, flags } : text;
  });
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: A202 EXPUNGE
    S: * 3 EXPUNGE
    S: * 3 EXPUNGE
    S: * 5 EXPUNGE
    S: * 8 EXPUNGE
    S: A202 OK EXPUNGE done
  `);
});

protocolTest("SEARCH tells numbers in one line, also none (RFC 3501 §6.4.4)", async (t) => {
  const client = await t.login({ inbox: [mail("1"), { text: mail("2"), flags: ["\\Flagged"] }] });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: A282 SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
    S: * SEARCH 2
    S: A282 OK ...
    C: A283 SEARCH TEXT "string not in mailbox"
    S: * SEARCH
    S: A283 OK ...
  `);
});

protocolTest("FETCH of envelope, flags and a header field (RFC 3501 §6.4.5)", async (t) => {
  const client = await t.login({ inbox: [mail("2"), mail("3"), mail("4")] });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: A654 FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])
    S: A654 BAD ...
    C: A655 FETCH 3 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])
    S: * 3 FETCH (FLAGS (\\Seen \\Recent) BODY[HEADER.FIELDS (DATE FROM)] {73}
    S: From: Alice <alice@example.org>
    S: Date: Mon, 7 Feb 1994 21:52:25 -0800
    S:
    S: )
    S: A655 OK ...
  `);
});

protocolTest("a mailbox that is not there: SELECT NO, COPY and APPEND [TRYCREATE] (RFC 3501 §7.1)", async (t) => {
  const client = await t.login({ inbox: [mail("1")] });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: a COPY 1 nowhere
    S: a NO [TRYCREATE] ...
    C: b UID COPY 1 nowhere
    S: b NO [TRYCREATE] ...
    C: c APPEND nowhere {310}
    S: c NO [TRYCREATE] ...
    C: d SELECT nowhere
    S: d NO [NONEXISTENT] ...
  `);
});
