import assert from "node:assert/strict";
import type { Answer, Classifier } from "../../server/junk/classifier.ts";
import { JunkTraining } from "../../server/junk/training.ts";
import type { MailStore } from "../../store/store.ts";
import type { ModSeq } from "../../store/types.ts";
import type { Verdict } from "../../store/upkeep.ts";
import {
  type Account,
  add,
  append,
  letter,
  mailTest,
  message,
  name,
  named,
  remove,
  uids,
  until,
} from "../store/mailsupport.ts";

const decoder = new TextDecoder();

/** Notes what it is told, as "junk: subject". */
class Notebook implements Classifier {
  readonly told: string[] = [];
  answer: Answer = { result: "told" };

  tell(verdict: Verdict, content: Uint8Array): Promise<Answer> {
    this.told.push(`${verdict}: ${/^Subject: (.*)\r$/m.exec(decoder.decode(content))?.[1]}`);
    return Promise.resolve(this.answer);
  }
}

/** A test with training that looks at once, after some mail has come. */
function trainingTest(
  title: string,
  body: (t: Account, notebook: Notebook, settled: () => Promise<void>) => Promise<void>,
) {
  mailTest(title, async (t) => {
    await append(t.mail, "INBOX", letter("one"), letter("two"));
    const notebook = new Notebook();
    const training = new JunkTraining(t.store, notebook, { maxSize: 1000, concurrency: 2, lookMs: 1, retryMs: 1 });
    // Told of is everything once the last change was looked at: a marker that is always told comes last.
    let markers = 0;
    const settled = async () => {
      const subject = `marker ${++markers}`;
      const [uid] = await append(t.mail, "Archive", letter(subject));
      await t.mail.storeFlags((await named(t.mail, "Archive")).id, uids(uid), add("$NotJunk"));
      await until(() => notebook.told.includes(`notjunk: ${subject}`));
    };
    try {
      await body(t, notebook, settled);
    } finally {
      await training.close();
    }
  });
}

const words = ({ told }: Notebook) => told.filter((line) => !line.includes("marker"));

async function move(mail: MailStore, from: string, uid: number, to: string): Promise<void> {
  await mail.move((await named(mail, from)).id, uids(uid), name(to));
}

trainingTest("moving into Junk and out of it again is told, each once", async (t, notebook, settled) => {
  await move(t.mail, "INBOX", 1, "Junk");
  await settled();
  assert.deepEqual(words(notebook), ["junk: one"]);
  await move(t.mail, "Junk", 1, "INBOX");
  await settled();
  await t.mail.storeFlags(t.inbox.id, uids(3), add("\\Seen"));
  await settled();
  assert.deepEqual(words(notebook), ["junk: one", "notjunk: one"]);
});

trainingTest("what goes from Junk to Trash stays junk", async (t, notebook, settled) => {
  await move(t.mail, "INBOX", 1, "Junk");
  await settled();
  await move(t.mail, "Junk", 1, "Trash");
  await settled();
  assert.deepEqual(words(notebook), ["junk: one"]);
});

trainingTest("$Junk and $NotJunk are told, and un-told when they are taken back", async (t, notebook, settled) => {
  await t.mail.storeFlags(t.inbox.id, uids(1), add("$Junk"));
  await t.mail.storeFlags(t.inbox.id, uids(2), add("$NotJunk"));
  await settled();
  await t.mail.storeFlags(t.inbox.id, uids(1), remove("$Junk"));
  await t.mail.storeFlags(t.inbox.id, uids(2), remove("$NotJunk"));
  await settled();
  assert.deepEqual(words(notebook).toSorted(), ["forget: one", "forget: two", "junk: one", "notjunk: two"]);
});

trainingTest("a program that sets $NotJunk and moves at the same time is heard once", async (t, notebook, settled) => {
  await t.mail.storeFlags(t.inbox.id, uids(1), add("$Junk"));
  await move(t.mail, "INBOX", 1, "Junk");
  await settled();
  assert.deepEqual(words(notebook), ["junk: one"]);
});

trainingTest("who changes their mind before anybody looked is not told of", async (t, notebook, settled) => {
  await move(t.mail, "INBOX", 1, "Junk");
  await move(t.mail, "Junk", 1, "INBOX");
  await settled();
  // Either nothing was seen, or both steps were.
  const heard = words(notebook);
  assert.ok(heard.length === 0 || heard.length === 2, heard.join());
});

trainingTest(
  "what a filter put into Junk is known, and taken out of there it is told",
  async (t, notebook, settled) => {
    await t.mail.deliver([name("Junk")], await message(t.mail, letter("filtered")));
    await settled();
    assert.deepEqual(words(notebook), []);
    await move(t.mail, "Junk", 1, "INBOX");
    await settled();
    assert.deepEqual(words(notebook), ["notjunk: filtered"]);
  },
);

trainingTest("what is too large is passed over", async (t, notebook, settled) => {
  await append(t.mail, "Junk", letter("large", "", "x".repeat(2000)));
  await settled();
  assert.deepEqual(words(notebook), []);
});

trainingTest(
  "what cannot be told now is told later; what was told before is not told again",
  async (t, notebook, settled) => {
    await move(t.mail, "INBOX", 1, "Junk");
    await settled();
    notebook.answer = { result: "later", why: "down" };
    await move(t.mail, "INBOX", 2, "Junk");
    await until(() => words(notebook).filter((line) => line === "junk: two").length >= 3);
    notebook.answer = { result: "told" };
    await settled();
    assert.equal(words(notebook).filter((line) => line === "junk: one").length, 1);
    const before = notebook.told.length;
    await settled();
    assert.equal(notebook.told.length, before + 1);
  },
);

trainingTest("what a classifier refuses is not tried again", async (t, notebook, settled) => {
  notebook.answer = { result: "refused", why: "no" };
  await move(t.mail, "INBOX", 1, "Junk");
  await settled();
  await settled();
  assert.deepEqual(words(notebook), ["junk: one"]);
});

mailTest("mail from before training was turned on is not told of", async (t) => {
  await append(t.mail, "Junk", letter("old"));
  const notebook = new Notebook();
  const training = new JunkTraining(t.store, notebook, { maxSize: 1000, concurrency: 1, lookMs: 1, retryMs: 1 });
  await append(t.mail, "Junk", letter("new"));
  await until(() => notebook.told.length > 0);
  await training.close();
  assert.deepEqual(notebook.told, ["junk: new"]);
});

mailTest("what was left when the server stopped is told after the next start", async (t) => {
  const notebook = new Notebook();
  notebook.answer = { result: "later" };
  const options = { maxSize: 1000, concurrency: 1, lookMs: 1, retryMs: 1 };
  const first = new JunkTraining(t.store, notebook, options);
  await append(t.mail, "Junk", letter("one"));
  await until(() => notebook.told.length > 0);
  await first.close();
  const after = new Notebook();
  const second = new JunkTraining(t.store, after, options);
  await second.look(t.account);
  await until(() => after.told.length > 0);
  await second.close();
  assert.deepEqual(after.told, ["junk: one"]);
});

mailTest("nothing is due in an account that nobody looked at", async (t) => {
  await append(t.mail, "Junk", letter("one"));
  const { judgements } = await t.store.upkeep(t.account).dueJudgements(await t.mail.modseq());
  assert.deepEqual(judgements, []);
  const all = await t.store.upkeep(t.account).dueJudgements(0 as ModSeq);
  assert.deepEqual(all.judgements.map(({ verdict }) => verdict), ["junk"]);
});
