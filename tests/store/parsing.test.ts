/** Emails are parsed when somebody asks for what is made of their bytes, or in the background: store/sqlite/parsing.ts. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { AccountDatabase } from "../../store/sqlite/database.ts";
import { Fill } from "../../store/sqlite/search/fill.ts";
import { openSearchDatabase } from "../../store/sqlite/search/schema.ts";
import { verifyStore } from "../../store/sqlite/verify.ts";
import { type Account, append, EVERYTHING, filesIn, letter, mailTest, name, named, rows, uids } from "./mailsupport.ts";

function query(t: Account, text: string): unknown[] {
  const db = new DatabaseSync(`${t.dataDir}/accounts/${t.account}/mail.db`);
  try {
    return db.prepare(text).all().map((row) => Object.values(row)[0]);
  } finally {
    db.close();
  }
}

const unparsed = (t: Account) => query(t, "SELECT email_id FROM unparsed ORDER BY email_id");
const parsed = (t: Account) => query(t, "SELECT id FROM email ORDER BY id");

async function faultsOf(t: Account): Promise<string> {
  const faults: string[] = [];
  await verifyStore(t.dataDir, ({ what }) => faults.push(what));
  return faults.join("\n");
}

const text = (bytes: Uint8Array | null) => new TextDecoder().decode(bytes ?? undefined);

async function subjects(t: Account, ranges = EVERYTHING, told?: number): Promise<string[]> {
  const all = await rows(t.mail, t.inbox, ["envelope"], ranges, told as never);
  return all.map(([envelope]) => /^\(NIL "([^"]*)"/.exec(text(envelope))?.[1] ?? "");
}

mailTest("only those are parsed whose columns are asked for, and only once", async (t) => {
  await append(t.mail, "INBOX", ..."abcd".split("").map((subject) => letter(subject)));
  assert.deepEqual(unparsed(t), [1, 2, 3, 4]);
  assert.equal(await faultsOf(t), "");
  assert.equal((await rows(t.mail, t.inbox, ["uid", "size", "header", "inlineContent", "emailId"])).length, 4);
  assert.deepEqual(unparsed(t), [1, 2, 3, 4]);
  assert.deepEqual(await subjects(t, uids(2, 4)), ["b", "d"]);
  assert.deepEqual([unparsed(t), parsed(t)], [[1, 3], [2, 4]]);
  assert.equal(await faultsOf(t), "");
  assert.deepEqual(await subjects(t), ["a", "b", "c", "d"]);
  assert.deepEqual([unparsed(t), parsed(t)], [[], [1, 2, 3, 4]]);
});

mailTest("many are parsed in portions, a batch behind the other, in ranges of all kinds", async (t) => {
  const all = Array.from({ length: 230 }, (_, n) => `s${n + 1}`);
  await append(t.mail, "INBOX", ...all.map((subject) => letter(subject)));
  await t.mail.createMailbox(name("Other"));
  await append(t.mail, "Other", letter("elsewhere"));
  assert.deepEqual(await subjects(t, uids(7, 200)), ["s7", "s200"]);
  const odd = all.map((_, i) => i + 1).filter((uid) => uid % 2 === 1);
  assert.deepEqual(await subjects(t, uids(...odd)), odd.map((uid) => `s${uid}`));
  assert.equal(unparsed(t).length, 230 - odd.length - 1 + 1);
  assert.deepEqual(await subjects(t), all);
  assert.deepEqual(unparsed(t), [231]);
});

mailTest("a message that was expunged unparsed can be read by those who were not told", async (t) => {
  await append(t.mail, "INBOX", letter("kept"), letter("gone"));
  const pin = t.mail.pin(t.inbox.id, await t.mail.modseq());
  await t.mail.remove(t.inbox.id, uids(2));
  assert.deepEqual(await subjects(t, EVERYTHING, pin.modseq), ["kept", "gone"]);
  pin.release();
  assert.deepEqual(unparsed(t), []);
});

mailTest(
  "what is purged unparsed leaves nothing behind",
  async (t) => {
    await append(t.mail, "INBOX", letter("a"), letter("b"));
    await t.mail.remove(t.inbox.id, uids(1));
    await t.store.upkeep(t.account).purge();
    assert.deepEqual(unparsed(t), [2]);
    assert.deepEqual(query(t, "SELECT email_id FROM content"), [2]);
    assert.equal(await faultsOf(t), "");
  },
  { keep: { seconds: -1, bytes: 0 } },
);

mailTest("a thread is the same whichever of its messages is parsed first (RFC 8474 §5.2)", async (t) => {
  const reply = letter("re", "Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\n");
  await append(t.mail, "INBOX", letter("first", "Message-ID: <1@x>\r\n"), reply, letter("other"));
  const [[second]] = await rows(t.mail, t.inbox, ["threadId"], uids(2));
  const threads = (await rows(t.mail, t.inbox, ["threadId"])).map(([thread]) => thread);
  assert.deepEqual(threads, [second, second, threads[2]]);
  assert.notEqual(threads[2], second);
});

mailTest("two stores on one account parse at the same time, and each email is there once", async (t) => {
  await append(t.mail, "INBOX", ...Array.from({ length: 120 }, (_, n) => letter(`s${n}`)));
  const other = await t.other();
  const inbox = await named(other.mail, "INBOX");
  const both = await Promise.all([
    rows(t.mail, t.inbox, ["uid", "preview"]),
    rows(other.mail, inbox, ["uid", "baseSubject"]),
  ]);
  assert.deepEqual(both.map((found) => found.length), [120, 120]);
  assert.equal(await faultsOf(t), "");
});

mailTest("what another process left, the next one parses", async (t) => {
  await append(t.mail, "INBOX", letter("a"), letter("b"));
  assert.deepEqual(unparsed(t), [1, 2]);
  const { store, mail } = await t.other();
  await mail.modseq();
  await store.upkeep(t.account).fillSearchIndex();
  assert.deepEqual(parsed(t), [1, 2]);
});

mailTest("where the file of a large message is lost, its header still says what it can", async (t) => {
  await append(t.mail, "INBOX", letter("large", "", "x".repeat(70) + "\r\n".repeat(70_000)), letter("small"));
  const folder = `${t.dataDir}/accounts/${t.account}/content`;
  for (const file of filesIn(folder)) Deno.removeSync(`${folder}/${file}`);
  assert.deepEqual(await subjects(t), ["large", "small"]);
});

mailTest("verify tells what an unparsed email lacks", async (t) => {
  await append(t.mail, "INBOX", letter("a"), letter("b"), letter("c"));
  query(t, "UPDATE content SET bytes = x'00' WHERE email_id = 1 RETURNING 1");
  query(t, "DELETE FROM content WHERE email_id = 2 RETURNING 1");
  query(t, "UPDATE header SET structure = x'01' WHERE email_id = 3 RETURNING 1");
  const found = await faultsOf(t);
  assert.match(found, /email 1: its bytes are not those that came/);
  assert.match(found, /email 2: some of its rows are missing/);
  assert.match(found, /email 3: some of its rows are missing/);
  query(t, "DELETE FROM header WHERE email_id = 2 RETURNING 1");
  await t.store.upkeep(t.account).fillSearchIndex();
  assert.deepEqual([unparsed(t), parsed(t)], [[], [1, 3]], "what is gone keeps nothing waiting");
});

mailTest("mail that has just come is parsed when the store is closed", async (t) => {
  await append(t.mail, "INBOX", letter("a"), letter("b"));
  await t.mail.index(t.inbox.id);
  await t.store.close();
  assert.deepEqual([unparsed(t), parsed(t)], [[], [1, 2]]);
});

mailTest(
  "an email parsed before those below it makes no segment without them, also where what is below was purged",
  async (t) => {
    const many = Array.from({ length: 70 }, (_, n) => letter(`s${n}`));
    await append(t.mail, "INBOX", ...many);
    await t.mail.remove(t.inbox.id, EVERYTHING);
    await t.store.upkeep(t.account).purge();
    await append(t.mail, "INBOX", letter("waits"), letter("asked for"));
    assert.deepEqual(await subjects(t, uids(72)), ["asked for"]);
    const db = new AccountDatabase(`${t.dataDir}/accounts/${t.account}/mail.db`, () => {});
    const index = openSearchDatabase(`${t.dataDir}/accounts/${t.account}`, true);
    assert(index);
    try {
      assert.equal(new Fill("full", () => undefined, false).begin(db, index), false);
    } finally {
      index.close();
      db.close();
    }
  },
  { keep: { seconds: -1, bytes: 0 } },
);

mailTest("where ten thousand wait, who brings more parses as many", async (t) => {
  const small = new TextEncoder().encode("\r\n");
  for (let n = 0; n < 11; n++) await append(t.mail, "INBOX", ...Array.from({ length: 1000 }, () => small));
  const [waiting] = query(t, "SELECT count(*) FROM unparsed") as [number];
  assert(waiting < 10_000 && waiting > 9000, `${waiting}`);
});
