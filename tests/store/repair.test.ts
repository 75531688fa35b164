import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { repairAccount } from "../../store/sqlite/repair.ts";
import { repairDirectory } from "../../store/sqlite/repairdirectory.ts";
import { verifyStore } from "../../store/sqlite/verify.ts";
import type { MailboxName } from "../../store/types.ts";
import {
  addAccount,
  addMessage,
  assertSound,
  contents,
  fill,
  letter,
  type Place,
  placeTest,
} from "./backup/support.ts";

interface Broken extends Place {
  readonly path: string;
  /** Contents before the damage. */
  readonly before: Record<string, string[]>;
  /** Repairs it, which must leave no fault. */
  mended(): Promise<Record<string, string[]>>;
}

/** An account with some mail, closed; then `damage`, then `look`. */
function repairTest(
  title: string,
  damage: (db: DatabaseSync, broken: Broken) => void,
  look: (broken: Broken) => Promise<void>,
) {
  placeTest(`repair: ${title}`, async (place) => {
    const store = await place.open();
    const ann = await addAccount(store, "ann@example.org");
    await fill(ann, "INBOX", 12);
    await store.upkeep(ann.account).fillSearchIndex(); // what comes behind is not parsed
    await fill(ann, "Work/2026", 3, 100);
    await ann.deleteMailbox("Junk" as MailboxName);
    const before = await contents(ann);
    await store.close();
    const path = join(place.dataDir, "accounts", String(ann.account));
    const broken: Broken = {
      ...place,
      path,
      before,
      async mended() {
        const store = await place.open();
        const after = await contents(store.mail(ann.account));
        await store.close();
        return after;
      },
    };
    const db = new DatabaseSync(join(path, "mail.db"));
    damage(db, broken);
    db.close();
    let faults = 0;
    await verifyStore(place.dataDir, () => faults++);
    assert.ok(faults > 0, "there was nothing to repair");
    repairDirectory(place.dataDir);
    assert.deepEqual(repairAccount(place.dataDir, ann.account), { damaged: false, inUse: false });
    await assertSound(place.dataDir, true);
    await look(broken);
  });
}

async function same(broken: Broken): Promise<void> {
  assert.deepEqual(await broken.mended(), broken.before);
}

/** Damage by SQL that is mended without a trace. */
function mends(title: string, statements: string): void {
  repairTest(title, (db) => db.exec(statements), same);
}

mends("counters", "UPDATE mailbox SET messages = 9, unseen = 77, size = 1, recent = 3, deleted = 4, deleted_size = 4");
mends("totals of the account", "UPDATE account SET messages = 0, size = 5, expunged_size = 99");
mends("sequences of the account", "UPDATE account SET modseq = 1, uidvalidity = 1, email_id = 2");
mends("a missing account row", "DELETE FROM account");
mends(
  "UIDNEXT and modseqs of a mailbox",
  "UPDATE mailbox SET uidnext = 3, modseq = 1, changeseq = 0 WHERE name = 'INBOX'",
);
mends(
  "modseqs of messages",
  "UPDATE message SET modseq = 9999 WHERE uid = 3; UPDATE message SET createseq = 0 WHERE uid = 2",
);
mends(
  "a message that is there and expunged",
  "INSERT INTO expunged SELECT mailbox_id, uid, 1, 0, NULL, 0, NULL, 0, 0, 0 FROM message",
);
mends(
  "what is derived of the content",
  `DELETE FROM sort_key WHERE email_id = 3; DELETE FROM search_text;
  UPDATE email SET envelope = x'00', preview = 'x' WHERE id = 4; DELETE FROM thread_key WHERE email_id < 5;
  UPDATE header SET structure = x'' WHERE email_id = 8`,
);
mends("notes of changes", "DELETE FROM changed WHERE mailbox_id = 1; INSERT INTO changed VALUES (999, 1, 1, 1)");
mends("a missing email row", "DELETE FROM email WHERE id IN (2, 8)");
mends("wrong sizes", "UPDATE message SET size = 7; UPDATE mailbox SET size = 7");
mends("a thread that never was", "UPDATE email SET thread_id = 99999; UPDATE reference SET thread_id = 99999");
repairTest("an index that lacks a row", (db, { path }) => {
  const { rootpage } = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'message_email'").get()!;
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const file = join(path, "mail.db");
  const bytes = Deno.readFileSync(file);
  bytes[Number(rootpage) * 4096 - 1] ^= 0x40; // the UID of the first entry
  Deno.writeFileSync(file, bytes);
}, same);
mends(
  "keyword numbers and bits",
  "UPDATE message SET flags = flags | (1 << 30) WHERE uid = 2; UPDATE message SET more_keywords = '21,500' WHERE uid = 3",
);
mends(
  "rows of nothing",
  `INSERT INTO sort_key VALUES (777, 0, 0, 'X'); INSERT INTO judged VALUES (777, 1);
  INSERT INTO keyword VALUES (999, 0, 'x'); INSERT INTO seen VALUES (1, 5, 999, 1, 1); INSERT INTO subscription VALUES ('a//b')`,
);

repairTest(
  "INBOX, parents, names, special uses and ids",
  (db) =>
    db.exec(`UPDATE mailbox SET name = 'Box' WHERE name = 'INBOX'; DELETE FROM mailbox WHERE name = 'Work';
      UPDATE mailbox SET name = 'a//b' WHERE name = 'Drafts'; UPDATE mailbox SET special_use = 'sent' WHERE name = 'Trash';
      UPDATE mailbox SET object_id = 'M', uidvalidity = 5`),
  async (broken) => {
    const after = await broken.mended();
    assert.deepEqual(after.Box, broken.before.INBOX);
    assert.deepEqual(after["Work/2026"], broken.before["Work/2026"]);
    assert.deepEqual(after.INBOX, []);
    assert.ok(Object.keys(after).some((name) => name.startsWith("Lost+Found/mailbox-")));
  },
);

repairTest(
  "messages of no mailbox go to Lost+Found",
  (db) => db.exec("UPDATE message SET mailbox_id = 999 WHERE uid < 4 AND mailbox_id = 1"),
  async (broken) => assert.equal((await broken.mended())["Lost+Found"].length, 3),
);

repairTest(
  "emails that nobody has go to Lost+Found",
  (db) => db.exec("DELETE FROM message WHERE uid IN (2, 8) AND mailbox_id = 1"),
  async (broken) => {
    const after = await broken.mended();
    assert.equal(after["Lost+Found"].length, 2);
    assert.deepEqual(
      [...after["Lost+Found"], ...after.INBOX].map((line) => line.split(" ")[0]).sort(),
      broken.before.INBOX.map((line) => line.split(" ")[0]).sort(),
    );
  },
);

repairTest(
  "unknown content files go to Lost+Found",
  (db, { path }) => {
    db.exec("DELETE FROM message WHERE mailbox_id = 1; DELETE FROM email; DELETE FROM header; DELETE FROM content");
    assert.equal([...Deno.readDirSync(join(path, "content"))].length, 1);
  },
  async (broken) => assert.ok((await broken.mended())["Lost+Found"].length >= 1),
);

repairTest(
  "lost bytes are told in their place",
  (db, { path }) => {
    db.exec(
      "DELETE FROM content WHERE email_id = 2; DELETE FROM header WHERE email_id = 3; DELETE FROM content WHERE email_id = 4; DELETE FROM header WHERE email_id = 4",
    );
    for (const { name } of Deno.readDirSync(join(path, "content"))) Deno.removeSync(join(path, "content", name));
  },
  async (broken) => {
    const after = await broken.mended();
    assert.equal(after.INBOX.length, 12);
    const kept = after.INBOX.filter((line) => broken.before.INBOX.includes(line));
    assert.equal(kept.length, 8);
  },
);

placeTest(
  "repair beside a store in use: sessions follow, and deliveries on their way are left alone",
  async (place) => {
    const store = await place.open();
    const ann = await addAccount(store, "ann@example.org");
    await fill(ann, "INBOX", 9);
    const inbox = (await ann.mailbox("INBOX" as MailboxName))!;
    const pin = ann.pin(inbox.id, await ann.modseq());
    await Deno.writeTextFile(
      join(place.dataDir, "accounts", String(ann.account), "content", "unknown"),
      letter("unknown"),
    );
    const db = new DatabaseSync(join(place.dataDir, "accounts", String(ann.account), "mail.db"), { timeout: 5000 });
    db.exec("UPDATE mailbox SET messages = 5, uidnext = 2");
    db.close();
    assert.deepEqual(repairAccount(place.dataDir, ann.account), { damaged: false, inUse: true });
    assert.equal((await ann.status(inbox.id)).messages, 9);
    await addMessage(ann, "INBOX", letter("after"));
    await assertSound(place.dataDir);
    pin.release();
  },
);

placeTest("a database whose pages are damaged is left alone", async (place) => {
  const store = await place.open();
  const ann = await addAccount(store, "ann@example.org");
  await fill(ann, "INBOX", 30);
  await store.close();
  const path = join(place.dataDir, "accounts", String(ann.account), "mail.db");
  const bytes = await Deno.readFile(path);
  bytes.fill(0, 20 * 4096, 24 * 4096);
  await Deno.writeFile(path, bytes);
  assert.equal(repairAccount(place.dataDir, ann.account).damaged, true);
  assert.deepEqual(await Deno.readFile(path), bytes);
});

placeTest("repair of the directory", async (place) => {
  const store = await place.open();
  await addAccount(store, "Ann@example.org");
  await store.close();
  const db = new DatabaseSync(join(place.dataDir, "directory.db"));
  db.exec(
    `DELETE FROM login; INSERT INTO login VALUES ('Ghost', 9, 'Ghost', ''); INSERT INTO credential VALUES (9, 'x', 'y');
    INSERT INTO acl VALUES (9, 1, 'a', 'a', 'lr'); INSERT INTO removal VALUES (1)`,
  );
  db.close();
  repairDirectory(place.dataDir);
  await assertSound(place.dataDir, true);
});

placeTest("the content files of a lost database stay, and are found again", async (place) => {
  const store = await place.open();
  const ann = await addAccount(store, "ann@example.org");
  await fill(ann, "INBOX", 30);
  await store.close();
  const folder = join(place.dataDir, "accounts", String(ann.account));
  await Deno.remove(join(folder, "mail.db"));
  const again = await place.open();
  assert.deepEqual((await contents(again.mail(ann.account))).INBOX, []);
  await again.close();
  repairAccount(place.dataDir, ann.account);
  await assertSound(place.dataDir, true);
  const mended = await place.open();
  assert.equal((await contents(mended.mail(ann.account)))["Lost+Found"].length, 3);
});
