import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Mailbox, MailStore } from "../../store/store.ts";
import { AccountDatabase } from "../../store/sqlite/database.ts";
import { EmailRuns } from "../../store/sqlite/emailruns.ts";
import { LEAST_PACKED, loadPacked } from "../../store/sqlite/packedindex.ts";
import { repairAccount } from "../../store/sqlite/repair.ts";
import { verifyStore } from "../../store/sqlite/verify.ts";
import type { Uid } from "../../store/types.ts";
import {
  type Account,
  add,
  append,
  EVERYTHING,
  letter,
  mailTest,
  name,
  named,
  remove,
  rows,
  set,
  uids,
  until,
} from "./mailsupport.ts";

function database<T>({ dataDir, account }: Account, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(join(dataDir, "accounts", String(account), "mail.db"), { timeout: 1000 });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

function packed(t: Account): { mailbox_id: number; modseq: number; messages: number } | undefined {
  return database(t, (db) => db.prepare("SELECT mailbox_id, modseq, messages FROM packed_index").get()) as
    | { mailbox_id: number; modseq: number; messages: number }
    | undefined;
}

/** At least so many messages. @returns how many there are */
async function grow(mail: MailStore, mailbox: Mailbox, least = LEAST_PACKED): Promise<number> {
  await append(mail, mailbox.name, letter("one"));
  for (;;) {
    const { messages } = await mail.status(mailbox.id);
    if (messages >= least) return messages;
    await mail.copy(mailbox.id, EVERYTHING, mailbox.name);
  }
}

async function agrees(mail: MailStore, mailbox: Mailbox): Promise<void> {
  const index = await mail.index(mailbox.id);
  const { list, flagWords, modseqs } = index;
  const stored = await rows(mail, mailbox, ["uid", "flagWord", "moreKeywords", "modseq"]);
  const held = Array.from({ length: list.count }, (_, at) => {
    const uid = list.uids[at] as Uid;
    return [uid, flagWords[at], [...index.moreKeywords(uid)], modseqs[at]];
  });
  assert.deepEqual(held, stored);
  const { highestModSeq, uidNext } = await mail.status(mailbox.id);
  assert.deepEqual([index.modseq, index.uidNext], [highestModSeq, uidNext]);
}

async function faultsOf({ dataDir }: Account): Promise<string> {
  const found: string[] = [];
  await verifyStore(dataDir, ({ what }) => found.push(what));
  return found.join("\n");
}

mailTest("the index of a large mailbox is packed in the background, of a small one never", async (t) => {
  await append(t.mail, "Archive", letter("one"));
  await t.mail.index((await named(t.mail, "Archive")).id);
  const messages = await grow(t.mail, t.inbox);
  await until(() => packed(t) !== undefined);
  assert.equal(packed(t)?.mailbox_id, t.inbox.id);
  assert.equal(packed(t)?.messages, messages);
  assert.equal(await faultsOf(t), "");
});

mailTest("what changed after the packing is in the index that is loaded", async (t) => {
  const messages = await grow(t.mail, t.inbox);
  await t.store.close();
  const { modseq } = packed(t)!;
  for (let round = 0; round < 3; round++) {
    const { mail, store } = await t.other();
    await agrees(mail, t.inbox);
    const at = 10 + 20 * round;
    await mail.storeFlags(t.inbox.id, uids(at, at + 1, messages - round), add("\\Flagged", `$k${round}`));
    await mail.storeFlags(t.inbox.id, uids(at + 3, at + 4), add("\\Deleted"));
    await mail.expunge(t.inbox.id);
    await append(mail, "INBOX", letter("new"), letter("newer"));
    await agrees(mail, t.inbox);
    await store.close();
  }
  assert.equal(packed(t)?.modseq, modseq, "so few changes are not worth packing it again");
  assert.equal(await faultsOf(t), "");
  const { mail } = await t.other();
  await agrees(mail, t.inbox);
});

mailTest("many changes make a new one, by whichever process they come", async (t) => {
  const messages = await grow(t.mail, t.inbox);
  await t.store.close();
  const before = packed(t)!;
  const one = await t.other();
  const two = await t.other();
  await one.mail.index(t.inbox.id);
  await two.mail.storeFlags(t.inbox.id, [{ first: 1 as Uid, last: (messages >> 2) as Uid }], add("\\Seen"));
  await agrees(one.mail, t.inbox);
  await one.store.close();
  await two.store.close();
  assert.ok(packed(t)!.modseq > before.modseq);
  assert.equal(await faultsOf(t), "");
  const { mail } = await t.other();
  await agrees(mail, t.inbox);
});

mailTest("keywords beyond the flag word: nothing is packed, and what was packed before still serves", async (t) => {
  await grow(t.mail, t.inbox);
  await t.store.close();
  const before = packed(t)!;
  const { mail, store } = await t.other();
  const names = Array.from({ length: 30 }, (_, i) => `k${i}`);
  await mail.storeFlags(t.inbox.id, [{ first: 5 as Uid, last: 600 as Uid }], add(...names));
  await mail.storeFlags(t.inbox.id, [{ first: 100 as Uid, last: 200 as Uid }], remove("k29"));
  await mail.storeFlags(t.inbox.id, uids(300), set("k25"));
  await mail.copy(t.inbox.id, uids(5, 6), name("INBOX"));
  await store.close();
  assert.equal(packed(t)?.modseq, before.modseq);
  const later = await t.other();
  await agrees(later.mail, t.inbox);
});

mailTest("a deleted mailbox takes its packed index along", async (t) => {
  const archive = await named(t.mail, "Archive");
  await grow(t.mail, archive);
  await t.store.close();
  assert.equal(packed(t)?.mailbox_id, archive.id);
  const { mail, store } = await t.other();
  await mail.deleteMailbox(name("Archive"));
  await store.close();
  assert.equal(packed(t), undefined);
  assert.equal(await faultsOf(t), "");
});

/** `told`: verify finds it. */
const DAMAGES: readonly (readonly [what: string, sql: string, told: RegExp])[] = [
  ["too short", "UPDATE packed_index SET columns = substr(columns, 1, 1000)", /has 1000 bytes for \d+ messages/],
  ["of more messages", "UPDATE packed_index SET messages = messages + 1", /bytes for \d+ messages/],
  [
    "without a message",
    "UPDATE packed_index SET messages = messages - 1, columns = CAST(x'0101010000000000' || zeroblob(3 * messages) AS BLOB)",
    /is not what its messages are/,
  ],
  [
    "of other emails",
    "UPDATE packed_index SET columns = CAST(substr(columns, 1, length(columns) - 8) || x'ffff0000' || substr(columns, -4) AS BLOB)",
    /is not what its messages are/,
  ],
  ["of the future", "UPDATE packed_index SET modseq = modseq + 100", /above the mailbox's/],
];

for (const [what, sql, told] of DAMAGES) {
  mailTest(`a packed index that is ${what} is passed over, told of, and gone after a repair`, async (t) => {
    await grow(t.mail, t.inbox);
    await t.store.close();
    database(t, (db) => db.exec(sql));
    assert.match(await faultsOf(t), told);
    const { mail, store } = await t.other();
    await agrees(mail, t.inbox);
    await store.close();
    database(t, (db) => db.exec(sql));
    repairAccount(t.dataDir, t.account);
    assert.equal(packed(t), undefined);
    assert.equal(await faultsOf(t), "");
  });
}

mailTest("a mailbox whose index is packed knows the emails of its messages without reading them", async (t) => {
  await append(t.mail, "Archive", letter("other"));
  await append(t.mail, "INBOX", ...Array.from({ length: LEAST_PACKED + 1 }, (_, i) => letter(`m${i}`)));
  await t.mail.remove(t.inbox.id, uids(5));
  await t.store.close();
  const path = join(t.dataDir, "accounts", String(t.account), "mail.db");
  const db = new AccountDatabase(path, () => {});
  try {
    const kept = loadPacked(db, t.inbox.id);
    assert.deepEqual([...kept!.emails], [1, 2, 4, 6, 7, LEAST_PACKED - 4]);
    db.write("flags", () => db.run("UPDATE message SET email_id = 1 WHERE uid = 7"));
    const runs = new EmailRuns(t.inbox.id, kept?.emails);
    assert.deepEqual(runs.of(db, Uint32Array.of(4, 6, 7)).map(({ email }) => email), [5, 7, 8]);
  } finally {
    db.close();
  }
});

mailTest("an account of the schema before is verified as it is, and brought up to date by its first use", async (t) => {
  await append(t.mail, "INBOX", letter("one"));
  await t.store.upkeep(t.account).fillSearchIndex();
  await t.store.close();
  database(t, (db) => db.exec("DROP TABLE packed_index; DROP TABLE unparsed; PRAGMA user_version = 2"));
  assert.equal(await faultsOf(t), "");
  const { mail, store } = await t.other();
  await grow(mail, t.inbox);
  await store.close();
  assert.ok(packed(t));
  assert.equal(await faultsOf(t), "");
});

mailTest("a hundred changes are packed when the store is closed", async (t) => {
  const messages = await grow(t.mail, t.inbox, 2 * LEAST_PACKED);
  await t.store.close();
  const before = packed(t)!;
  const { mail, store } = await t.other();
  await mail.storeFlags(t.inbox.id, [{ first: 1 as Uid, last: 100 as Uid }], add("\\Seen"));
  assert.ok(100 * 32 < messages);
  await store.close();
  assert.ok(packed(t)!.modseq > before.modseq);
  assert.equal(await faultsOf(t), "");
  await agrees((await t.other()).mail, t.inbox);
});
