import assert from "node:assert/strict";
import { Selected } from "../../server/imap/selected.ts";
import type { MailboxIndex } from "../../store/index.ts";
import type { Mailbox, MailStore, Pin } from "../../store/store.ts";
import type { MailboxId, ModSeq, Uid } from "../../store/types.ts";
import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("UIDONLY: message numbers are refused with UIDREQUIRED (RFC 9586 §3)", async (t) => {
  const alice = await t.login({ inbox: [mail("one"), mail("two")] });
  await alice.exchange(`
    C: a1 ENABLE UIDONLY
    S: * ENABLED UIDONLY
    S: a1 OK ...
    C: a2 SELECT INBOX
    S: a2 OK ...
    C: a3 FETCH 1 FLAGS
    S: a3 BAD [UIDREQUIRED] ...
    C: a4 STORE 1 +FLAGS (\\Seen)
    S: a4 BAD [UIDREQUIRED] ...
    C: a5 COPY 1 Archive
    S: a5 BAD [UIDREQUIRED] ...
    C: a6 MOVE 1 Archive
    S: a6 BAD [UIDREQUIRED] ...
    C: a7 SEARCH ALL
    S: a7 BAD [UIDREQUIRED] ...
    C: a8 UID SEARCH 1:2
    S: a8 BAD [UIDREQUIRED] ...
    C: a9 UID SEARCH ALL
    S: * SEARCH 1 2
    S: a9 OK ...
  `);
  assert.equal((await (await t.mail()).index((await inbox(t)).id)).flagWords[0] & 1, 0);
});

protocolTest("UIDONLY: UIDFETCH in place of FETCH, VANISHED in place of EXPUNGE (RFC 9586 §3.3, §3.5)", async (t) => {
  const alice = await t.login({ inbox: [mail("one"), mail("two"), mail("three")] });
  const other = await t.login();
  await other.ok("SELECT INBOX");
  await alice.ok("ENABLE UIDONLY IMAP4rev2");
  await alice.exchange(`
    C: a1 SELECT INBOX
    S: a1 OK ...
    C: a2 UID FETCH 1:* (FLAGS)
    S: * 1 UIDFETCH (FLAGS ())
    S: * 2 UIDFETCH (FLAGS ())
    S: * 3 UIDFETCH (FLAGS ())
    S: a2 OK ...
    C: a3 UID FETCH 2 (UID RFC822.SIZE)
    S: * 2 UIDFETCH (UID 2 RFC822.SIZE ...)
    S: a3 OK ...
    C: a4 UID STORE 1 +FLAGS (\\Deleted)
    S: * 1 UIDFETCH (FLAGS (\\Deleted))
    S: a4 OK ...
    C: a5 EXPUNGE
    S: * VANISHED 1
    S: a5 OK ...
    C: a6 UID FETCH 2 BODY[TEXT]
    S: * 2 UIDFETCH (BODY[TEXT] {5}
    S: two
    S:  FLAGS (\\Seen))
    S: a6 OK ...
  `);
  await other.ok("NOOP");
  await other.ok("UID STORE 3 +FLAGS.SILENT (\\Flagged)");
  await alice.exchange(`
    C: b1 NOOP
    S: * 3 UIDFETCH (FLAGS (\\Flagged))
    S: b1 OK ...
    C: b2 UID MOVE 2 Archive
    S: * OK [COPYUID ${await t.uidvalidity("Archive")} 2 1] ...
    S: * VANISHED 2
    S: b2 OK ...
  `);
});

protocolTest("UIDONLY in rev1: \\Recent and EXISTS are still told, UNSEEN with its number is not", async (t) => {
  const alice = await t.login({ inbox: [mail("one")] });
  await alice.ok("ENABLE UIDONLY");
  const lines = await alice.ok("SELECT INBOX");
  assert(!lines.some((line) => line.includes("UNSEEN")), lines.join("\n"));
  await t.fill("INBOX", [mail("two")]);
  await alice.exchange(`
    C: a NOOP
    S: * 2 EXISTS
    S: * 2 RECENT
    S: a OK ...
  `);
});

protocolTest("UIDONLY: removals by others are told once, also when messages came and went in between", async (t) => {
  const alice = await t.login({ inbox: [mail("one"), mail("two"), mail("three"), mail("four")] });
  const other = await t.login();
  await other.ok("SELECT INBOX");
  await alice.ok("ENABLE UIDONLY IMAP4rev2");
  await alice.ok("SELECT INBOX");
  await other.ok("UID STORE 2,4 +FLAGS.SILENT (\\Deleted)");
  await t.fill("INBOX", [mail("five"), { text: mail("six"), flags: ["\\Deleted"] }]);
  await other.ok("EXPUNGE");
  await alice.exchange(`
    C: a1 UID FETCH 1:* (FLAGS)
    S: * VANISHED 2,4
    S: * 3 EXISTS
    S: * 1 UIDFETCH (FLAGS ())
    S: * 3 UIDFETCH (FLAGS ())
    S: * 5 UIDFETCH (FLAGS ())
    S: a1 OK ...
    C: a2 NOOP
    S: a2 OK ...
  `);
});

protocolTest("UIDONLY enabled while a mailbox is selected, and a message is gone", async (t) => {
  const alice = await t.login({ inbox: [mail("one"), mail("two")] });
  const other = await t.login();
  await other.ok("SELECT INBOX");
  await alice.ok("SELECT INBOX");
  await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
  await other.ok("EXPUNGE");
  await alice.exchange(`
    C: a1 ENABLE UIDONLY
    S: * ENABLED UIDONLY
    S: * VANISHED 1
    S: a1 OK ...
    C: a2 UID FETCH 1:* (FLAGS)
    S: * 2 UIDFETCH (FLAGS (...))
    S: a2 OK ...
  `);
});

protocolTest(
  "UIDONLY with QRESYNC: sequence match data is refused; VANISHED (EARLIER) is told (RFC 9586 §3.4)",
  async (t) => {
    const alice = await t.login({ inbox: [mail("one"), mail("two")] });
    const validity = await t.uidvalidity("INBOX");
    await alice.ok("ENABLE QRESYNC UIDONLY IMAP4rev2");
    await alice.exchange(`
    C: a1 SELECT INBOX (QRESYNC (${validity} 1 1:2 (1:2 1:2)))
    S: a1 BAD [UIDREQUIRED] ...
    C: a2 SELECT INBOX
    S: a2 OK ...
    C: a3 UID STORE 2 +FLAGS.SILENT (\\Deleted)
    S: * 2 UIDFETCH (MODSEQ (...))
    S: a3 OK ...
    C: a4 UID EXPUNGE 2
    S: * VANISHED 2
    S: a4 OK [HIGHESTMODSEQ ...] ...
    C: a5 UNSELECT
    S: a5 OK ...
  `);
    const lines = await alice.ok(`SELECT INBOX (QRESYNC (${validity} 1 1:2))`);
    assert(lines.includes("* VANISHED (EARLIER) 2"), lines.join("\n"));
    assert(lines.some((line) => /^\* 1 UIDFETCH \(FLAGS \(\) MODSEQ \(\d+\)\)$/.test(line)), lines.join("\n"));
  },
);

protocolTest("UIDONLY with SEARCHRES: $ outlives an expunge (RFC 5182 §2.1)", async (t) => {
  const alice = await t.login({ inbox: [mail("one"), mail("two"), mail("three")] });
  await alice.ok("ENABLE UIDONLY IMAP4rev2");
  await alice.exchange(`
    C: a1 SELECT INBOX
    S: a1 OK ...
    C: a2 UID SEARCH RETURN (SAVE) ALL
    S: a2 OK ...
    C: a3 UID STORE 2 +FLAGS.SILENT (\\Deleted)
    S: a3 OK ...
    C: a4 EXPUNGE
    S: * VANISHED 2
    S: a4 OK ...
    C: a5 UID FETCH $ (UID)
    S: * 1 UIDFETCH (UID 1)
    S: * 3 UIDFETCH (UID 3)
    S: a5 OK ...
  `);
});

protocolTest("UIDONLY under COMPRESS and IDLE", async (t) => {
  const alice = await t.login({ inbox: [mail("one"), mail("two")] });
  const other = await t.login();
  await other.ok("SELECT INBOX");
  await alice.ok("ENABLE UIDONLY IMAP4rev2");
  await alice.ok("SELECT INBOX");
  await alice.exchange(`
    C: a1 IDLE
    S: + idling
  `);
  await other.ok("UID STORE 1 +FLAGS (\\Deleted)");
  await alice.exchange("S: * 1 UIDFETCH (FLAGS (\\Deleted))");
  await other.ok("EXPUNGE");
  await alice.exchange(`
    S: * VANISHED 1
    C: DONE
    S: a1 OK ...
  `);
});

Deno.test("UIDONLY: a session on 1,000,000 messages holds no list of its own while it is up to date or lags", () => {
  const count = 1_000_000;
  const index = bigIndex(count);
  const before = index.list.uids;
  const selected = new Selected(quietMail(), { id: 1 } as Mailbox, false, index, undefined);
  assert.equal(selected.list.uids, index.list.uids);
  selected.rest();
  // A removal makes new arrays: the session sees those, and none of the old ones.
  index.list = { uids: before.slice(1), count: count - 1 };
  index.uidNext = count + 3 as Uid;
  assert.equal(selected.list.uids, index.list.uids);
  assert.equal(selected.positionOf(1), -1);
});

function quietMail(): MailStore {
  const pin: Pin = { modseq: 1 as ModSeq, release() {} };
  return { pin: () => pin } as unknown as MailStore;
}

function bigIndex(count: number): { -readonly [K in keyof MailboxIndex]: MailboxIndex[K] } {
  return {
    mailbox: 1 as MailboxId,
    uidValidity: 1,
    modseq: 1 as ModSeq,
    uidNext: count + 1 as Uid,
    list: { uids: Uint32Array.from({ length: count }, (_, at) => at + 1), count },
    flagWords: new Uint32Array(0),
    modseqs: new Float64Array(0),
    keywords: [],
    moreKeywords: () => [],
    position: () => -1,
    changedSince: () => new Uint32Array(0),
  };
}

async function inbox(t: { mail(): Promise<MailStore> }): Promise<Mailbox> {
  const [mailbox] = (await (await t.mail()).mailboxes()).filter(({ name }) => name === "INBOX");
  return mailbox;
}
