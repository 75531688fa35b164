import assert from "node:assert/strict";
import type { EmailId } from "../../store/types.ts";
import { openStore } from "../../store/sqlite/open.ts";
import { verifyStore } from "../../store/sqlite/verify.ts";
import { AccountDatabase } from "../../store/sqlite/database.ts";
import { type Account, add, append, EVERYTHING, letter, mailTest, name, named, rows, uids } from "./mailsupport.ts";

const WEEK = { keep: { seconds: 7 * 86_400, bytes: 1e9 } };

/** What an account shows of a mailbox: flags, internal date and subject of each message. */
async function shown({ mail }: Account, mailbox: string) {
  return await rows(mail, await named(mail, mailbox), ["flagWord", "internalDate", "emailId"]);
}

async function expungeAll({ mail, inbox }: Account): Promise<void> {
  await mail.storeFlags(inbox.id, EVERYTHING, add("\\Deleted"));
  await mail.expunge(inbox.id);
}

/** Moves the time at which everything was expunged into the past. */
function age({ dataDir, account }: Account, seconds: number): void {
  const db = new AccountDatabase(`${dataDir}/accounts/${account}/mail.db`, () => {});
  db.write("full", () => db.run(`UPDATE expunged SET expunged_at = expunged_at - ${seconds} WHERE expunged_at > 0`));
  db.close();
}

async function sound({ dataDir }: Account): Promise<void> {
  const faults: unknown[] = [];
  await verifyStore(dataDir, (fault) => faults.push(fault));
  assert.deepEqual(faults, []);
}

mailTest("what was expunged can be listed, with its headlines", async (t) => {
  await append(t.mail, "INBOX", letter("=?utf-8?q?Gr=C3=BC=C3=9Fe?="), letter("two"));
  await expungeAll(t);
  const deleted = await t.store.upkeep(t.account).deleted({});
  assert.deepEqual(deleted.map(({ subject, from, mailbox, uid }) => ({ subject, from, mailbox, uid })), [
    { subject: "Grüße", from: "Bob <bob@example.org>", mailbox: "INBOX", uid: 1 },
    { subject: "two", from: "Bob <bob@example.org>", mailbox: "INBOX", uid: 2 },
  ]);
}, WEEK);

mailTest("undelete gives new UIDs, the flags but \\Deleted, and the same email and internal date", async (t) => {
  await append(t.mail, "INBOX", letter("one"), letter("two"));
  await t.mail.storeFlags(t.inbox.id, uids(2), add("\\Flagged", "Work"));
  const before = await shown(t, "INBOX");
  await expungeAll(t);
  await t.store.upkeep(t.account).purge();
  assert.deepEqual(await t.store.upkeep(t.account).undelete({}), new Map([["INBOX", 2]]));
  assert.deepEqual(await shown(t, "INBOX"), before);
  assert.deepEqual((await rows(t.mail, t.inbox, ["uid"])).map(([uid]) => uid), [3, 4]);
  assert.deepEqual(await t.store.upkeep(t.account).deleted({}), []);
  assert.equal((await t.mail.usage()).messages, 2);
  await sound(t);
}, WEEK);

mailTest("what expunged messages take does not count for the quota", async (t) => {
  await append(t.mail, "INBOX", letter("one"));
  await expungeAll(t);
  assert.deepEqual(await t.mail.usage(), { bytes: 0, messages: 0, limitBytes: 0, limitMessages: 0 });
}, WEEK);

mailTest("undelete makes a removed mailbox again, with its parents", async (t) => {
  await t.mail.createMailbox(name("Lists/Roost"));
  await append(t.mail, "Lists/Roost", letter("one"));
  await t.mail.deleteMailbox(name("Lists/Roost"));
  await t.mail.deleteMailbox(name("Lists"));
  await t.store.upkeep(t.account).undelete({});
  assert.equal((await shown(t, "Lists/Roost")).length, 1);
  await sound(t);
}, WEEK);

mailTest("undelete passes over what was moved or has a copy", async (t) => {
  await append(t.mail, "INBOX", letter("moved"), letter("copied"), letter("gone"));
  await t.mail.move(t.inbox.id, uids(1), name("Archive"));
  await t.mail.copy(t.inbox.id, uids(2), name("Archive"));
  await expungeAll(t);
  const deleted = await t.store.upkeep(t.account).deleted({});
  assert.deepEqual(deleted.map(({ subject }) => subject), ["gone"]);
}, WEEK);

mailTest("of a message that was moved to Trash and expunged there, the last place counts", async (t) => {
  await append(t.mail, "INBOX", letter("one"));
  await t.mail.move(t.inbox.id, uids(1), name("Trash"));
  const trash = await named(t.mail, "Trash");
  await t.mail.remove(trash.id, EVERYTHING);
  assert.deepEqual(await t.store.upkeep(t.account).undelete({}), new Map([["Trash", 1]]));
  await sound(t);
}, WEEK);

mailTest("undelete takes a mailbox and a time", async (t) => {
  await append(t.mail, "INBOX", letter("old"));
  await expungeAll(t);
  age(t, 3600);
  await append(t.mail, "Sent", letter("sent"));
  await t.mail.remove((await named(t.mail, "Sent")).id, EVERYTHING);
  await append(t.mail, "INBOX", letter("new"));
  await expungeAll(t);
  const since = Math.floor(Date.now() / 1000) - 60;
  const upkeep = t.store.upkeep(t.account);
  assert.deepEqual((await upkeep.deleted({ since, mailbox: name("INBOX") })).map(({ subject }) => subject), ["new"]);
  assert.deepEqual(await upkeep.undelete({ since }), new Map([["Sent", 1], ["INBOX", 1]]));
  assert.deepEqual((await upkeep.deleted({})).map(({ subject }) => subject), ["old"]);
}, WEEK);

mailTest("undelete puts thousands back, each once, also when called twice at once", async (t) => {
  const letters = Array.from({ length: 1200 }, (_, at) => letter(`number ${at}`));
  await append(t.mail, "INBOX", ...letters);
  await expungeAll(t);
  const { mail, store } = await t.other();
  const both = await Promise.all([t.store, store].map((each) => each.upkeep(t.account).undelete({})));
  assert.equal(both.reduce((sum, map) => sum + (map.get(name("INBOX")) ?? 0), 0), 1200);
  assert.equal((await mail.status(t.inbox.id)).messages, 1200);
  await sound(t);
}, WEEK);

mailTest("what is too old goes, with its content", async (t) => {
  await append(t.mail, "INBOX", letter("old"), letter("large", "", "x".repeat(200_000)));
  await expungeAll(t);
  const emails = (await t.store.upkeep(t.account).deleted({})).map(({ email }) => email);
  age(t, 8 * 86_400);
  await t.store.upkeep(t.account).purge();
  assert.deepEqual(await t.store.upkeep(t.account).deleted({}), []);
  for (const email of emails) assert.equal(await t.mail.content(email as EmailId), undefined);
  assert.deepEqual([...Deno.readDirSync(`${t.dataDir}/accounts/${t.account}/content`)], []);
  await sound(t);
}, WEEK);

mailTest("beyond the size the oldest go", async (t) => {
  for (const subject of ["first", "second", "third"]) {
    await append(t.mail, "INBOX", letter(subject, "", "x".repeat(1000)));
    await expungeAll(t);
    age(t, 60);
  }
  await t.store.upkeep(t.account).purge();
  const deleted = await t.store.upkeep(t.account).deleted({});
  assert.deepEqual(deleted.map(({ subject }) => subject), ["second", "third"]);
  await sound(t);
}, { keep: { seconds: 86_400, bytes: 2500 } });

mailTest("a session that was not told yet still reads what is too old to be kept", async (t) => {
  await append(t.mail, "INBOX", letter("one"));
  const told = await t.mail.modseq();
  const pin = t.mail.pin(t.inbox.id, told);
  await expungeAll(t);
  age(t, 8 * 86_400);
  await t.store.upkeep(t.account).purge();
  assert.equal((await rows(t.mail, t.inbox, ["size"], EVERYTHING, told)).length, 1);
  pin.release();
  await t.store.upkeep(t.account).purge();
  assert.equal((await rows(t.mail, t.inbox, ["size"], EVERYTHING, told)).length, 0);
}, WEEK);

mailTest("a longer time in the configuration takes effect with the next opening", async (t) => {
  await append(t.mail, "INBOX", letter("one"));
  await expungeAll(t);
  age(t, 8 * 86_400);
  const store = await openStore({
    dataDir: t.dataDir,
    quotaBytes: 0,
    quotaMessages: 0,
    keep: { seconds: 1e7, bytes: 1e9 },
  });
  try {
    assert.equal((await store.upkeep(t.account).deleted({})).length, 1);
  } finally {
    await store.close();
  }
}, WEEK);

mailTest("messages saved before a time are expunged, and only those", async (t) => {
  const trash = await named(t.mail, "Trash");
  await append(t.mail, "Trash", ...Array.from({ length: 700 }, (_, at) => letter(`old ${at}`)));
  const db = new AccountDatabase(`${t.dataDir}/accounts/${t.account}/mail.db`, () => {});
  db.write("full", () => db.run("UPDATE message SET save_date = save_date - 86400"));
  db.close();
  await append(t.mail, "Trash", letter("new"));
  const removed = await t.store.upkeep(t.account).expungeSavedBefore(trash.id, Math.floor(Date.now() / 1000) - 3600);
  assert.equal(removed.length, 700);
  assert.deepEqual((await rows(t.mail, trash, ["uid"])).map(([uid]) => uid), [701]);
  await sound(t);
}, WEEK);

mailTest("each step of the quota is due once, and again after falling below it", async (t) => {
  const upkeep = t.store.upkeep(t.account);
  const steps = [80, 90, 95];
  const fill = (bytes: number) => append(t.mail, "INBOX", "x: y\r\n\r\n".padEnd(bytes, "x"));
  await fill(7000);
  assert.equal(await upkeep.dueWarning(steps), undefined);
  await fill(1500);
  assert.equal(await upkeep.dueWarning(steps), 80);
  assert.equal(await upkeep.dueWarning(steps), undefined);
  await fill(1200);
  assert.equal(await upkeep.dueWarning(steps), 95);
  await t.mail.remove(t.inbox.id, uids(1));
  assert.equal(await upkeep.dueWarning(steps), undefined);
  await fill(6000);
  assert.equal(await upkeep.dueWarning(steps), 80);
}, { quotaBytes: 10_000 });
