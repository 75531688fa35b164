import assert from "node:assert/strict";
import { NO_FLAGS } from "../../store/flags.ts";
import type { MailStore } from "../../store/store.ts";
import { StoreError } from "../../store/types.ts";
import { EVERYTHING, mailTest, name, NEVER } from "./mailsupport.ts";

async function deliver(mail: MailStore, mailboxes: string[], text: string, suppressSeconds?: number) {
  const draft = await mail.draft(text.length);
  await draft.write(new TextEncoder().encode(text));
  const delivered = await mail.deliver(mailboxes.map(name), { draft, flags: NO_FLAGS }, { suppressSeconds });
  return delivered.map(({ mailbox, uid }) => `${mailbox.name} ${uid ?? "-"}`);
}

async function emails(mail: MailStore, mailbox: string): Promise<number[]> {
  const found = await mail.mailbox(name(mailbox));
  assert(found);
  const ids: number[] = [];
  for await (const rows of mail.read(found.id, EVERYTHING, ["emailId"], NEVER)) ids.push(...rows.map(([id]) => id));
  return ids;
}

mailTest("deliver puts one email into several mailboxes, in one transaction", async ({ mail }) => {
  const before = await mail.modseq();
  assert.deepEqual(await deliver(mail, ["INBOX", "Archive"], "A: b\r\n\r\n"), ["INBOX 1", "Archive 1"]);
  assert.deepEqual(await emails(mail, "INBOX"), await emails(mail, "Archive"));
  assert.equal(await mail.modseq(), before + 1);
  assert.equal((await mail.usage()).bytes, 16);
});

mailTest("deliver to a mailbox that is not there delivers to none", async ({ mail }) => {
  const fault = (error: unknown) => error instanceof StoreError && error.fault === "nonexistent";
  await assert.rejects(deliver(mail, ["INBOX", "None"], "A: b\r\n\r\n"), fault);
  assert.deepEqual(await emails(mail, "INBOX"), []);
});

mailTest("deliver counts each copy for the quota", async ({ mail }) => {
  const fault = (error: unknown) => error instanceof StoreError && error.fault === "overquota";
  await assert.rejects(deliver(mail, ["INBOX", "Archive"], "A: b\r\n\r\n12345"), fault);
  assert.deepEqual(await deliver(mail, ["INBOX"], "A: b\r\n\r\n12345"), ["INBOX 1"]);
}, { quotaBytes: 20 });

mailTest(
  "the same Message-ID is suppressed per mailbox, also by another process, also when the first was moved away",
  async (t) => {
    const { mail, inbox } = t;
    const message = "Message-ID: <a.b@c>\r\n\r\n";
    assert.deepEqual(await deliver(mail, ["INBOX"], message, 60), ["INBOX 1"]);
    await mail.move(inbox.id, EVERYTHING, name("Trash"));
    const other = await t.other();
    const again = 'Message-ID: <"a.b"@c>\r\nA: b\r\n\r\nother';
    assert.deepEqual(await deliver(other.mail, ["INBOX", "Archive"], again, 60), ["INBOX -", "Archive 1"]);
    assert.deepEqual(await deliver(mail, ["Archive", "INBOX"], again, 60), ["Archive -", "INBOX -"]);
    assert.deepEqual(await deliver(mail, ["INBOX"], "Message-ID: <d@e>\r\n\r\n", 60), ["INBOX 2"]);
    assert.deepEqual(await deliver(mail, ["INBOX"], message), ["INBOX 3"]);
    assert.deepEqual(await deliver(mail, ["INBOX"], "A: b\r\n\r\n", 60), ["INBOX 4"]);
  },
);

mailTest(
  "a large message that is suppressed leaves no file, and takes no quota",
  async ({ mail, dataDir, account }) => {
    const large = `Message-ID: <a@b>\r\n\r\n${"x".repeat(200_000)}`;
    assert.deepEqual(await deliver(mail, ["INBOX"], large, 60), ["INBOX 1"]);
    const { bytes } = await mail.usage();
    assert.deepEqual(await deliver(mail, ["INBOX"], large, 60), ["INBOX -"]);
    assert.equal((await mail.usage()).bytes, bytes);
    assert.equal([...Deno.readDirSync(`${dataDir}/accounts/${account}/content`)].length, 1);
  },
);
