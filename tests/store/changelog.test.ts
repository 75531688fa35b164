import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Random } from "../model/random.ts";
import type { Uid } from "../../store/types.ts";
import { type Account, add, append, EVERYTHING, letter, mailTest, uids } from "./mailsupport.ts";

/** What two stores know of INBOX, by UID. */
async function flagsIn(t: Pick<Account, "mail" | "inbox">): Promise<string[]> {
  const { list, flagWords, modseqs } = await t.mail.index(t.inbox.id);
  return Array.from(list.uids.subarray(0, list.count), (uid, at) => `${uid} ${flagWords[at]} ${modseqs[at]}`);
}

/** A store that knows INBOX, and the same folder opened by another. */
async function both(t: Account, messages: number) {
  await append(t.mail, "INBOX", ...Array.from({ length: messages }, (_, at) => letter(`m${at}`)));
  const other = { ...t, mail: (await t.other()).mail };
  await flagsIn(other);
  return other;
}

mailTest("another process catches up with any changes", async (t) => {
  const other = await both(t, 60);
  const random = new Random(5);
  for (let round = 0; round < 40; round++) {
    for (let change = random.below(4); change >= 0; change--) {
      const first = 1 + random.below(60);
      const range = [{ first: first as Uid, last: first + random.below(20) as Uid }];
      const scattered = uids(...Array.from({ length: 60 }, (_, at) => at + 1).filter(() => random.chance(0.3)));
      const what = random.pick(["add", "remove"] as const);
      await t.mail.storeFlags(t.inbox.id, random.chance(0.5) ? range : scattered, {
        ...add("\\Flagged", "Work"),
        mode: what,
      });
    }
    if (random.chance(0.3)) await append(t.mail, "INBOX", letter("more"));
    assert.deepEqual(await flagsIn(other), await flagsIn(t));
  }
});

/** Ranges of UIDs that are noted of the last change. */
function noted({ dataDir, account }: Account): [number, number][] {
  const db = new DatabaseSync(`${dataDir}/accounts/${account}/mail.db`);
  const rows = db.prepare(
    "SELECT first, last FROM changed WHERE modseq = (SELECT max(modseq) FROM changed) ORDER BY first",
  );
  const ranges = rows.all().map(({ first, last }) => [Number(first), Number(last)] as [number, number]);
  db.close();
  return ranges;
}

mailTest("changes of more messages apart than are noted one by one", async (t) => {
  const other = await both(t, 2200);
  const even = uids(...Array.from({ length: 1100 }, (_, at) => 2 * at + 2));
  await t.mail.storeFlags(t.inbox.id, even, add("\\Flagged"));
  assert.deepEqual(await flagsIn(other), await flagsIn(t));
  const ranges = noted(t);
  assert.equal(ranges.length, 1024);
  assert.deepEqual(ranges.slice(0, 2), [[2, 2], [4, 4]]);
});

mailTest("where many changes are noted, the widest gaps between them stay", async (t) => {
  const other = await both(t, 2500);
  const many = Array.from({ length: 1100 }, (_, at) => 1 + 2 * at + (at > 200 ? 300 : 0));
  await t.mail.storeFlags(t.inbox.id, uids(...many), add("\\Flagged"));
  assert.deepEqual(await flagsIn(other), await flagsIn(t));
  const ranges = noted(t);
  assert.equal(ranges.length, 1024);
  assert.ok(ranges.some(([, last]) => last === 401) && ranges.some(([first]) => first === 703));
});

mailTest("who comes after the oldest note looks at all messages", async (t) => {
  const other = await both(t, 20);
  await t.mail.storeFlags(t.inbox.id, uids(3), add("\\Flagged"));
  // As if ten thousand changes had come since, and what was noted of the first had gone.
  const db = new DatabaseSync(`${t.dataDir}/accounts/${t.account}/mail.db`);
  db.exec("UPDATE account SET modseq = modseq + 20000; DELETE FROM changed");
  db.close();
  await t.mail.storeFlags(t.inbox.id, uids(5), add("\\Flagged"));
  assert.deepEqual(await flagsIn(other), await flagsIn(t));
});

mailTest("notes are bounded, and go with their mailbox", async (t) => {
  const mailbox = await t.mail.createMailbox("Gone" as never);
  await append(t.mail, "Gone", letter("one"));
  await append(t.mail, "INBOX", letter("one"));
  const count = (where: string) => {
    const db = new DatabaseSync(`${t.dataDir}/accounts/${t.account}/mail.db`, { readOnly: true });
    try {
      return Number(db.prepare(`SELECT count(*) AS n FROM changed WHERE ${where}`).get()?.n);
    } finally {
      db.close();
    }
  };
  assert.equal(count(`mailbox_id = ${mailbox.id}`), 1);
  await t.mail.deleteMailbox("Gone" as never);
  assert.equal(count(`mailbox_id = ${mailbox.id}`), 0);
  const db = new DatabaseSync(`${t.dataDir}/accounts/${t.account}/mail.db`);
  db.exec("UPDATE account SET modseq = modseq + 20000");
  db.close();
  await t.mail.storeFlags(t.inbox.id, EVERYTHING, add("\\Seen"));
  assert.equal(count(`mailbox_id = ${t.inbox.id}`), 1);
});

mailTest("very many notes become one, and another process still catches up", async (t) => {
  const other = await both(t, 20);
  await t.mail.storeFlags(t.inbox.id, uids(3), add("\\Flagged"));
  const db = new DatabaseSync(`${t.dataDir}/accounts/${t.account}/mail.db`);
  db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100001)
    INSERT INTO changed SELECT ${t.inbox.id}, 900, i + 1000, i + 1000 FROM n; UPDATE account SET modseq = 998`);
  await t.mail.storeFlags(t.inbox.id, uids(5), add("\\Flagged"));
  await t.mail.storeFlags(t.inbox.id, uids(7), add("\\Flagged"));
  const notes = db.prepare("SELECT modseq, first, last FROM changed WHERE mailbox_id = ?").all(t.inbox.id);
  db.close();
  assert.deepEqual(notes.map((note) => ({ ...note })), [{ modseq: 1000, first: 1, last: 4294967295 }]);
  assert.deepEqual(await flagsIn(other), await flagsIn(t));
});
