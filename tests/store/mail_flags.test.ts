import assert from "node:assert/strict";
import { FIXED_FLAGS, Flag, flagSet, INLINE_KEYWORDS } from "../../store/flags.ts";
import type { MailboxId, ModSeq, Uid } from "../../store/types.ts";
import {
  add,
  append,
  EVERYTHING,
  faults,
  letter,
  mailTest,
  message,
  name,
  named,
  remove,
  rows,
  set,
  uids,
} from "./mailsupport.ts";

mailTest("STORE sets, adds and removes flags (RFC 9051 §6.4.6)", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"), letter("two"));
  const index = await mail.index(inbox.id);
  const added = await mail.storeFlags(inbox.id, EVERYTHING, add("\\Seen", "\\Flagged"));
  assert.deepEqual(added.changed, [1, 2]);
  assert.deepEqual([...index.flagWords.subarray(0, 2)], [Flag.Seen | Flag.Flagged, Flag.Seen | Flag.Flagged]);
  await mail.storeFlags(inbox.id, uids(2), remove("\\Seen"));
  await mail.storeFlags(inbox.id, uids(1), set("\\Deleted", "$Junk"));
  assert.deepEqual([...index.flagWords.subarray(0, 2)], [Flag.Deleted | Flag.Junk, Flag.Flagged]);
  const status = await mail.status(inbox.id);
  assert.deepEqual([status.unseen, status.deleted, status.deletedSize], [2, 1, letter("one").length]);
});

mailTest("a change that changes nothing takes no modseq (RFC 7162 §3.1.3)", async ({ mail, inbox }) => {
  await mail.append(name("INBOX"), [await message(mail, letter("one"), "\\Seen", "Work")]);
  const before = await mail.modseq();
  const stored = await mail.storeFlags(inbox.id, EVERYTHING, add("\\Seen", "WORK"));
  assert.deepEqual(stored, { modseq: undefined, changed: [], modified: [] });
  assert.deepEqual((await mail.storeFlags(inbox.id, EVERYTHING, remove("\\Deleted", "none"))).changed, []);
  assert.deepEqual((await mail.storeFlags(inbox.id, uids(7), add("new"))).changed, []);
  assert.equal(await mail.modseq(), before);
  assert.deepEqual((await mail.index(inbox.id)).keywords, ["Work"]);
});

mailTest("only changed messages get the new modseq", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"), letter("two"), letter("three"));
  await mail.storeFlags(inbox.id, uids(2), add("\\Seen"));
  const index = await mail.index(inbox.id);
  const before = index.modseq;
  const stored = await mail.storeFlags(inbox.id, EVERYTHING, add("\\Seen"));
  assert.deepEqual(stored.changed, [1, 3]);
  assert.deepEqual([...index.changedSince(before)], [0, 2]);
  assert.deepEqual([...index.modseqs.subarray(0, 3)], [stored.modseq, before, stored.modseq]);
  assert.deepEqual((await rows(mail, inbox, ["modseq"])).flat(), [stored.modseq, before, stored.modseq]);
});

mailTest("UNCHANGEDSINCE leaves newer messages alone and names them (RFC 7162 §3.1.3)", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"), letter("two"), letter("three"));
  const known = await mail.modseq();
  await mail.storeFlags(inbox.id, uids(2), add("\\Answered"));
  const change = { ...add("\\Seen", "fresh"), unchangedSince: known };
  const stored = await mail.storeFlags(inbox.id, EVERYTHING, change);
  assert.deepEqual([stored.changed, stored.modified], [[1, 3], [2]]);
  const none = await mail.storeFlags(inbox.id, EVERYTHING, { ...add("other"), unchangedSince: 0 as ModSeq });
  assert.deepEqual(none, { changed: [], modified: [1, 2, 3] });
  assert.deepEqual((await mail.index(inbox.id)).keywords, ["fresh"]);
});

mailTest("keywords keep the case in which they came first (RFC 9051 §2.3.2)", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"), letter("two"));
  await mail.storeFlags(inbox.id, uids(1), add("ToDo"));
  await mail.storeFlags(inbox.id, uids(2), add("TODO"));
  const index = await mail.index(inbox.id);
  assert.deepEqual(index.keywords, ["ToDo"]);
  assert.equal(index.flagWords[0], 1 << FIXED_FLAGS.length);
  assert.equal(index.flagWords[1], index.flagWords[0]);
  await mail.storeFlags(inbox.id, EVERYTHING, remove("todo"));
  assert.deepEqual([...index.flagWords.subarray(0, 2)], [0, 0]);
  assert.deepEqual(index.keywords, ["ToDo"]);
});

mailTest("keywords that do not fit the flag word are kept beside it", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"), letter("two"));
  const many = Array.from({ length: 30 }, (_, i) => `k${i}`);
  await mail.storeFlags(inbox.id, uids(1), add(...many));
  const index = await mail.index(inbox.id);
  assert.deepEqual(index.moreKeywords(1 as Uid), [21, 22, 23, 24, 25, 26, 27, 28, 29]);
  assert.deepEqual(index.moreKeywords(2 as Uid), []);
  assert.equal(index.flagWords[0] >>> FIXED_FLAGS.length, 2 ** INLINE_KEYWORDS - 1);
  await mail.storeFlags(inbox.id, uids(1), remove("k22", "k3", "k29"));
  await mail.storeFlags(inbox.id, uids(2), set("k25"));
  assert.deepEqual(index.moreKeywords(1 as Uid), [21, 23, 24, 25, 26, 27, 28]);
  assert.deepEqual((await rows(mail, inbox, ["moreKeywords"])).flat(), [[21, 23, 24, 25, 26, 27, 28], [25]]);
  await mail.storeFlags(inbox.id, EVERYTHING, set());
  assert.deepEqual(index.moreKeywords(1 as Uid), []);
  assert.equal(index.flagWords[0], 0);
});

mailTest("a mailbox has at most 1,000 keywords", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"));
  await mail.storeFlags(inbox.id, EVERYTHING, add(...Array.from({ length: 999 }, (_, i) => `k${i}`)));
  const before = await mail.modseq();
  await faults("limit", mail.storeFlags(inbox.id, EVERYTHING, add("a", "b")));
  assert.equal(await mail.modseq(), before);
  await mail.storeFlags(inbox.id, EVERYTHING, add("a"));
  assert.equal((await mail.index(inbox.id)).keywords.length, 1000);
});

mailTest("a mailbox that is not there is refused", async ({ mail }) => {
  await faults("nonexistent", mail.storeFlags(99 as MailboxId, EVERYTHING, add("\\Seen")));
});

mailTest("the first session to ask is told of the new messages as \\Recent (RFC 3501 §2.3.2)", async (t) => {
  const { mail, inbox } = t;
  assert.equal(await mail.claimRecent(inbox.id), 1);
  await append(mail, "INBOX", letter("one"), letter("two"));
  assert.equal((await mail.status(inbox.id)).recent, 2);
  const before = await mail.modseq();
  assert.equal(await mail.claimRecent(inbox.id), 1);
  assert.equal(await mail.claimRecent(inbox.id), 3);
  assert.equal(await mail.modseq(), before);
  assert.equal((await mail.status(inbox.id)).recent, 0);
  await append(mail, "INBOX", letter("three"));
  assert.equal((await mail.status(inbox.id)).recent, 1);
  await mail.move(inbox.id, uids(1, 3), name("Sent"));
  assert.equal((await mail.status(inbox.id)).recent, 0);
  assert.equal((await mail.status((await named(mail, "Sent")).id)).recent, 2);
});

mailTest("flags given to APPEND are those of STORE", async ({ mail, inbox }) => {
  const flags = flagSet(["\\seen", "$FORWARDED", "Work", "work"]);
  await mail.append(name("INBOX"), [{ ...(await message(mail, letter("one"))), flags }]);
  const index = await mail.index(inbox.id);
  assert.equal(index.flagWords[0], Flag.Seen | Flag.Forwarded | 1 << FIXED_FLAGS.length);
  assert.deepEqual(index.keywords, ["Work"]);
});
