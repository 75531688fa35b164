/** A real Dovecot, with mail changed between runs: with QRESYNC, with CONDSTORE alone, and with neither. */
import assert from "node:assert/strict";
import { messages } from "../formats/support.ts";
import { letter as localLetter, name, named, set, uids } from "../store/mailsupport.ts";
import { append, letter } from "./dovecot.ts";
import { dovecotTest } from "./support.ts";
import type { MailStore } from "../../store/store.ts";

const BASE = "IMAP4rev1 LITERAL+ NAMESPACE UIDPLUS LIST-EXTENDED SPECIAL-USE LIST-STATUS CHILDREN";
const SOURCES = {
  QRESYNC: "",
  CONDSTORE: `imap_capability = ${BASE} ENABLE CONDSTORE`,
  "neither CONDSTORE nor QRESYNC": `imap_capability = IMAP4rev1 LITERAL+`,
};

/** `subject: flags` of a mailbox, in the order of UIDs. */
async function summary(mail: MailStore, mailbox = "INBOX"): Promise<string[]> {
  return (await messages(mail, mailbox)).map(({ text, flags }) => {
    return `${/^Subject: (?:message )?(.*)\r$/m.exec(text)?.[1]}: ${flags}`.trimEnd().replace(/:$/, "");
  });
}

for (const [extensions, settings] of Object.entries(SOURCES)) {
  dovecotTest(`new mail, flags, keywords and removals come over: ${extensions}`, async ({ dovecot, mail, sync }) => {
    await dovecot.run(
      append("INBOX", letter(1), "\\Seen own"),
      append("INBOX", letter(2)),
      append("INBOX", letter(3), "\\Flagged $Forwarded", "02-Mar-2021 03:04:05 +0200"),
      append("INBOX", letter(4)),
      'CREATE "Work/R&AOQ-ume"',
      append("Work/R&AOQ-ume", letter(5), "\\Draft"),
    );
    const first = await sync();
    assert.deepEqual([first.added, first.told], [5, []]);
    assert.deepEqual(await summary(mail), ["1: \\Seen own", "2", "3: $Forwarded \\Flagged", "4"]);
    const [, , third] = await messages(mail);
    assert.equal(third.date, Date.UTC(2021, 2, 2, 1, 4, 5) / 1000);
    assert.equal(third.text, letter(3).replaceAll("\n", "\r\n"));
    assert.deepEqual(await summary(mail, "Work/Räume"), ["5: \\Draft"]);

    await dovecot.run(
      "SELECT INBOX",
      "STORE 1 FLAGS (\\Answered)",
      "STORE 4 +FLAGS (fresh)",
      "STORE 2 +FLAGS (\\Deleted)",
    );
    // Dovecot puts STOREs in a row off, and an EXPUNGE after them does not see the last.
    await dovecot.run("SELECT INBOX", "EXPUNGE", append("INBOX", letter(6), "\\Seen"));
    const second = await sync();
    const { added, flagged, removed, told } = second;
    assert.deepEqual({ added, flagged, removed, told }, { added: 1, flagged: 2, removed: 1, told: [] });
    assert.deepEqual(await summary(mail), ["1: \\Answered", "3: $Forwarded \\Flagged", "4: fresh", "6: \\Seen"]);

    await dovecot.run("SELECT INBOX", "STORE 1:* +FLAGS (\\Deleted)", "EXPUNGE");
    assert.equal((await sync()).removed, 4);
    assert.deepEqual(await summary(mail), []);
    const third2 = await sync();
    assert.deepEqual([third2.added, third2.flagged, third2.removed], [0, 0, 0]);
  }, settings);
}

dovecotTest(
  "a run without changes asks for no flags and no UIDs where there is CONDSTORE (RFC 7162 §3.1.2.2)",
  async (t) => {
    await t.dovecot.run(append("INBOX", letter(1)));
    await t.sync();
    t.dovecot.sent = "";
    await t.sync();
    assert.match(t.dovecot.sent, /EXAMINE INBOX/);
    assert.doesNotMatch(t.dovecot.sent, /FETCH|SEARCH/);
  },
);

dovecotTest(
  "what was changed here stays, but where the same was changed there",
  async ({ dovecot, mail, inbox, sync }) => {
    for (const n of [1, 2, 3, 4]) await dovecot.run(append("INBOX", letter(n)));
    await sync();
    const flags = (uid: number, ...names: string[]) => mail.storeFlags(inbox.id, uids(uid), set(...names));
    await flags(1, "\\Seen", "mine");
    await flags(2, "\\Flagged");
    await mail.remove(inbox.id, uids(3));
    await mail.createMailbox(name("Mine"));
    await mail.move(inbox.id, uids(4), name("Mine"));
    await dovecot.run(
      "SELECT INBOX",
      "STORE 1 +FLAGS (\\Answered)",
      "STORE 2 +FLAGS (\\Flagged)",
      append("INBOX", letter(5)),
    );
    await dovecot.run("SELECT INBOX", "STORE 2 -FLAGS (\\Flagged)", "STORE 3:4 +FLAGS (\\Seen)");
    assert.equal((await sync()).added, 1);
    assert.deepEqual(await summary(mail), ["1: \\Answered \\Seen mine", "2: \\Flagged", "5"]);
    assert.deepEqual(await summary(mail, "Mine"), ["4"]);
    await dovecot.run("SELECT INBOX", "STORE 2 FLAGS (\\Flagged)");
    await sync();
    await dovecot.run("SELECT INBOX", "STORE 2 FLAGS ()");
    await sync();
    assert.deepEqual(await summary(mail), ["1: \\Answered \\Seen mine", "2", "5"]);
  },
);

dovecotTest(
  "only what came from the source is removed; --keep-deleted leaves that, too",
  async ({ dovecot, mail, sync }) => {
    await dovecot.run(append("INBOX", letter(1)), append("INBOX", letter(2)));
    await sync();
    const draft = await mail.draft(0);
    await draft.write(new TextEncoder().encode(localLetter("own")));
    await mail.append(name("INBOX"), [{ draft, flags: { fixed: 0, keywords: [] } }]);
    await dovecot.run("SELECT INBOX", "STORE 1 +FLAGS (\\Deleted)", "EXPUNGE");
    await sync({ keepDeleted: true });
    assert.deepEqual(await summary(mail), ["1", "2", "own"]);
    await dovecot.run("SELECT INBOX", "STORE 1 +FLAGS (\\Deleted)", "EXPUNGE");
    await sync();
    assert.deepEqual(await summary(mail), ["1", "own"]);
  },
);

dovecotTest(
  "mailboxes: new ones, renamed ones, removed ones, subscriptions, special uses",
  async ({ dovecot, mail, sync }) => {
    await dovecot.run(
      "CREATE Work/Old",
      append("Work/Old", letter(1)),
      "CREATE Sent",
      append("Sent", letter(2)),
      'CREATE "Deleted Items"',
      append("Deleted Items", letter(3)),
      "SUBSCRIBE Work/Old",
    );
    await sync();
    const names = async () => (await mail.mailboxes()).map(({ name }): string => name).sort();
    assert.deepEqual(await names(), ["Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash", "Work", "Work/Old"]);
    assert.deepEqual((await named(mail, "Sent")).specialUse, ["sent"]);
    assert.deepEqual(await summary(mail, "Trash"), ["3"]);
    const subscribed = async (mailbox: string) => (await named(mail, mailbox)).subscribed;
    assert.deepEqual([await subscribed("Work/Old"), await subscribed("Sent")], [true, false]);

    const { id } = await named(mail, "Work/Old");
    await dovecot.run("RENAME Work/Old Work/New", append("Work/New", letter(4)), "DELETE Sent", "SUBSCRIBE Work/New");
    const second = await sync();
    assert.deepEqual(second.told, [
      "note: Work/New: it was Work/Old before",
      "note: Sent: it is gone there; Sent stays here (--delete-mailboxes removes it)",
    ]);
    assert.equal((await named(mail, "Work/New")).id, id);
    assert.deepEqual(await summary(mail, "Work/New"), ["1", "4"]);
    assert.deepEqual(await summary(mail, "Sent"), ["2"]);
    const third = await sync({ deleteMailboxes: true });
    assert.deepEqual(third.told, ["note: Sent: it is gone there; Sent is removed"]);
    assert.ok(!(await names()).includes("Sent"));
    assert.deepEqual((await sync()).told, []);
  },
);

dovecotTest(
  "a mailbox with another UIDVALIDITY is compared anew, without duplicates",
  async ({ dovecot, mail, sync }) => {
    const nameless = letter(2).replace(/^Message-ID.*\n/m, "");
    await dovecot.run(append("INBOX", letter(1)), append("INBOX", nameless), append("INBOX", letter(3)));
    await sync();
    const list = `${dovecot.folder}/mail/dovecot-uidlist`;
    const text = Deno.readTextFileSync(list).split("\n");
    Deno.writeTextFileSync(
      list,
      [
        text[0].replace(/V\d+ N\d+/, "V1234567 N50"),
        ...text.slice(1).map((line, at) => line.replace(/^\d+/, `${20 + at}`)),
      ].join("\n"),
    );
    for (const { name } of [...Deno.readDirSync(`${dovecot.folder}/mail`)]) {
      if (name.startsWith("dovecot.index")) Deno.removeSync(`${dovecot.folder}/mail/${name}`);
    }
    await dovecot.run("SELECT INBOX", "UID STORE 22 +FLAGS (\\Deleted)", "EXPUNGE", append("INBOX", letter(4)));
    const { added, present, removed, told } = await sync();
    assert.deepEqual({ added, present, removed }, { added: 1, present: 2, removed: 1 });
    assert.deepEqual(told, ["note: INBOX: its UIDVALIDITY has changed; it is compared anew"]);
    assert.deepEqual(await summary(mail), ["1", "2", "4"]);
    await dovecot.run("SELECT INBOX", "STORE 1 +FLAGS (\\Seen)");
    assert.equal((await sync()).flagged, 1);
    assert.deepEqual(await summary(mail), ["1: \\Seen", "2", "4"]);
  },
);

dovecotTest("mail that was imported before does not come again", async ({ dovecot, mail, sync }) => {
  await dovecot.run(append("INBOX", letter(1), "\\Seen"), append("INBOX", letter(2)));
  const draft = await mail.draft(0);
  await draft.write(new TextEncoder().encode(letter(1).replaceAll("\n", "\r\n")));
  const internalDate = Date.UTC(2020, 1, 1, 10) / 1000;
  await mail.append(name("INBOX"), [{ draft, flags: { fixed: 0, keywords: [] }, internalDate }]);
  const { added, present } = await sync();
  assert.deepEqual({ added, present }, { added: 1, present: 1 });
  assert.deepEqual(await summary(mail), ["1: \\Seen", "2"]);
});

dovecotTest(
  "patterns choose mailboxes; a mailbox that was deleted here is not brought back",
  async ({ dovecot, mail, sync }) => {
    await dovecot.run(
      "CREATE A/B",
      append("A/B", letter(1)),
      "CREATE A/C",
      append("A/C", letter(2)),
      append("INBOX", letter(3)),
    );
    const { mailboxes, added } = await sync({ mailboxes: ["A/*"], exclude: ["*/C"] });
    assert.deepEqual([mailboxes, added], [1, 1]);
    await mail.deleteMailbox(name("A/B"));
    const { told } = await sync();
    assert.deepEqual(told, ["note: A/B: its mailbox here was deleted; it is not brought back"]);
    assert.deepEqual(await summary(mail, "A/C"), ["2"]);
  },
);

dovecotTest(
  "a connection that is cut at any byte: no message is lost, none comes twice",
  async ({ dovecot, mail, sync }) => {
    const big = `${letter("big")}${"x".repeat(990)}\n`.padEnd(3_000_000, `${"y".repeat(99)}\n`);
    for (let n = 0; n < 30; n++) await dovecot.run(append("INBOX", letter(n)));
    await dovecot.run(append("INBOX", big), append("INBOX", letter("last")));
    // Enough for one message's pieces, so that it goes on.
    dovecot.cutAfter = 3_050_000;
    const first = await sync();
    assert.deepEqual(first.told.filter((line) => line !== "lost"), []);
    dovecot.cutAfter = Infinity;
    await sync();
    const subjects = (await messages(mail)).map(({ text }) => text);
    assert.equal(subjects.length, 32);
    assert.equal(new Set(subjects).size, 32);
  },
);
