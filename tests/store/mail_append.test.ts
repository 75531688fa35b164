import assert from "node:assert/strict";
import { flagSet } from "../../store/flags.ts";
import {
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
} from "./mailsupport.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

mailTest("APPEND gives ascending UIDs and takes one modseq (RFC 4315 §3)", async ({ mail, inbox }) => {
  const before = await mail.modseq();
  const appended = await mail.append(name("INBOX"), [
    await message(mail, letter("one"), "\\Seen", "Work"),
    await message(mail, letter("two")),
  ]);
  assert.deepEqual(appended.uids, [1, 2]);
  assert.equal(appended.modseq, before + 1);
  assert.equal(appended.mailbox.id, inbox.id);
  assert.deepEqual(await append(mail, "INBOX", letter("three")), [3]);
  const status = await mail.status(inbox.id);
  assert.deepEqual([status.messages, status.unseen, status.uidNext, status.recent], [3, 2, 4, 3]);
  assert.equal(status.highestModSeq, before + 2);
});

mailTest("internal date is as given, or now; save date is now (RFC 8514)", async ({ mail, inbox }) => {
  const start = Math.floor(Date.now() / 1000);
  await mail.append(name("INBOX"), [
    { draft: await draft(mail, letter("one")), flags: flagSet([]), internalDate: 1234 },
    { draft: await draft(mail, letter("two")), flags: flagSet([]) },
  ]);
  const [[date, saved], [secondDate, secondSaved]] = await rows(mail, inbox, ["internalDate", "saveDate"]);
  assert.equal(date, 1234);
  assert.ok(secondDate >= start && secondSaved >= start && saved === secondSaved);
});

for (const size of [1, 127 * 1024, 128 * 1024, 128 * 1024 + 1, 700_000]) {
  mailTest(`a message of ${size} bytes comes back as it was`, async ({ mail, inbox }) => {
    const bytes = new Uint8Array(size);
    bytes.set(encoder.encode(letter("a", "", "")).subarray(0, size));
    for (let i = 100; i < size; i++) bytes[i] = (i * 7919) & 0xff;
    await append(mail, "INBOX", bytes);
    const [[told, inlineContent, emailId, header]] = await rows(mail, inbox, [
      "size",
      "inlineContent",
      "emailId",
      "header",
    ]);
    assert.equal(told, size);
    using source = (await mail.content(emailId))!;
    assert.equal(source.size, size);
    assert.deepEqual(Uint8Array.from(source.read(0, size)), bytes);
    assert.deepEqual(Uint8Array.from(source.read(size >> 1, size + 10)), bytes.subarray(size >> 1));
    if (size <= 128 * 1024) assert.deepEqual(inlineContent, bytes);
    else assert.equal(inlineContent, null);
    assert.deepEqual(header, bytes.subarray(0, header.length));
  });
}

mailTest("a draft that grows beyond its hint goes to a file", async ({ mail, dataDir, account }) => {
  const content = `${dataDir}/accounts/${account}/content`;
  const growing = await mail.draft(0);
  await growing.write(encoder.encode(letter("one")));
  for (let i = 0; i < 30; i++) await growing.write(new Uint8Array(10_000).fill(65));
  assert.equal(growing.size, letter("one").length + 300_000);
  assert.equal(filesIn(content).length, 1);
  await mail.append(name("INBOX"), [{ draft: growing, flags: flagSet([]) }]);
  const [file] = filesIn(content);
  assert.equal((await Deno.stat(`${content}/${file}`)).size, growing.size);
  await growing.discard();
  assert.deepEqual(filesIn(content), [file]);
});

mailTest("a discarded draft leaves nothing", async ({ mail, dataDir, account }) => {
  const large = await mail.draft(1_000_000);
  await large.write(new Uint8Array(200_000));
  await large.discard();
  await large.discard();
  assert.deepEqual(filesIn(`${dataDir}/accounts/${account}/content`), []);
});

mailTest("a refused APPEND changes nothing and leaves no file", async ({ mail, dataDir, account }) => {
  const before = await mail.modseq();
  const large = await message(mail, letter("large", "", "x".repeat(300_000)));
  await faults("nonexistent", mail.append(name("none"), [large, await message(mail, letter("small"))]));
  assert.deepEqual(filesIn(`${dataDir}/accounts/${account}/content`), []);
  assert.equal(await mail.modseq(), before);
  assert.equal((await mail.usage()).messages, 0);
});

mailTest("MULTIAPPEND is all or nothing (RFC 3502)", async ({ mail, inbox }) => {
  const many = Array.from({ length: 1001 }, (_, i) => `keyword${i}`);
  const messages = [await message(mail, letter("one")), await message(mail, letter("two"), ...many)];
  await faults("limit", mail.append(name("INBOX"), messages));
  assert.deepEqual(await indexed(mail, inbox), []);
  assert.deepEqual((await mail.index(inbox.id)).keywords, []);
  assert.deepEqual(await append(mail, "INBOX", letter("three")), [1]);
});

mailTest("what the parser made is kept ready", async ({ mail, inbox }) => {
  const extra = "Date: Tue, 2 Jan 2024 23:30:00 -0800\r\nMessage-ID: <1@x>\r\n";
  await append(mail, "INBOX", letter("Grüße", extra, "Über alles.\r\n"));
  const [[envelope, bodyStructure, body]] = await rows(mail, inbox, ["envelope", "bodyStructure", "body"]);
  assert.match(decoder.decode(envelope), /^\("Tue, 2 Jan 2024 23:30:00 -0800" .*"<1@x>"\)$/s);
  assert.match(decoder.decode(bodyStructure), /^\("text" "plain"/i);
  assert.ok(body.length < bodyStructure.length);
  const [[preview, sentDay, structure]] = await rows(mail, inbox, ["preview", "sentDay", "structure"]);
  assert.equal(preview, "Über alles.");
  assert.equal(sentDay, 19724);
  assert.ok(structure.length > 0);
  const [[searchHeaders]] = await rows(mail, inbox, ["searchHeaders"]);
  assert.match(decoder.decode(searchHeaders).normalize("NFC"), /subject: grüsse\n/);
});

mailTest("the text for searches is kept a while after", async ({ store, account, mail, inbox }) => {
  await append(mail, "INBOX", letter("one", "", "Über alles.\r\n"));
  assert.deepEqual(await rows(mail, inbox, ["searchText"]), [[null]]);
  await store.upkeep(account).fillSearchIndex();
  const [[searchText]] = await rows(mail, inbox, ["searchText"]);
  assert.match(decoder.decode(searchText!).normalize("NFC"), /über alles/);
});

mailTest("replies join the thread of any message they name (RFC 8474 §5.2)", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one", "Message-ID: <1@x>\r\n"));
  await append(mail, "INBOX", letter("other", "Message-ID: <9@x>\r\n"));
  await append(mail, "INBOX", letter("two", "Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\n"));
  await append(mail, "Sent", letter("three", "Message-ID: <3@x>\r\nReferences: <0@x> <2@x>\r\n"));
  const [[one, emailId], [other], [two]] = await rows(mail, inbox, ["threadId", "emailId"]);
  const [[three]] = await rows(mail, await named(mail, "Sent"), ["threadId"]);
  assert.equal(one, emailId);
  assert.equal(two, one);
  assert.equal(three, one);
  assert.notEqual(other, one);
});

mailTest("a reply that came before its parent is of the same thread", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("two", "Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\n"));
  await append(mail, "INBOX", letter("one", "Message-ID: <1@x>\r\n"));
  const [[two], [one]] = await rows(mail, inbox, ["threadId"]);
  assert.equal(one, two);
});

mailTest("quota counts bytes (RFC 9208 §5)", async ({ mail, inbox }) => {
  const size = letter("one").length;
  await append(mail, "INBOX", letter("one"));
  await faults("overquota", append(mail, "INBOX", letter("two", "", "x".repeat(1000))));
  await faults("overquota", append(mail, "INBOX", letter("two"), letter("three", "", "x".repeat(900))));
  assert.deepEqual(await mail.usage(), { bytes: size, messages: 1, limitBytes: 1000, limitMessages: 3 });
  assert.equal((await mail.status(inbox.id)).messages, 1);
}, { quotaBytes: 1000, quotaMessages: 3 });

mailTest("quota counts messages, each copy too (RFC 9208 §5)", async ({ mail, inbox }) => {
  await append(mail, "INBOX", letter("one"), letter("two"));
  const everything = [{ first: 1, last: 2 }] as unknown as Parameters<typeof mail.copy>[1];
  await faults("overquota", mail.copy(inbox.id, everything, name("Sent")));
  await mail.move(inbox.id, everything, name("Sent"));
  await append(mail, "INBOX", letter("three"));
  await faults("overquota", append(mail, "INBOX", letter("four")));
  assert.equal((await mail.usage()).messages, 3);
}, { quotaMessages: 3 });

mailTest("an account's own quota goes before the default", async ({ mail, store, account }) => {
  await store.directory.setQuota(account, { bytes: 0, messages: 2 });
  assert.deepEqual(await mail.usage(), { bytes: 0, messages: 0, limitBytes: 0, limitMessages: 2 });
}, { quotaBytes: 5, quotaMessages: 5 });

mailTest("the bell rings with the mailbox after a commit", async ({ mail, store, account, inbox }) => {
  const heard = Promise.withResolvers<unknown>();
  const end = store.bell.listen(account, heard.resolve);
  const { modseq } = await mail.append(name("INBOX"), [await message(mail, letter("one"))]);
  assert.deepEqual(await heard.promise, { account, mailboxes: [inbox.id], modseq });
  end();
});

mailTest(
  "UIDs used up are a limit, not a wrap (RFC 9051 §2.3.1.1)",
  async ({ mail, inbox, dataDir, account, store }) => {
    await append(mail, "INBOX", letter("one"));
    const { DatabaseSync } = await import("node:sqlite");
    const db = new DatabaseSync(`${dataDir}/accounts/${account}/mail.db`);
    db.exec(`UPDATE mailbox SET uidnext = 4294967294 WHERE id = ${inbox.id}`);
    db.close();
    assert.deepEqual(await append(store.mail(account), "INBOX", letter("two")), [4294967294]);
    await faults("limit", append(mail, "INBOX", letter("three")));
    assert.deepEqual((await rows(mail, inbox, ["uid"])).flat(), [1, 4294967294]);
  },
);

mailTest("importMessages puts one email into several mailboxes, whatever the quota, all or nothing", async (t) => {
  const { mail } = t;
  const imported = async (content: string, ...mailboxes: string[]) => ({
    draft: await draft(mail, content),
    flags: flagSet(["\\Seen", "own"]),
    internalDate: 5,
    mailboxes: mailboxes.map(name),
  });
  await mail.importMessages([
    await imported(letter("one"), "INBOX", "Archive"),
    await imported(letter("two"), "Archive"),
  ]);
  const archive = await named(mail, "Archive");
  const emails = await rows(mail, archive, ["emailId", "internalDate", "saveDate"]);
  assert.deepEqual(emails.map(([, date]) => date), [5, 5]);
  assert.deepEqual(await rows(mail, t.inbox, ["emailId"]), [[emails[0][0]]]);
  assert.equal((await mail.status(archive.id)).unseen, 0);
  assert.equal((await mail.usage()).messages, 3);
  await faults(
    "nonexistent",
    mail.importMessages([await imported(letter("x"), "INBOX"), await imported(letter("x"), "None")]),
  );
  assert.equal((await mail.usage()).messages, 3);
}, { quotaMessages: 1 });
