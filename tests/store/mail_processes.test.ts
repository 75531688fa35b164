import assert from "node:assert/strict";
import { FIXED_FLAGS, Flag } from "../../store/flags.ts";
import type { ModSeq } from "../../store/types.ts";
import { add, append, EVERYTHING, indexed, letter, mailTest, name, named, rows, uids } from "./mailsupport.ts";

mailTest("two stores on one folder see each other's changes", async (t) => {
  const { mail: other } = await t.other();
  const mine = await t.mail.index(t.inbox.id);
  const theirs = await other.index(t.inbox.id);
  await append(other, "INBOX", letter("one"), letter("two"), letter("three"));
  assert.deepEqual(await indexed(t.mail, t.inbox), [1, 2, 3]);
  await t.mail.storeFlags(t.inbox.id, uids(2), add("\\Seen", "Work"));
  assert.deepEqual(await indexed(other, t.inbox), [1, 2, 3]);
  assert.equal(theirs.flagWords[1], Flag.Seen | 1 << FIXED_FLAGS.length);
  assert.deepEqual(theirs.keywords, ["Work"]);
  await other.move(t.inbox.id, uids(1), name("Trash"));
  await append(other, "INBOX", letter("four"));
  assert.deepEqual(await indexed(t.mail, t.inbox), [2, 3, 4]);
  assert.equal(mine.modseq, theirs.modseq);
  assert.equal(await t.mail.index(t.inbox.id), mine);
});

mailTest("one's own commit on top of an unseen foreign one loses neither", async (t) => {
  const { mail: other } = await t.other();
  await t.mail.index(t.inbox.id);
  await append(other, "INBOX", letter("one"), letter("two"));
  await append(t.mail, "INBOX", letter("three"));
  await other.move(t.inbox.id, uids(1), name("Trash"));
  await t.mail.storeFlags(t.inbox.id, EVERYTHING, add("\\Flagged"));
  assert.deepEqual(await indexed(t.mail, t.inbox), [2, 3]);
  assert.deepEqual((await rows(t.mail, t.inbox, ["flagWord"])).flat(), [Flag.Flagged, Flag.Flagged]);
  const index = await t.mail.index(t.inbox.id);
  assert.deepEqual([...index.flagWords.subarray(0, 2)], [Flag.Flagged, Flag.Flagged]);
});

mailTest("a message that came and went unseen is not in the index", async (t) => {
  const { mail: other } = await t.other();
  await t.mail.index(t.inbox.id);
  await append(other, "INBOX", letter("one"), letter("two"));
  await other.move(t.inbox.id, uids(1), name("Trash"));
  assert.deepEqual(await indexed(t.mail, t.inbox), [2]);
});

mailTest("modseqs and UIDs are one order over all stores", async (t) => {
  const { mail: other } = await t.other();
  const appends = [];
  for (let i = 0; i < 20; i++) appends.push(append(i % 2 ? other : t.mail, "INBOX", letter(`m${i}`)));
  const given = (await Promise.all(appends)).flat().sort((a, b) => a - b);
  assert.deepEqual(given, Array.from({ length: 20 }, (_, i) => i + 1));
  const modseqs = (await rows(other, t.inbox, ["modseq"])).flat();
  assert.ok(modseqs.every((modseq, i) => i === 0 || modseq > modseqs[i - 1]));
});

mailTest("a store hears the other's bell and finds the change", async (t) => {
  const other = await t.other();
  const heard = Promise.withResolvers<ModSeq>();
  const end = other.store.bell.listen(t.account, ({ modseq }) => heard.resolve(modseq));
  await append(t.mail, "Sent", letter("one"));
  await heard.promise;
  end();
  assert.deepEqual(await indexed(other.mail, await named(other.mail, "Sent")), [1]);
});

mailTest("a first use by several at once makes the account once", async (t) => {
  const [{ id }] = await t.store.directory.add([{ address: "new@example.org", credentials: {} }]);
  const others = [t, await t.other(), await t.other()];
  const lists = await Promise.all(
    others.flatMap(({ store }) => [store.mail(id).mailboxes(), store.mail(id).mailboxes()]),
  );
  for (const list of lists) {
    assert.deepEqual(
      list.map((mailbox) => mailbox.objectId).sort(),
      lists[0].map((mailbox) => mailbox.objectId).sort(),
    );
  }
  assert.equal(lists[0].length, 6);
});

mailTest("more accounts than handles are served", async (t) => {
  const accounts = await t.store.directory.add(
    Array.from({ length: 130 }, (_, i) => ({ address: `user${i}@example.org`, credentials: {} })),
  );
  for (const { id } of accounts) await append(t.store.mail(id), "INBOX", letter("one"));
  const first = t.store.mail(accounts[0].id);
  assert.deepEqual(await indexed(first, await named(first, "INBOX")), [1]);
});

mailTest("\\Recent is claimed once, by whoever is told first", async (t) => {
  const { mail: other } = await t.other();
  const claim = async (mail: typeof other) => {
    await mail.index(t.inbox.id);
    return await mail.claimRecent(t.inbox.id);
  };
  assert.equal(await claim(t.mail), 1);
  await append(other, "INBOX", letter("one"));
  assert.equal(await claim(t.mail), 1);
  assert.equal(await claim(other), 2);
  assert.equal(await claim(t.mail), 2);
  await append(t.mail, "INBOX", letter("two"), letter("three"));
  assert.equal(await claim(other), 2);
  assert.equal(await claim(t.mail), 4);
  await append(t.mail, "INBOX", letter("four"));
  assert.equal(await claim(t.mail), 4);
  assert.equal(await claim(t.mail), 5);
});
