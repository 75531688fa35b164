import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { NO_FLAGS } from "../../store/flags.ts";
import type { EmailId, ModSeq, Uid } from "../../store/types.ts";
import {
  type Account,
  add,
  append,
  draft,
  EVERYTHING,
  faults,
  filesIn,
  indexed,
  letter,
  mailTest,
  name,
  named,
  NEVER,
  rows,
  uids,
  until,
} from "./mailsupport.ts";

const large = letter("large", "", "x".repeat(200_000));

mailTest("EXPUNGE removes messages with \\Deleted, all or those given (RFC 9051 §6.4.3, RFC 4315 §2.1)", async (t) => {
  const { mail, inbox } = t;
  await append(mail, "INBOX", ...["a", "b", "c", "d", "e"].map((text) => letter(text)));
  await mail.storeFlags(inbox.id, uids(1, 3, 4), add("\\Deleted"));
  const given = await mail.expunge(inbox.id, uids(2, 3));
  assert.deepEqual(given.uids, [3]);
  assert.equal(given.modseq, await mail.modseq());
  const all = await mail.expunge(inbox.id);
  assert.deepEqual(all.uids, [1, 4]);
  assert.deepEqual(await indexed(mail, inbox), [2, 5]);
  assert.deepEqual(await mail.expunge(inbox.id), { modseq: undefined, uids: [] });
  const status = await mail.status(inbox.id);
  assert.deepEqual([status.messages, status.unseen, status.deleted, status.deletedSize], [2, 2, 0, 0]);
});

mailTest("a view of the index stays as it was when messages go (MSNs of RFC 9051 §7.5.1)", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"), letter("two"), letter("three"));
  const index = await mail.index(inbox.id);
  const view = index.list;
  await mail.storeFlags(inbox.id, uids(2), add("\\Deleted"));
  await mail.expunge(inbox.id);
  await append(mail, "INBOX", letter("four"));
  assert.deepEqual([...view.uids.subarray(0, view.count)], [1, 2, 3]);
  assert.deepEqual(await indexed(mail, inbox), [1, 3, 4]);
  assert.deepEqual([1, 2, 3, 4].map((uid) => index.position(uid as Uid)), [0, -1, 1, 2]);
});

mailTest("messages added to a view's array are not in the view", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"));
  const index = await mail.index(inbox.id);
  const view = index.list;
  await append(mail, "INBOX", letter("two"));
  assert.equal(view.uids, index.list.uids);
  assert.deepEqual([view.count, index.list.count], [1, 2]);
});

mailTest("VANISHED (EARLIER) names ranges of what went since (RFC 7162 §3.2.5)", async ({ mail, inbox }) => {
  await append(mail, "INBOX", ...Array.from({ length: 10 }, (_, i) => letter(`m${i}`)));
  await mail.move(inbox.id, uids(9), name("Trash"));
  const since = await mail.modseq();
  await mail.move(inbox.id, uids(2, 3, 4), name("Trash"));
  await mail.move(inbox.id, uids(1, 6), name("Trash"));
  assert.deepEqual(await mail.vanishedSince(inbox.id, since, EVERYTHING), [{ first: 1, last: 4 }, {
    first: 6,
    last: 6,
  }]);
  assert.deepEqual(await mail.vanishedSince(inbox.id, since, uids(2, 6, 7)), uids(2, 6));
  assert.deepEqual(await mail.vanishedSince(inbox.id, NEVER, uids(9, 10)), uids(9));
  assert.deepEqual(await mail.vanishedSince(inbox.id, await mail.modseq(), EVERYTHING), []);
});

mailTest("what was expunged after `told` can still be read, in its order", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"), letter("two"), letter("three"), letter("four"));
  await mail.storeFlags(inbox.id, EVERYTHING, add("Work"));
  const pin = mail.pin(inbox.id, await mail.modseq());
  await mail.move(inbox.id, uids(1, 3), name("Trash"));
  const columns = ["uid", "flagWord", "modseq", "size"] as const;
  assert.deepEqual((await rows(mail, inbox, columns, EVERYTHING, pin.modseq)).map(([uid]) => uid), [1, 2, 3, 4]);
  assert.deepEqual((await rows(mail, inbox, columns, uids(1, 4), pin.modseq)).map(([uid]) => uid), [1, 4]);
  assert.deepEqual((await rows(mail, inbox, columns)).map(([uid]) => uid), [2, 4]);
  const [[header, envelope]] = await rows(mail, inbox, ["header", "envelope"], uids(3), pin.modseq);
  assert.match(new TextDecoder().decode(header), /three/);
  assert.match(new TextDecoder().decode(envelope), /three/);
  pin.release();
});

async function emails(t: Account): Promise<number> {
  await t.store.upkeep(t.account).fillSearchIndex();
  const db = new DatabaseSync(`${t.dataDir}/accounts/${t.account}/mail.db`, { readOnly: true });
  try {
    const counts = ["email", "header", "search_header", "search_text", "content"].map((table) =>
      Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n)
    );
    assert.ok(counts.every((count) => count === counts[0]), `unequal: ${counts}`);
    return counts[0];
  } finally {
    db.close();
  }
}

mailTest("content goes when the last session was told, and not before", async (t) => {
  const { mail, inbox, dataDir, account } = t;
  const content = `${dataDir}/accounts/${account}/content`;
  await append(mail, "INBOX", large, letter("two"));
  const [[emailId]] = await rows(mail, inbox, ["emailId"]);
  const told = await mail.modseq();
  const [slow, fast] = [mail.pin(inbox.id, told), mail.pin(inbox.id, told)];
  await mail.storeFlags(inbox.id, uids(1), add("\\Deleted"));
  const { modseq } = await mail.expunge(inbox.id);
  fast.modseq = modseq!;
  await new Promise((resolve) => setTimeout(resolve, 1200));
  assert.equal(await emails(t), 2);
  using source = (await mail.content(emailId))!;
  assert.equal(source.size, large.length);
  slow.modseq = modseq!;
  await until(async () => await emails(t) === 1);
  assert.deepEqual(filesIn(content), []);
  assert.equal(source.read(0, 4).length, 4);
  assert.equal(await mail.content(emailId), undefined);
  assert.deepEqual(await mail.vanishedSince(inbox.id, told, EVERYTHING), uids(1));
  assert.deepEqual(await rows(mail, inbox, ["uid"], EVERYTHING, told), [[2]]);
  slow.release();
  fast.release();
});

mailTest("content that a copy uses stays", async (t) => {
  const { mail, inbox } = t;
  await append(mail, "INBOX", large);
  await mail.copy(inbox.id, EVERYTHING, name("Archive"));
  await mail.move(inbox.id, EVERYTHING, name("Trash"));
  await mail.deleteMailbox(name("Trash"));
  await t.store.close();
  const { mail: again } = await t.other();
  const [[emailId]] = await rows(again, await named(again, "Archive"), ["emailId"]);
  using source = (await again.content(emailId))!;
  assert.equal(source.size, large.length);
});

mailTest("a session of another process keeps content as well", async (t) => {
  const { mail, inbox } = t;
  await append(mail, "INBOX", large);
  const told = await mail.modseq();
  const other = await t.other();
  await other.mail.index(inbox.id);
  const pin = other.mail.pin(inbox.id, told);
  await mail.move(inbox.id, EVERYTHING, name("Trash"));
  await mail.deleteMailbox(name("Trash"));
  await t.store.close();
  const [[emailId]] = await rows(other.mail, inbox, ["emailId"], EVERYTHING, told);
  const source = await other.mail.content(emailId);
  assert.equal(source?.size, large.length);
  source?.[Symbol.dispose]();
  pin.release();
  await other.store.close();
  const last = await t.other();
  await last.mail.modseq();
  await until(async () => await last.mail.content(emailId) === undefined);
  assert.deepEqual(filesIn(`${t.dataDir}/accounts/${t.account}/content`), []);
});

mailTest("content goes while sessions of several stores go on, when all were told", async (t) => {
  const { mail, inbox } = t;
  await append(mail, "INBOX", letter("one"), letter("two"), letter("three"));
  const other = await t.other();
  const told = await mail.modseq();
  const [here, there] = [mail.pin(inbox.id, told), other.mail.pin(inbox.id, told)];
  const elsewhere = other.mail.pin((await named(other.mail, "Archive")).id, told);
  await mail.storeFlags(inbox.id, uids(1), add("\\Deleted"));
  const { modseq } = await mail.expunge(inbox.id);
  here.modseq = modseq!;
  await t.store.upkeep(t.account).purge();
  assert.equal(await emails(t), 3);
  assert.deepEqual(await rows(other.mail, inbox, ["uid"], uids(1), told), [[1]]);
  there.modseq = modseq!;
  // The other store tells a moment later.
  await until(async () => {
    await t.store.upkeep(t.account).purge();
    return await emails(t) === 2;
  });
  for (const pin of [here, there, elsewhere]) pin.release();
});

mailTest("files that a killed process left are removed after the next opening", async (t) => {
  const content = `${t.dataDir}/accounts/${t.account}/content`;
  await append(t.mail, "INBOX", large);
  await t.store.close();
  const kept = filesIn(content);
  await Deno.writeTextFile(`${content}/tmp-1234`, "half a message");
  await Deno.writeTextFile(`${content}/0000`, "a message without a row");
  const { mail } = await t.other();
  await mail.modseq();
  await until(() => filesIn(content).length === kept.length);
  assert.deepEqual(filesIn(content), kept);
});

mailTest("no email number is given twice (RFC 8474 §5.1)", async (t) => {
  const { mail, inbox } = t;
  await append(mail, "INBOX", letter("one"));
  await mail.storeFlags(inbox.id, EVERYTHING, add("\\Deleted"));
  await mail.expunge(inbox.id);
  await until(async () => await mail.content(1 as EmailId) === undefined);
  await append(mail, "INBOX", letter("two"));
  assert.deepEqual(await rows(mail, inbox, ["emailId"]), [[2]]);
});

mailTest("EXPUNGE of a mailbox that is not there is refused", async ({ mail }) => {
  const gone = await mail.createMailbox(name("gone"));
  await mail.deleteMailbox(name("gone"));
  await faults("nonexistent", mail.expunge(gone.id));
  assert.deepEqual(await mail.vanishedSince(gone.id, NEVER, EVERYTHING), []);
  await faults("nonexistent", mail.claimRecent(gone.id));
  mail.pin(gone.id, 1 as ModSeq).release();
});

mailTest("nothing is kept of a deleted mailbox's messages", async (t) => {
  const { mail } = t;
  await mail.createMailbox(name("x"));
  await append(mail, "x", letter("one"), large);
  const box = await named(mail, "x");
  await mail.storeFlags(box.id, uids(1), add("\\Deleted"));
  await mail.expunge(box.id);
  await mail.deleteMailbox(name("x"));
  await t.store.close();
  const db = new DatabaseSync(`${t.dataDir}/accounts/${t.account}/mail.db`, { readOnly: true });
  try {
    for (const table of ["expunged", "message", "email", "header", "content", "search_text", "search_header"]) {
      assert.equal(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n, 0, table);
    }
  } finally {
    db.close();
  }
  assert.deepEqual(filesIn(`${t.dataDir}/accounts/${t.account}/content`), []);
});

mailTest("a draft of one account is not taken by another", async (t) => {
  const [{ id }] = await t.store.directory.add([{ address: "other@example.org", credentials: {} }]);
  const foreign = await draft(t.store.mail(id), letter("one"));
  await assert.rejects(t.mail.append(name("INBOX"), [{ draft: foreign, flags: NO_FLAGS }]), TypeError);
  assert.equal((await t.mail.usage()).messages, 0);
});
