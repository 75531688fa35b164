/** Servers that are broken or mean: what can be brought over is, the rest is told. */
import assert from "node:assert/strict";
import { messages } from "../formats/support.ts";
import { type Account, mailTest } from "../store/mailsupport.ts";
import { Fake, type FakeMessage, type FakeOptions } from "./fake.ts";
import { sync } from "./support.ts";

const letter = (n: number | string, more = "") => `Subject: ${n}\r\n\r\n${more}body ${n}\r\n`;

function fakeTest(title: string, options: FakeOptions, body: (t: Account, fake: Fake) => Promise<void>): void {
  mailTest(title, async (t) => {
    await using fake = new Fake(options);
    await body(t, fake);
  });
}

async function subjects({ mail }: Account, mailbox = "INBOX"): Promise<string[]> {
  return (await messages(mail, mailbox)).map(({ text }) => /^Subject: (.*)\r$/m.exec(text)?.[1] ?? "long");
}

const inbox = (...messages: FakeMessage[]): FakeOptions => ({ mailboxes: { INBOX: messages } });
const plain = (uid: number): FakeMessage => ({ uid, text: letter(uid) });

const BROKEN = {
  no: "not this one",
  cut: "the connection is lost whenever it is read",
  huge: "the connection is lost whenever it is read",
  nil: "the server does not give its content",
} as const;

for (const [body, why] of Object.entries(BROKEN)) {
  const bad = { ...plain(2), body: body as FakeMessage["body"] };
  fakeTest(
    `one message that cannot be read (${body}) is told and holds up no other`,
    inbox(plain(1), bad, plain(3)),
    async (t, fake) => {
      const { added, told } = await sync(t, fake.port);
      assert.equal(added, 2);
      assert.deepEqual(told.filter((line) => line !== "lost"), [`skipped: INBOX, UID 2: ${why}`]);
      assert.deepEqual(await subjects(t), ["1", "3"]);
      // It is tried again each time, and comes when it can.
      fake.options = inbox(plain(1), plain(2), plain(3));
      assert.equal((await sync(t, fake.port)).added, 1);
      assert.deepEqual(await subjects(t), ["1", "3", "2"]);
    },
  );
}

fakeTest(
  "a message that vanishes while it is read is no fault",
  inbox(plain(1), { ...plain(2), body: "nothing" }),
  async (t, fake) => {
    const { added, told } = await sync(t, fake.port);
    assert.deepEqual([added, told], [1, []]);
  },
);

const LONG = letter("long", "x".repeat(1_500_000));
fakeTest(
  "RFC822.SIZE may be wrong",
  inbox({ uid: 1, text: letter(1), size: 5_000_000 }, { uid: 2, text: LONG, size: 10 }, {
    uid: 3,
    text: letter(3),
    size: 0,
  }),
  async (t, fake) => {
    assert.deepEqual((await sync(t, fake.port)).told, []);
    assert.deepEqual(await subjects(t), ["1", "long", "3"]);
  },
);

fakeTest(
  "messages over the limit are told and left out, whatever size they are said to have",
  inbox({ uid: 1, text: LONG }, { uid: 2, text: LONG, size: 10 }, { uid: 3, text: LONG, size: 1_100_000 }, plain(4)),
  async (t, fake) => {
    const { told } = await sync(t, fake.port, { maxSize: 1_200_000 });
    assert.equal(
      told.filter((line) => /^skipped: INBOX, UID [123]: it has \d+ bytes, more than 1200000/.test(line)).length,
      3,
    );
    assert.deepEqual(await subjects(t), ["4"]);
  },
);

fakeTest(
  "a server that says it has four thousand million messages",
  { ...inbox(plain(1)), exists: 4_294_967_295 },
  async (t, fake) => {
    assert.equal((await sync(t, fake.port)).added, 1);
  },
);

fakeTest("a login that fails is not tried again", { login: "NO" }, async (t, fake) => {
  await assert.rejects(sync(t, fake.port), /^SyncError: the login at 127\.0\.0\.1 failed: no$/);
  assert.equal(fake.logins, 1);
});

fakeTest("a server without mailboxes removes none here", inbox(plain(1)), async (t, fake) => {
  await sync(t, fake.port);
  fake.options = { mailboxes: {} };
  await assert.rejects(sync(t, fake.port, { deleteMailboxes: true }), /lists no mailboxes/);
  assert.deepEqual(await subjects(t), ["1"]);
});

const ODD = {
  INBOX: [],
  '"a//b"': [plain(1)],
  '"a/../b"': [plain(2)],
  '"tab\tx"': [plain(3)],
  '"tab_x"': [plain(4)],
  [`"${"n".repeat(1500)}"`]: [plain(5)],
};
fakeTest("names that cannot be here become others, each its own, and stay so", { mailboxes: ODD }, async (t, fake) => {
  const { told, added } = await sync(t, fake.port);
  assert.equal(added, 5);
  assert.equal(told.filter((line) => /^note: .*; it is imported as /.test(line)).length, 4);
  const names = (await t.mail.mailboxes()).map(({ name }): string => name);
  assert.deepEqual(await subjects(t, "tab_x"), ["3"]);
  const other = names.find((name) => name.startsWith("tab_x~"));
  assert.deepEqual(other && await subjects(t, other), ["4"]);
  assert.deepEqual(await subjects(t, "a/b"), ["1"]);
  const again = await sync(t, fake.port);
  assert.deepEqual([again.added, again.told], [0, []]);
  assert.equal((await t.mail.mailboxes()).length, names.length);
});

const GMAIL: FakeOptions = {
  capabilities: "IMAP4rev1 LITERAL+ SPECIAL-USE X-GM-EXT-1",
  mailboxes: {
    INBOX: [plain(1)],
    Work: [plain(2)],
    "[Gmail]/Alle": [
      { ...plain(1), labels: '"\\\\Inbox"' },
      { ...plain(2), labels: 'Work "\\\\Important"' },
      { ...plain(3), labels: '"\\\\Starred"' },
    ],
    "[Gmail]/Stern": [plain(3)],
    "[Gmail]/Papierkorb": [plain(4)],
  },
  attributes: { "[Gmail]/Alle": "\\All", "[Gmail]/Stern": "\\Flagged", "[Gmail]/Papierkorb": "\\Trash" },
};
fakeTest("Gmail: of All Mail only what has no label, into Archive; each message once", GMAIL, async (t, fake) => {
  const { added, told } = await sync(t, fake.port);
  assert.deepEqual([added, told], [4, []]);
  assert.deepEqual([await subjects(t), await subjects(t, "Work"), await subjects(t, "Archive")], [["1"], ["2"], ["3"]]);
  assert.deepEqual(await subjects(t, "Trash"), ["4"]);
  // One is archived there.
  const all = GMAIL.mailboxes?.["[Gmail]/Alle"] ?? [];
  const archived = all.map((message) => message.uid === 1 ? { ...message, labels: "" } : message);
  fake.options = { ...GMAIL, mailboxes: { ...GMAIL.mailboxes, INBOX: [], "[Gmail]/Alle": archived } };
  await sync(t, fake.port);
  assert.deepEqual([await subjects(t), await subjects(t, "Archive")], [[], ["3", "1"]]);
});

const SAME_VALIDITY = { mailboxes: { INBOX: [plain(1)], Old: [plain(2)] } };
fakeTest(
  "a server whose mailboxes all have one UIDVALIDITY: a new one is not taken for a renamed one",
  SAME_VALIDITY,
  async (t, fake) => {
    await sync(t, fake.port);
    fake.options = { mailboxes: { INBOX: [plain(1)], New: [{ uid: 2, text: letter("other") }] } };
    const { told } = await sync(t, fake.port);
    assert.deepEqual(told, ["note: Old: it is gone there; Old stays here (--delete-mailboxes removes it)"]);
    assert.deepEqual([await subjects(t, "Old"), await subjects(t, "New")], [["2"], ["other"]]);
  },
);

const FLAGS = Array.from({ length: 30_000 }, (_, n) => `k${n}`).join(" ");
fakeTest(
  "keywords without number: some are kept, one line tells of the rest",
  inbox({ ...plain(1), flags: FLAGS }, plain(2)),
  async (t, fake) => {
    const { added, told } = await sync(t, fake.port, { maxKeywords: 100 });
    assert.deepEqual([added, told.length], [2, 1]);
    const [{ flags }] = await messages(t.mail);
    assert.equal(flags.split(" ").length, 100);
    assert.deepEqual((await sync(t, fake.port, { maxKeywords: 100 })).flagged, 0);
  },
);
