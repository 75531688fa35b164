import assert from "node:assert/strict";
import type { MailboxIndex } from "../../store/index.ts";
import type { Mailbox, MailStore } from "../../store/store.ts";
import { IndexCache } from "../../store/sqlite/indexcache.ts";
import { removeUids } from "../../store/sqlite/expunge.ts";
import { readFlags } from "../../store/sqlite/flagcolumns.ts";
import { storeFlags } from "../../store/sqlite/flags.ts";
import { SqliteMailStore } from "../../store/sqlite/mailstore.ts";
import { MemoryIndex } from "../../store/sqlite/memoryindex.ts";
import type { MailboxId, ModSeq, Uid } from "../../store/types.ts";
import { add, append, EVERYTHING, letter, mailTest, name, named, remove, rows, set, uids } from "./mailsupport.ts";

/** Numbers in [0, n) that are the same in each run (mulberry32). */
function seeded(seed: number): (n: number) => number {
  return (n) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** What an index says of each message. */
function contents(index: MailboxIndex) {
  return Array.from({ length: index.list.count }, (_, at) => {
    const uid = index.list.uids[at] as Uid;
    return [uid, index.flagWords[at], [...index.moreKeywords(uid)], index.modseqs[at]];
  });
}

async function agrees(mail: MailStore, mailbox: Mailbox): Promise<void> {
  const index = await mail.index(mailbox.id);
  const status = await mail.status(mailbox.id);
  const stored = await rows(mail, mailbox, ["uid", "flagWord", "moreKeywords", "modseq", "size"]);
  assert.deepEqual(contents(index), stored.map(([uid, word, more, modseq]) => [uid, word, more, modseq]));
  assert.equal(index.modseq, status.highestModSeq);
  assert.equal(index.uidNext, status.uidNext);
  const deleted = stored.filter(([, word]) => word & 8);
  assert.deepEqual(
    [status.messages, status.unseen, status.deleted, status.deletedSize, status.size],
    [
      stored.length,
      stored.filter(([, word]) => !(word & 1)).length,
      deleted.length,
      deleted.reduce((sum, row) => sum + row[4], 0),
      stored.reduce((sum, row) => sum + row[4], 0),
    ],
  );
  for (const since of [0, status.highestModSeq - 3, status.highestModSeq - 1, status.highestModSeq]) {
    const expected = stored.flatMap(([, , , modseq], at) => modseq > since ? [at] : []);
    assert.deepEqual([...index.changedSince(since as ModSeq)], expected);
    assert.deepEqual([...index.changedSince(since as ModSeq)], expected);
  }
}

const FLAGS = ["\\Seen", "\\Deleted", "\\Flagged", ...Array.from({ length: 26 }, (_, i) => `k${i}`)];

for (const seed of [1, 2, 3, 4]) {
  mailTest(`the index equals the database after any operations, by two stores (seed ${seed})`, async (t) => {
    const next = seeded(seed);
    const other = await t.other();
    const mails = [t.mail, other.mail];
    const boxes = [t.inbox, await named(t.mail, "Archive")];
    let expectedUsage = 0;
    for (let step = 0; step < 150; step++) {
      const mail = mails[next(2)];
      const box = boxes[next(2)];
      const to = boxes[next(2)].name;
      const { uidNext } = await mail.status(box.id);
      const picked = [...new Set(Array.from({ length: next(5) + 1 }, () => next(uidNext) + 1))].sort((a, b) => a - b);
      const ranges = next(6) === 0 ? EVERYTHING : uids(...picked);
      const flags = Array.from({ length: next(4) }, () => FLAGS[next(FLAGS.length)]);
      switch (next(8)) {
        case 0:
        case 1:
        case 2:
          await append(mail, box.name, ...Array.from({ length: next(4) + 1 }, (_, i) => letter(`m${step}.${i}`)));
          break;
        case 3:
          await mail.storeFlags(box.id, ranges, [add, set, remove][next(3)](...flags));
          break;
        case 4:
          await mail.storeFlags(box.id, ranges, { ...add(...flags), unchangedSince: await mail.modseq() });
          break;
        case 5:
          await mail.storeFlags(box.id, uids(...picked), add("\\Deleted"));
          await mail.expunge(box.id, next(2) ? ranges : undefined);
          break;
        case 6:
          await mail.copy(box.id, uids(...picked), to);
          break;
        case 7:
          await mail.move(box.id, uids(...picked), to);
          break;
      }
      if (next(3) === 0) { for (const looking of mails) await agrees(looking, boxes[next(2)]); }
    }
    for (const mail of mails) for (const box of boxes) await agrees(mail, box);
    const third = await t.other();
    for (const box of boxes) {
      await agrees(third.mail, box);
      const index = await third.mail.index(box.id);
      assert.deepEqual(contents(index), contents(await t.mail.index(box.id)));
      assert.deepEqual(index.keywords, (await t.mail.index(box.id)).keywords);
      expectedUsage += index.list.count;
    }
    assert.equal((await t.mail.usage()).messages, expectedUsage);
  });
}

mailTest("an index is one object for all sessions, and follows commits in place", async ({ mail, inbox }) => {
  const index = await mail.index(inbox.id);
  const before = index.list;
  await append(mail, "INBOX", letter("one"));
  assert.equal(await mail.index(inbox.id), index);
  assert.notEqual(index.list, before);
  assert.equal(index.list.count, 1);
  assert.equal(index.uidValidity, inbox.uidValidity);
});

mailTest("changes in other mailboxes leave the index alone", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"));
  const { list, modseq } = await mail.index(inbox.id);
  await append(mail, "Sent", letter("two"));
  const index = await mail.index(inbox.id);
  assert.equal(index.list, list);
  assert.equal(index.modseq, modseq);
});

mailTest("the same question is answered with the same positions", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"), letter("two"));
  const index = await mail.index(inbox.id);
  const first = index.changedSince(1 as ModSeq);
  assert.equal(index.changedSince(1 as ModSeq), first);
  await mail.storeFlags(inbox.id, uids(2), add("\\Seen"));
  assert.deepEqual([...index.changedSince((index.modseq - 1) as ModSeq)], [1]);
});

mailTest("a mailbox that another process deleted ends its index", async (t) => {
  const box = await t.mail.createMailbox(name("x"));
  await t.mail.index(box.id);
  const { mail } = await t.other();
  await mail.deleteMailbox(name("x"));
  await assert.rejects(t.mail.index(box.id), { fault: "nonexistent" });
});

mailTest("many messages are loaded as they were written", async (t) => {
  const count = 2500;
  await append(t.mail, "INBOX", ...Array.from({ length: count }, (_, i) => letter(`m${i}`)));
  await t.mail.storeFlags(t.inbox.id, [{ first: 10 as Uid, last: 2000 as Uid }], add("\\Seen", "k"));
  await t.mail.move(t.inbox.id, [{ first: 500 as Uid, last: 600 as Uid }], name("Trash"));
  const { mail } = await t.other();
  await agrees(mail, t.inbox);
  await agrees(t.mail, t.inbox);
});

Deno.test("the cache drops the longest unused index without sessions", () => {
  const cache = new IndexCache(2500);
  const pinned = new Set<number>([1]);
  const owner = {
    indexes: new Map<MailboxId, MemoryIndex>(),
    pinned: (mailbox: MailboxId) => pinned.has(mailbox),
  };
  const make = (id: number) => {
    const index = { mailbox: id as MailboxId, bytes: 1000 } as MemoryIndex;
    owner.indexes.set(index.mailbox, index);
    cache.used(index, owner);
    return index;
  };
  make(1);
  const second = make(2);
  assert.deepEqual([...owner.indexes.keys()], [1, 2]);
  make(3);
  assert.deepEqual([...owner.indexes.keys()], [1, 3]);
  cache.dropped(second);
  pinned.clear();
  make(4);
  assert.deepEqual([...owner.indexes.keys()], [3, 4]);
});

mailTest("flags that change where the same transaction removes messages between them", async (t) => {
  await append(t.mail, "INBOX", ...Array.from({ length: 6 }, (_, at) => letter(`m${at}`)));
  await t.mail.index(t.inbox.id);
  await (t.mail as SqliteMailStore).writing("flags", (tx) => {
    removeUids(tx, t.inbox.id, uids(3));
    const ranges = [{ first: 2 as Uid, last: 5 as Uid }];
    return storeFlags(tx, t.inbox.id, readFlags(tx, t.inbox.id, ranges), add("\\Flagged", "Work"));
  });
  await agrees(t.mail, t.inbox);
});
