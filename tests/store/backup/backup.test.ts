import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readAccountManifest, readManifest } from "../../../store/sqlite/backup/manifest.ts";
import { OpenBackup, restoreAll } from "../../../store/sqlite/backup/restore.ts";
import { Flag } from "../../../store/flags.ts";
import type { MailboxName, Uid } from "../../../store/types.ts";
import {
  addAccount,
  addMessage,
  assertSound,
  contents,
  filesIn,
  fill,
  letter,
  type Place,
  placeTest,
} from "./support.ts";

const INBOX = "INBOX" as MailboxName;

async function restored({ target, directory, open }: Place, keepUidValidity = false) {
  const dataDir = join(directory, "again");
  using backup = OpenBackup.open(target);
  await restoreAll(backup, dataDir, { keepUidValidity, progress: () => {} });
  await assertSound(dataDir, true);
  return { dataDir, store: await open(dataDir) };
}

placeTest("a backup of a store in use is restored as it was, for the owner alone", async (place) => {
  const store = await place.open();
  const ann = await addAccount(store, "ann@example.org");
  await fill(ann, "INBOX", 12);
  await fill(ann, "Lists/Roost", 10);
  await addAccount(store, "unused@example.org");
  await Deno.mkdir(join(place.dataDir, "acme"));
  await Deno.writeTextFile(join(place.dataDir, "acme", "account.json"), "{}");
  const { faults, ...done } = await place.backup();
  assert.deepEqual(faults, []);
  assert.deepEqual([done.accounts, done.changed, done.failed, done.linked, done.copied], [2, 1, 0, 2, 0]);
  for (const path of filesIn(place.target)) {
    assert.equal(Deno.statSync(join(place.target, path)).mode! & 0o777, 0o600, path);
  }
  assert.equal(Deno.statSync(join(place.target, "accounts")).mode! & 0o777, 0o700);

  const again = await restored(place);
  const mail = again.store.mail((await again.store.directory.find("ann@example.org"))!.id);
  assert.deepEqual(await contents(mail), await contents(ann));
  assert.deepEqual(await again.store.directory.credentials(mail.account), {
    "cram-md5": "secret of ann@example.org",
  });
  assert.equal(await Deno.readTextFile(join(again.dataDir, "acme", "account.json")), "{}");
});

placeTest(
  "all restored mailboxes have new UIDVALIDITYs, ids and numbers to come (RFC 9051 §2.3.1.1, RFC 8474 §4.1)",
  async (place) => {
    const store = await place.open();
    const ann = await addAccount(store, "ann@example.org");
    await fill(ann, "INBOX", 3);
    await place.backup();
    const before = (await ann.mailbox(INBOX))!;
    const fresh = await restored(place);
    const after = fresh.store.mail(ann.account);
    const inbox = (await after.mailbox(INBOX))!;
    assert.ok(inbox.uidValidity > before.uidValidity);
    assert.notEqual(inbox.objectId, before.objectId);
    await addMessage(after, "INBOX", letter("later"));
    for await (
      const rows of after.read(inbox.id, [{ first: 4 as Uid, last: 4 as Uid }], ["emailId"], await after.modseq())
    ) {
      assert.ok(rows[0][0] > 1_000_000);
    }
  },
);

placeTest("with keepUidValidity clients go on with what they have", async (place) => {
  const store = await place.open();
  const ann = await addAccount(store, "ann@example.org");
  await fill(ann, "INBOX", 3);
  await place.backup();
  const { store: again } = await restored(place, true);
  assert.deepEqual(await again.mail(ann.account).mailboxes(), await ann.mailboxes());
});

placeTest(
  "a second backup copies what changed: flags, content, expunged messages; also what is in the log alone",
  async (place) => {
    const store = await place.open();
    const [ann, bob] = [await addAccount(store, "ann@example.org"), await addAccount(store, "bob@example.org")];
    await fill(ann, "INBOX", 9);
    await fill(bob, "INBOX", 9);
    await store.upkeep(bob.account).fillSearchIndex(); // parsed now, not later
    await place.backup();
    const before = readAccountManifest(place.target, bob.account);
    assert.equal((await place.backup()).changed, 0);

    const inbox = (await ann.mailbox(INBOX))!;
    await ann.storeFlags(inbox.id, [{ first: 2 as Uid, last: 2 as Uid }], {
      mode: "add",
      flags: { fixed: Flag.Flagged, keywords: [] },
    });
    const flagged = await place.backup();
    assert.deepEqual([flagged.changed, flagged.linked, flagged.copied], [1, 0, 0]);

    await fill(ann, "INBOX", 10, 20);
    await store.upkeep(ann.account).fillSearchIndex();
    await ann.remove(inbox.id, [{ first: 1 as Uid, last: 8 as Uid }]);
    const more = await place.backup();
    assert.deepEqual([more.changed, more.linked, more.faults], [1, 1, []]);
    assert.deepEqual(readAccountManifest(place.target, bob.account), before);

    await ann.claimRecent(inbox.id); // takes no modseq
    assert.equal((await place.backup()).changed, 1);
    await store.close();
    assert.equal((await place.backup()).changed, 0, "closing moves the log into the database and changes nothing");
    const { store: again } = await restored(place);
    const live = await place.open();
    assert.deepEqual(await contents(again.mail(ann.account)), await contents(live.mail(ann.account)));
  },
);

placeTest("where content cannot be linked it is copied", async (place) => {
  const store = await place.open();
  await fill(await addAccount(store, "ann@example.org"), "INBOX", 9);
  const link = Deno.link;
  try {
    Deno.link = () => Promise.reject(new Error("Invalid cross-device link (os error 18)"));
    const { copied, linked, faults } = await place.backup();
    assert.deepEqual([copied, linked, faults], [1, 0, []]);
  } finally {
    Deno.link = link;
  }
  await restored(place);
});

placeTest("purged content and removed accounts go with the next backup", async (place) => {
  const store = await place.open();
  const [ann, bob] = [await addAccount(store, "ann@example.org"), await addAccount(store, "bob@example.org")];
  await fill(ann, "INBOX", 9);
  await fill(bob, "INBOX", 9);
  await place.backup();
  const inbox = (await ann.mailbox(INBOX))!;
  await ann.deleteMailbox((await ann.mailboxes()).find(({ name }) => name === "Archive")!.name);
  const db = new DatabaseSync(join(place.dataDir, "accounts", String(ann.account), "mail.db"));
  await ann.remove(inbox.id, [{ first: 1 as Uid, last: 9 as Uid }]);
  db.exec("UPDATE expunged SET expunged_at = 1");
  db.close();
  await store.upkeep(ann.account).purge();
  await store.directory.remove(bob.account);
  await place.backup();
  const { accounts } = readManifest(place.target)!;
  assert.deepEqual(accounts.map(({ address }) => address), ["ann@example.org"]);
  assert.deepEqual(filesIn(place.target).filter((path) => path.includes("/content/")), []);
  assert.equal(filesIn(place.target).filter((path) => path.startsWith(`accounts/${bob.account}/`)).length, 0);
});

placeTest("an account whose database is damaged keeps its last good copy; the others are copied", async (place) => {
  const store = await place.open();
  const [ann, bob] = [await addAccount(store, "ann@example.org"), await addAccount(store, "bob@example.org")];
  await fill(ann, "INBOX", 30);
  await fill(bob, "INBOX", 3);
  await place.backup();
  const good = readAccountManifest(place.target, ann.account)!;
  await fill(ann, "INBOX", 3, 50);
  await fill(bob, "INBOX", 3, 50);
  await store.close();
  const path = join(place.dataDir, "accounts", String(ann.account), "mail.db");
  const bytes = await Deno.readFile(path);
  for (let page = 8; page < bytes.length / 4096; page += 5) bytes.fill(0x55, page * 4096, page * 4096 + 200);
  await Deno.writeFile(path, bytes);
  const { failed, changed, faults } = await place.backup();
  assert.deepEqual([failed, changed], [1, 1]);
  assert.match(faults[0], /^ann@example\.org: /);
  assert.deepEqual(readAccountManifest(place.target, ann.account), good);
  await restored(place);
});

placeTest("a damaged content file is told, and does not replace the good copy", async (place) => {
  const store = await place.open();
  const ann = await addAccount(store, "ann@example.org");
  await fill(ann, "INBOX", 9);
  const folder = join(place.dataDir, "accounts", String(ann.account), "content");
  const [{ name }] = [...Deno.readDirSync(folder)];
  const bytes = await Deno.readFile(join(folder, name));
  await place.backup();
  await Deno.remove(join(folder, name));
  bytes[100_000] ^= 1;
  await Deno.writeFile(join(folder, name), bytes);
  await fill(ann, "INBOX", 1, 50);
  assert.deepEqual((await place.backup()).faults, []);
  await restored(place);

  await Deno.remove(place.target, { recursive: true });
  const { failed, faults } = await place.backup();
  assert.equal(failed, 1);
  assert.match(faults[0], /SHA-256/);
});

placeTest("a backup that was killed leaves the last one whole, and the next one goes on", async (place) => {
  const store = await place.open();
  const ann = await addAccount(store, "ann@example.org");
  await fill(ann, "INBOX", 9);
  await place.backup();
  const before = await contents(ann);
  await fill(ann, "INBOX", 9, 20);
  const rename = Deno.renameSync;
  try {
    Deno.renameSync = (from, to) => {
      if (String(to).endsWith("manifest.json")) throw new Error("killed");
      rename(from, to);
    };
    assert.equal((await place.backup()).failed, 1);
  } finally {
    Deno.renameSync = rename;
  }
  const old = await restored(place);
  assert.deepEqual(await contents(old.store.mail(ann.account)), before);
  await old.store.close();
  await Deno.remove(old.dataDir, { recursive: true });
  assert.deepEqual((await place.backup()).faults, []);
  const { store: again } = await restored(place);
  assert.deepEqual(await contents(again.mail(ann.account)), await contents(ann));
});

placeTest("no backup into the data, into a folder with something else, or beside another one", async (place) => {
  await place.open();
  const into = (target: string) => ({ ...place, target });
  await Deno.mkdir(join(place.directory, "photos"));
  await Deno.writeTextFile(join(place.directory, "photos", "cat.jpg"), "x");
  const { backupStore } = await import("../../../store/sqlite/backup/backup.ts");
  const run = (target: string) => backupStore({ ...into(target), verify: true, failed: () => {}, progress: () => {} });
  await assert.rejects(run(join(place.dataDir, "backup")), /within the data/);
  await assert.rejects(run(join(place.directory, "photos")), /not empty, and no backup/);
  await place.backup();
  using lock = Deno.openSync(join(place.target, "lock"), { write: true });
  lock.lockSync(true);
  await assert.rejects(run(place.target), /is running/);
  assert.throws(() => OpenBackup.open(place.target), /is running/);
});

placeTest(
  "restoring all refuses a folder with data, a damaged backup, and begins again what was interrupted",
  async (place) => {
    const store = await place.open();
    const ann = await addAccount(store, "ann@example.org");
    await fill(ann, "INBOX", 9);
    await place.backup();
    {
      using backup = OpenBackup.open(place.target);
      await assert.rejects(
        restoreAll(backup, place.dataDir, { keepUidValidity: false, progress: () => {} }),
        /not empty/,
      );
      const { database } = readAccountManifest(place.target, ann.account)!;
      const path = join(place.target, "accounts", String(ann.account), database.name);
      const good = await Deno.readFile(path);
      const bad = good.slice();
      bad[5000] ^= 1;
      await Deno.writeFile(path, bad);
      const options = { keepUidValidity: false, progress: () => {} };
      const dataDir = join(place.directory, "again");
      await assert.rejects(restoreAll(backup, dataDir, options), /ann@example\.org: .* is damaged/);
      assert.deepEqual([...Deno.readDirSync(dataDir)].map(({ name }) => name), ["restoring"]);
      await Deno.writeFile(path, good);
    }
    await restored(place);
  },
);

placeTest("an account's manifest that is damaged is made anew by the next backup", async (place) => {
  const store = await place.open();
  const ann = await addAccount(store, "ann@example.org");
  await fill(ann, "INBOX", 9);
  await place.backup();
  await Deno.writeTextFile(join(place.target, "accounts", String(ann.account), "manifest.json"), "{");
  assert.deepEqual((await place.backup()).faults, []);
  await restored(place);
});

placeTest("a manifest that leads elsewhere is refused", async (place) => {
  const store = await place.open();
  await fill(await addAccount(store, "ann@example.org"), "INBOX", 1);
  await place.backup();
  const path = join(place.target, "roost-backup.json");
  const text = await Deno.readTextFile(path);
  const manifest = JSON.parse(text);
  for (const name of ["../directory.db", "/etc/passwd", "a/b", ""]) {
    await Deno.writeTextFile(path, JSON.stringify({ ...manifest, directory: { ...manifest.directory, name } }));
    assert.throws(() => OpenBackup.open(place.target), /is damaged/);
  }
  await Deno.writeTextFile(path, JSON.stringify({ ...manifest, version: 99 }));
  assert.throws(() => OpenBackup.open(place.target), /version 99/);
  await Deno.writeTextFile(path, text.slice(0, 50));
  assert.throws(() => OpenBackup.open(place.target), /is damaged/);
});
