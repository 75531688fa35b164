import assert from "node:assert/strict";
import { verifyStore } from "../../store/sqlite/verify.ts";
import type { EmailId, ModSeq, Uid } from "../../store/types.ts";
import {
  add,
  append,
  draft,
  faults,
  filesIn,
  indexed,
  letter,
  mailTest,
  message,
  name,
  named,
  rows,
  uids,
} from "./mailsupport.ts";

const uid = (number: number) => number as Uid;

async function assertSound(dataDir: string): Promise<void> {
  const found: unknown[] = [];
  await verifyStore(dataDir, (fault) => found.push(fault));
  assert.deepEqual(found, []);
}

mailTest("replace removes and adds with one modseq (RFC 8508 §3.4)", async ({ mail, inbox, dataDir }) => {
  await append(mail, "INBOX", letter("one"), letter("two"), letter("three"));
  const before = await mail.modseq();
  const { uids: added, modseq } = await mail.replace(
    inbox.id,
    uid(2),
    name("INBOX"),
    await message(mail, letter("new"), "\\Seen", "$Work"),
  );
  assert.deepEqual(added, [4]);
  assert.equal(modseq, before + 1);
  assert.deepEqual(await indexed(mail, inbox), [1, 3, 4]);
  assert.deepEqual(await mail.vanishedSince(inbox.id, before, [{ first: uid(1), last: uid(9) }]), uids(2));
  const { messages, unseen, uidNext, highestModSeq } = await mail.status(inbox.id);
  assert.deepEqual({ messages, unseen, uidNext, highestModSeq }, {
    messages: 3,
    unseen: 2,
    uidNext: 5,
    highestModSeq: modseq,
  });
  await assertSound(dataDir);
});

mailTest("replace into another mailbox, of the only message", async ({ mail, inbox, dataDir }) => {
  await append(mail, "INBOX", letter("draft"));
  const sent = await named(mail, "Sent");
  await mail.replace(inbox.id, uid(1), name("Sent"), await message(mail, letter("sent")));
  assert.deepEqual([await indexed(mail, inbox), await indexed(mail, sent)], [[], [1]]);
  await assertSound(dataDir);
});

mailTest("the old message stays readable for a session that was not told", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("old"));
  const pin = mail.pin(inbox.id, await mail.modseq());
  await mail.replace(inbox.id, uid(1), name("INBOX"), await message(mail, letter("new")));
  const [[email]] = await rows(mail, inbox, ["emailId"], uids(1), pin.modseq);
  assert.ok(await mail.content(email as EmailId));
  pin.release();
});

mailTest("quota counts without the old message (RFC 8508 §3.4)", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one", "", "x".repeat(800)));
  await faults("overquota", append(mail, "INBOX", letter("two")));
  await mail.replace(inbox.id, uid(1), name("INBOX"), await message(mail, letter("two", "", "y".repeat(850))));
  const large = await message(mail, letter("three", "", "z".repeat(1000)));
  await faults("overquota", mail.replace(inbox.id, uid(2), name("INBOX"), large));
  assert.deepEqual(await indexed(mail, inbox), [2]);
}, { quotaBytes: 1000, quotaMessages: 1 });

mailTest("a replace that cannot be changes nothing and leaves no file", async ({ mail, inbox, dataDir, account }) => {
  await append(mail, "INBOX", letter("one"), letter("two"));
  await mail.storeFlags(inbox.id, uids(1), add("\\Deleted"));
  await mail.expunge(inbox.id);
  const before = await mail.modseq();
  const large = () => draft(mail, letter("large", "", "x".repeat(200_000)));
  const flags = { fixed: 0, keywords: [] };
  await faults("expunged", mail.replace(inbox.id, uid(1), name("INBOX"), { draft: await large(), flags }));
  await faults("expunged", mail.replace(inbox.id, uid(7), name("INBOX"), { draft: await large(), flags }));
  await faults("nonexistent", mail.replace(inbox.id, uid(2), name("nowhere"), { draft: await large(), flags }));
  assert.equal(await mail.modseq(), before as ModSeq);
  assert.deepEqual(await indexed(mail, inbox), [2]);
  assert.deepEqual(filesIn(`${dataDir}/accounts/${account}/content`), []);
  await assertSound(dataDir);
});

mailTest("another process sees both at once", async ({ mail, inbox, other }) => {
  await append(mail, "INBOX", letter("one"));
  const { mail: elsewhere } = await other();
  assert.deepEqual(await indexed(elsewhere, inbox), [1]);
  await mail.replace(inbox.id, uid(1), name("INBOX"), await message(mail, letter("new")));
  assert.deepEqual(await indexed(elsewhere, inbox), [2]);
});
