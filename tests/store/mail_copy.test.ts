import assert from "node:assert/strict";
import { FIXED_FLAGS, Flag } from "../../store/flags.ts";
import type { MailboxId, Uid } from "../../store/types.ts";
import {
  add,
  append,
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
} from "./mailsupport.ts";

mailTest("COPY keeps flags, date and email and adds no bytes (RFC 9051 §6.4.7, RFC 8474 §4.2)", async (t) => {
  const { mail, inbox } = t;
  await append(mail, "INBOX", letter("one"), letter("large", "", "x".repeat(200_000)), letter("three"));
  await mail.storeFlags(inbox.id, uids(2), add("\\Seen", "Work"));
  const files = filesIn(`${t.dataDir}/accounts/${t.account}/content`);
  const before = await mail.modseq();
  const copied = await mail.copy(inbox.id, uids(2, 3, 9), name("Archive"));
  assert.deepEqual([copied.sourceUids, copied.destinationUids, copied.modseq], [[2, 3], [1, 2], before + 1]);
  assert.equal(copied.destination.name, "Archive");
  const archive = await named(mail, "Archive");
  const columns = ["emailId", "internalDate", "size", "threadId"] as const;
  assert.deepEqual(await rows(mail, archive, columns), (await rows(mail, inbox, columns)).slice(1));
  assert.deepEqual(filesIn(`${t.dataDir}/accounts/${t.account}/content`), files);
  const status = await mail.status(archive.id);
  assert.deepEqual([status.messages, status.unseen, status.recent], [2, 1, 2]);
  assert.equal((await mail.usage()).messages, 5);
});

mailTest("COPY of no message returns empty lists and takes no modseq", async ({ mail, inbox }) => {
  const before = await mail.modseq();
  const copied = await mail.copy(inbox.id, EVERYTHING, name("Sent"));
  assert.deepEqual([copied.sourceUids, copied.destinationUids], [[], []]);
  assert.deepEqual((await mail.move(inbox.id, EVERYTHING, name("Sent"))).sourceUids, []);
  assert.equal(await mail.modseq(), before);
});

mailTest("COPY and MOVE need both mailboxes (RFC 9051 §6.4.7)", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"));
  const before = await mail.modseq();
  await faults("nonexistent", mail.copy(inbox.id, EVERYTHING, name("none")));
  await faults("nonexistent", mail.move(inbox.id, EVERYTHING, name("none")));
  await faults("nonexistent", mail.copy(77 as MailboxId, EVERYTHING, name("Sent")));
  assert.equal(await mail.modseq(), before);
  assert.deepEqual(await indexed(mail, inbox), [1]);
});

mailTest("keywords get the destination's numbers", async ({ mail, inbox }) => {
  const many = Array.from({ length: 25 }, (_, i) => `k${i}`);
  await append(mail, "INBOX", letter("one"), letter("two"));
  await append(mail, "Sent", letter("three"));
  const sent = await named(mail, "Sent");
  await mail.storeFlags(inbox.id, uids(1), add(...many));
  await mail.storeFlags(inbox.id, uids(2), add("\\Seen"));
  await mail.storeFlags(sent.id, uids(1), add("K24", "other"));
  await mail.copy(inbox.id, EVERYTHING, name("Sent"));
  const index = await mail.index(sent.id);
  assert.deepEqual(index.keywords, ["K24", "other", ...many.slice(0, 24)]);
  assert.equal(index.flagWords[1] >>> FIXED_FLAGS.length, 2 ** 21 - 1 - 2);
  assert.deepEqual(index.moreKeywords(2 as Uid), [21, 22, 23, 24, 25]);
  assert.equal(index.flagWords[2], Flag.Seen);
});

mailTest("MOVE is copy and expunge in one modseq (RFC 6851 §3.3)", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"), letter("two"), letter("three"));
  const told = await mail.modseq();
  const moved = await mail.move(inbox.id, uids(1, 3), name("Trash"));
  assert.deepEqual([moved.sourceUids, moved.destinationUids], [[1, 3], [1, 2]]);
  assert.equal(moved.modseq, told + 1);
  assert.deepEqual(await indexed(mail, inbox), [2]);
  assert.deepEqual(await indexed(mail, await named(mail, "Trash")), [1, 2]);
  assert.deepEqual(await mail.vanishedSince(inbox.id, told, EVERYTHING), uids(1, 3));
  assert.equal((await mail.usage()).messages, 3);
  assert.equal((await mail.status(inbox.id)).highestModSeq, moved.modseq);
});

mailTest("MOVE into the same mailbox gives new UIDs", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"), letter("two"));
  await mail.index(inbox.id);
  const moved = await mail.move(inbox.id, uids(1), name("INBOX"));
  assert.deepEqual([moved.sourceUids, moved.destinationUids], [[1], [3]]);
  assert.deepEqual(await indexed(mail, inbox), [2, 3]);
  const all = await mail.move(inbox.id, EVERYTHING, name("INBOX"));
  assert.deepEqual(all.destinationUids, [4, 5]);
  assert.deepEqual(await indexed(mail, inbox), [4, 5]);
  const status = await mail.status(inbox.id);
  assert.deepEqual([status.messages, status.unseen, status.recent, status.uidNext], [2, 2, 2, 6]);
});

mailTest("COPY into the same mailbox adds to it", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"));
  await mail.index(inbox.id);
  assert.deepEqual((await mail.copy(inbox.id, EVERYTHING, name("INBOX"))).destinationUids, [2]);
  assert.deepEqual(await indexed(mail, inbox), [1, 2]);
});

mailTest("many ranges are moved as one would be", async ({ mail, inbox }) => {
  await append(mail, "INBOX", ...Array.from({ length: 60 }, (_, i) => letter(`m${i}`)));
  const odd = Array.from({ length: 30 }, (_, i) => 2 * i + 1);
  const moved = await mail.move(inbox.id, uids(...odd), name("Junk"));
  assert.deepEqual(moved.sourceUids, odd);
  assert.deepEqual(await indexed(mail, inbox), odd.map((uid) => uid + 1));
  assert.deepEqual(await mail.vanishedSince(inbox.id, NEVER, [{ first: 3 as Uid, last: 8 as Uid }]), uids(3, 5, 7));
});
