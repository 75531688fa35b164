import assert from "node:assert/strict";
import { configSchema } from "../../server/config/schema.ts";
import { QuotaWarnings } from "../../server/upkeep/quotawarnings.ts";
import { startUpkeep, upkeepRound } from "../../server/upkeep/upkeep.ts";
import { AccountDatabase } from "../../store/sqlite/database.ts";
import { type Account, append, letter, mailTest, name, named, rows, uids, until } from "../store/mailsupport.ts";

const DAY = 86_400;
const decoder = new TextDecoder();

function config(values: Record<string, unknown>) {
  return configSchema.parse({ hostname: "mail.example.org", ...values });
}

async function round({ store }: Account, values: Record<string, unknown>): Promise<void> {
  const all = config(values);
  await upkeepRound(store, all, { warnings: new QuotaWarnings(store, all) }, new AbortController().signal);
}

/** Moves the time at which messages came into their mailboxes into the past. */
function age({ dataDir, account }: Account, seconds: number): void {
  const db = new AccountDatabase(`${dataDir}/accounts/${account}/mail.db`, () => {});
  db.write("full", () => db.run(`UPDATE message SET save_date = save_date - ${seconds}`));
  db.close();
}

async function counts({ mail }: Account, ...names: string[]): Promise<number[]> {
  return await Promise.all(names.map(async (text) => (await mail.status((await named(mail, text)).id)).messages));
}

/** The newest message of INBOX. */
async function newest({ mail, inbox }: Account): Promise<string> {
  const all = await rows(mail, inbox, ["emailId"]);
  using content = await mail.content(all[all.length - 1][0]);
  assert.ok(content);
  return decoder.decode(content.read(0, content.size));
}

mailTest("retention by name and by special use, counted from SAVEDATE (RFC 8514)", async (t) => {
  await t.mail.createMailbox(name("Lists/News"));
  for (const mailbox of ["INBOX", "Trash", "Junk", "Lists/News"]) await append(t.mail, mailbox, letter("old"));
  age(t, 40 * DAY);
  for (const mailbox of ["Trash", "Junk", "Lists/News"]) await append(t.mail, mailbox, letter("new"));
  await round(t, { retention: { "\\Trash": "30d", "Junk": "6w", "Lists/News": "12h" } });
  assert.deepEqual(await counts(t, "INBOX", "Trash", "Junk", "Lists/News"), [1, 1, 2, 1]);
});

mailTest("the rule for a mailbox's name counts before the one for its use", async (t) => {
  await append(t.mail, "Trash", letter("old"));
  age(t, 40 * DAY);
  await round(t, { retention: { "\\trash": "30d", "Trash": "8w" } });
  assert.deepEqual(await counts(t, "Trash"), [1]);
});

mailTest("a moved message has its time in the mailbox that it was moved to", async (t) => {
  await append(t.mail, "INBOX", letter("one"));
  age(t, 40 * DAY);
  await t.mail.move(t.inbox.id, uids(1), name("Trash"));
  await round(t, { retention: { "\\Trash": "30d" } });
  assert.deepEqual(await counts(t, "Trash"), [1]);
});

mailTest("a nearly full mailbox gets one warning for each step, quota or not", async (t) => {
  await append(t.mail, "INBOX", "x: y\r\n\r\n".padEnd(85_000, "x"));
  for (let n = 0; n < 2; n++) await round(t, {});
  assert.deepEqual(await counts(t, "INBOX"), [2]);
  const text = await newest(t);
  assert.match(text, /^From: Mail System <postmaster@mail\.example\.org>\r$/m);
  assert.match(text, /^To: alice@example\.org\r$/m);
  assert.match(text, /^Subject: Your mailbox is 80 % full\r$/m);
  assert.match(text, /^Auto-Submitted: auto-generated\r$/m);
  assert.match(text, /now holds 0\.1 MiB of 0\.1 MiB/);
  await append(t.mail, "INBOX", "x: y\r\n\r\n".padEnd(11_000, "x"));
  await round(t, {});
  assert.match(await newest(t), /Subject: Your mailbox is 95 % full/);
  assert.ok((await t.mail.usage()).bytes > 96_000);
}, { quotaBytes: 100_000 });

mailTest("a warning follows the message that made it due, without waiting for a round", async (t) => {
  const stop = new AbortController();
  startUpkeep(
    t.store,
    config({ quotaWarnings: { percent: [50], text: "Subject: {used} of {limit}\n\nx\n" } }),
    stop.signal,
  );
  try {
    await append(t.mail, "INBOX", letter("one"), letter("two"));
    await until(async () => (await counts(t, "INBOX"))[0] === 3);
    assert.match(await newest(t), /^Subject: 2 messages of 4\r$/m);
  } finally {
    stop.abort();
  }
}, { quotaMessages: 4 });

mailTest("without steps nobody is warned", async (t) => {
  await append(t.mail, "INBOX", letter("one"));
  await round(t, { quotaWarnings: { percent: [] } });
  assert.deepEqual(await counts(t, "INBOX"), [1]);
}, { quotaMessages: 1 });

mailTest("an account that is removed during the round does not stop it", async (t) => {
  const [{ id }] = await t.store.directory.add([{ address: "bob@example.org", credentials: {} }]);
  await append(t.mail, "Trash", letter("old"));
  age(t, 2 * DAY);
  const all = config({ retention: { "\\Trash": "1d" } });
  const { signal } = new AbortController();
  await Promise.all([
    upkeepRound(t.store, all, { warnings: new QuotaWarnings(t.store, all) }, signal),
    t.store.directory.remove(id),
  ]);
  assert.deepEqual(await counts(t, "Trash"), [0]);
});

mailTest("what was removed is gone after its time, and not before", async (t) => {
  const { directory } = t.store;
  const [old, young] = await directory.add(["old", "young"].map((address) => ({ address, credentials: {} })));
  const now = Math.floor(Date.now() / 1000);
  await directory.setRemoved(old.id, now - 3 * DAY);
  await directory.setRemoved(young.id, now - DAY);
  await round(t, { accounts: { removeAfter: "2d" } });
  assert.equal(await directory.get(old.id), undefined);
  assert.equal((await directory.get(young.id))?.removed, now - DAY);
  await directory.add([{ address: "old", credentials: {} }]);
});
