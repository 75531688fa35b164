import { mail, protocolTest } from "../support/protocol.ts";

const one = mail("one"), two = mail("two"), three = mail("three");

protocolTest("STATUS: all items are right, not guessed (RFC 9051 §6.3.11, RFC 8438, RFC 9208 §4.1.4)", async (t) => {
  const client = await t.login({
    inbox: [{ text: one, flags: ["\\Seen"] }, { text: two, flags: ["\\Deleted"] }, three],
  });
  await client.exchange(`
    C: a STATUS INBOX (MESSAGES UNSEEN DELETED UIDNEXT)
    S: * STATUS INBOX (MESSAGES 3 UNSEEN 2 DELETED 1 UIDNEXT 4)
    S: a OK ...
    C: b STATUS INBOX (SIZE DELETED-STORAGE)
    S: * STATUS INBOX (SIZE ${one.length + two.length + three.length} DELETED-STORAGE ${two.length})
    S: b OK ...
    C: c STATUS inbox (UIDVALIDITY HIGHESTMODSEQ MAILBOXID APPENDLIMIT RECENT)
    S: * STATUS INBOX (UIDVALIDITY ... HIGHESTMODSEQ ... MAILBOXID (...) APPENDLIMIT 104857600 RECENT 3)
    S: c OK ...
    C: d STATUS nowhere (MESSAGES)
    S: d NO [NONEXISTENT] ...
    C: e STATUS INBOX (FOO)
    S: e BAD ...
    C: f STATUS INBOX ()
    S: f BAD ...
  `);
});

protocolTest("STATUS of the selected mailbox follows each change", async (t) => {
  const client = await t.login({ inbox: [one, two] });
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b STORE 1:2 +FLAGS.SILENT (\\Seen)
    S: b OK ...
    C: c STATUS INBOX (MESSAGES UNSEEN)
    S: * STATUS INBOX (MESSAGES 2 UNSEEN 0)
    S: c OK ...
    C: d COPY 1 INBOX
    S: * 3 EXISTS
    S: * 3 RECENT
    S: d OK [COPYUID ... 1 3] ...
    C: e STATUS INBOX (MESSAGES UNSEEN UIDNEXT)
    S: * STATUS INBOX (MESSAGES 3 UNSEEN 0 UIDNEXT 4)
    S: e OK ...
  `);
});
