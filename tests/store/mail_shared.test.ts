import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { Flag, flagSet } from "../../store/flags.ts";
import { Rights } from "../../store/rights.ts";
import type { Store } from "../../store/store.ts";
import { verifyStore } from "../../store/sqlite/verify.ts";
import type { AccountId, ModSeq, Uid } from "../../store/types.ts";
import { draft, EVERYTHING, letter, mailTest, name, uids } from "./mailsupport.ts";

async function reader(store: Store, address = "bob@example.org"): Promise<AccountId> {
  return (await store.directory.add([{ address, credentials: {} }]))[0].id;
}

const seen = { mode: "add", flags: flagSet(["\\Seen"]) } as const;

async function faults(dataDir: string): Promise<string[]> {
  const found: string[] = [];
  await verifyStore(dataDir, ({ what }) => found.push(what));
  return found;
}

mailTest("a reader's index follows marks and messages, also those of another process", async (t) => {
  const bob = await reader(t.store);
  for (const subject of ["one", "two", "three"]) {
    await t.mail.append(t.inbox.name, [{ draft: await draft(t.mail, letter(subject)), flags: flagSet([]) }]);
  }
  const { store } = await t.other();
  const [here, there] = [t.store.mailFor(t.account, bob), store.mailFor(t.account, bob)];
  const words = async (mail: typeof here) => {
    const index = await mail.index(t.inbox.id);
    return Array.from({ length: index.list.count }, (_, at) => index.flagWords[at] & Flag.Seen);
  };
  assert.deepEqual(await words(here), [0, 0, 0]);
  await there.storeFlags(t.inbox.id, uids(2), seen);
  assert.deepEqual([await words(here), await words(there)], [[0, 1, 0], [0, 1, 0]]);
  await t.mail.storeFlags(t.inbox.id, uids(1), seen);
  await t.mail.remove(t.inbox.id, uids(1));
  assert.deepEqual([await words(here), await words(there)], [[1, 0], [1, 0]]);
  const before = (await here.index(t.inbox.id)).modseq;
  await here.storeFlags(t.inbox.id, uids(2), { ...seen, mode: "remove" });
  const index = await there.index(t.inbox.id);
  assert.deepEqual([...index.changedSince(before)], [0]);
  assert.equal((await there.status(t.inbox.id)).unseen, 2);
  assert.deepEqual(await faults(t.dataDir), []);
});

mailTest("marks of a reader that change nothing take no modseq; UNCHANGEDSINCE counts them", async (t) => {
  const bob = await reader(t.store);
  const view = t.store.mailFor(t.account, bob);
  await view.append(t.inbox.name, [{ draft: await draft(view, letter("one")), flags: flagSet(["\\Seen"]) }]);
  const { modseq } = await view.index(t.inbox.id);
  assert.deepEqual(await view.storeFlags(t.inbox.id, EVERYTHING, seen), {
    changed: [],
    modified: [],
    modseq: undefined,
  });
  const change = { mode: "set", flags: flagSet([]), unchangedSince: modseq - 1 as ModSeq } as const;
  assert.deepEqual((await view.storeFlags(t.inbox.id, EVERYTHING, change)).modified, [1 as Uid]);
  assert.equal((await t.mail.status(t.inbox.id)).unseen, 1);
});

mailTest("a reader's draft and content: large messages cross accounts as files", async (t) => {
  const bob = await reader(t.store);
  const view = t.store.mailFor(t.account, bob);
  const text = letter("large", "", "A line.\r\n".repeat(30_000));
  await view.append(t.inbox.name, [{ draft: await draft(view, text), flags: flagSet([]) }]);
  using content = await view.content(1 as Parameters<typeof view.content>[0]);
  assert.equal(content?.size, text.length);
  assert.deepEqual(await faults(t.dataDir), []);
});

mailTest("access control lists: granted, inherited, forgotten with mailbox and account", async (t) => {
  const { acl } = t.store;
  const bob = await reader(t.store);
  const lr = new Rights("rl");
  assert.equal(lr.letters, "lr");
  const box = await t.mail.createMailbox(name("Box"));
  await acl.change(t.account, box.id, "Bob@Example.org", "set", lr);
  await acl.change(t.account, box.id, "bob@example.org", "add", new Rights("wi"));
  await acl.change(t.account, box.id, "bob@example.org", "remove", new Rights("r"));
  assert.equal((await acl.rights(bob, t.account, box.id)).letters, "lwi");
  assert.equal((await acl.rights(t.account, t.account, box.id)).letters, Rights.ALL.letters);
  const below = await t.mail.createMailbox(name("Box/below"));
  await acl.inherit(t.account, box.id, [below.id]);
  assert.deepEqual((await acl.granted(bob)).map(({ mailbox, address }) => [mailbox, address]), [
    [box.id, "alice@example.org"],
    [below.id, "alice@example.org"],
  ]);
  await t.mail.deleteMailbox(below.name);
  assert.deepEqual((await acl.granted(bob)).map(({ mailbox }) => mailbox), [box.id]);
  await t.store.directory.remove(bob);
  assert.deepEqual(await acl.entries(t.account, box.id), []);
  // Who comes under the same address has nothing of it.
  assert.deepEqual(await acl.granted(await reader(t.store)), []);
});

mailTest("an access control list has a bounded number of entries", async (t) => {
  const { acl } = t.store;
  for (let i = 0; i < 1000; i++) await acl.change(t.account, t.inbox.id, `u${i}`, "set", Rights.NONE);
  await assert.rejects(acl.change(t.account, t.inbox.id, "more", "set", Rights.ALL), { fault: "limit" });
  await acl.change(t.account, t.inbox.id, "u1", "set", Rights.ALL);
});

mailTest("removed annotations are remembered for notices, the oldest forgotten", async (t) => {
  const set = (entry: string, value: Uint8Array | null) => t.mail.setAnnotations(null, [{ entry, value }]);
  const first = await set("/private/first", new Uint8Array(1));
  assert(first);
  assert.equal(await set("/private/first", new Uint8Array(1)), undefined);
  assert.equal(await set("/private/none", null), undefined);
  await set("/private/first", null);
  assert.deepEqual((await t.mail.annotationsSince(first)).map(({ entry }) => entry), ["/private/first"]);
  const many = Array.from({ length: 999 }, (_, i) => `/private/n${i}`);
  await t.mail.setAnnotations(null, many.map((entry) => ({ entry, value: new Uint8Array(1) })));
  for (const entry of many) await set(entry, null);
  for (let i = 0; i < 20; i++) {
    await set(`/private/x${i}`, new Uint8Array(1));
    await set(`/private/x${i}`, null);
  }
  const db = new DatabaseSync(join(t.dataDir, "accounts", String(t.account), "mail.db"));
  const { count } = db.prepare("SELECT count(*) AS count FROM annotation").get() as { count: number };
  db.close();
  assert(count <= 1001, `${count} rows`);
  assert.deepEqual(await faults(t.dataDir), []);
});

mailTest("verify finds marks, annotations and rights that cannot be", async (t) => {
  await t.mail.modseq();
  const mailDb = new DatabaseSync(join(t.dataDir, "accounts", String(t.account), "mail.db"));
  mailDb.exec(`INSERT INTO seen VALUES (1, 9, 77, 1, 1); INSERT INTO annotation VALUES (99, 0, '/private/x', x'00', 1);
    INSERT INTO annotation VALUES (1, 0, 'comment', x'00', 1)`);
  mailDb.close();
  const directory = new DatabaseSync(join(t.dataDir, "directory.db"));
  directory.exec("INSERT INTO acl VALUES (77, 1, 'Bob', 'Bob', 'rl')");
  directory.close();
  const found = (await faults(t.dataDir)).join("\n");
  for (
    const what of [/Seen in mailbox 1 is of no message/, /annotation are of mailbox 99/, /"comment" has a wrong name/]
  ) {
    assert.match(found, what);
  }
  assert.match(found, /account 77, which does not exist[^]*not folded[^]*"rl" are no rights/);
});
