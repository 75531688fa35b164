import assert from "node:assert/strict";
import type { Mailbox, MailStore } from "../../store/store.ts";
import type { UidRanges } from "../../store/types.ts";
import { type Account, append, EVERYTHING, letter, mailTest, uids } from "./mailsupport.ts";

/** The texts of messages are kept a while after they came. */
async function keepTexts({ store, account }: Account): Promise<void> {
  await store.upkeep(account).fillSearchIndex();
}

/** What `find` says, by UID. */
async function found(mail: MailStore, mailbox: Mailbox, texts: string[], ranges: UidRanges = EVERYTHING) {
  const needles = texts.map((text) => ({
    bytes: new TextEncoder().encode(text.replace("+", "")),
    headersToo: text.endsWith("+"),
  }));
  const all: [number, number][] = [];
  for await (const { uids, found } of mail.find(mailbox.id, ranges, needles)) {
    uids.forEach((uid, i) => all.push([uid, found[i]]));
  }
  return all;
}

mailTest(
  "a bit for each needle that is in the text, or in the header where that counts too",
  async (t) => {
    const { mail, inbox } = t;
    await append(
      mail,
      "INBOX",
      letter("about cats", "", "Dogs and birds\r\n"),
      letter("birds", "", "nothing\r\n"),
      letter("x", "", "BIRDS \0 cats\r\n"),
    );
    assert.deepEqual(await found(mail, inbox, ["birds"]), [[1, -1], [2, -1], [3, -1]], "no texts are kept yet");
    await keepTexts(t);
    assert.deepEqual(await found(mail, inbox, ["birds"]), [[1, 1], [2, 0], [3, 1]]);
    assert.deepEqual(await found(mail, inbox, ["birds", "cats+", "birds+"]), [[1, 7], [2, 4], [3, 7]]);
    assert.deepEqual(await found(mail, inbox, ["dogs", "cats", "s", "nothing"], uids(1, 3)), [[1, 5], [3, 6]]);
  },
);

mailTest(
  "texts that are too long to be kept are not known, those that are gone are left out",
  async (t) => {
    const { mail, inbox } = t;
    await append(mail, "INBOX", letter("one"), letter("two", "", "word ".repeat(400_000)), letter("three"));
    await keepTexts(t);
    const [one, two, three] = await found(mail, inbox, ["word"]);
    assert.deepEqual([one, three], [[1, 0], [3, 0]]);
    assert.deepEqual(two, [2, -1]);
    await mail.remove(inbox.id, uids(1));
    assert.deepEqual(await found(mail, inbox, ["hello"]), [[2, -1], [3, 1]]);
  },
);

mailTest("all messages are looked into, however many ranges name them", async (t) => {
  const { mail, inbox } = t;
  await append(mail, "INBOX", ...Array.from({ length: 2400 }, (_, i) => letter(`m${i}`, "", `number${i % 3}\r\n`)));
  await keepTexts(t);
  const all = await found(mail, inbox, ["number0", "number2"]);
  assert.deepEqual(all, Array.from({ length: 2400 }, (_, i) => [i + 1, i % 3 === 0 ? 1 : i % 3 === 2 ? 2 : 0]));
  const odd = uids(...Array.from({ length: 1200 }, (_, i) => 2 * i + 1));
  assert.deepEqual(await found(mail, inbox, ["number0", "number2"], odd), all.filter(([uid]) => uid % 2 === 1));
  assert.deepEqual(await found(mail, inbox, ["number0"], []), []);
});
