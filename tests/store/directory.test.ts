import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openDirectory } from "../../store/sqlite/directory.ts";
import { type AccountId, StoreError } from "../../store/types.ts";
import { add, directoryTest, refused } from "./directorysupport.ts";

directoryTest("an account is found by its address, in any case and any normal form", async (directory) => {
  const [alice, jose] = await add(directory, "Alice@Example.org", "jose\u0301@example.org");
  assert.deepEqual(await directory.find("alice@example.ORG"), alice);
  assert.equal(alice.address, "Alice@Example.org");
  assert.equal(jose.address, "jos\u00e9@example.org");
  assert.deepEqual(await directory.find("JOS\u00c9@example.org"), jose);
  assert.deepEqual(await directory.get(jose.id), jose);
  assert.equal(await directory.find("bob@example.org"), undefined);
  assert.equal(await directory.get(99 as AccountId), undefined);
});

directoryTest("a new account is enabled, without quota of its own", async (directory) => {
  const before = Math.floor(Date.now() / 1000);
  const [{ created, ...account }] = await add(directory, "u000");
  assert.deepEqual(account, {
    id: 1,
    address: "u000",
    disabled: null,
    domainDisabled: false,
    removed: null,
    quotaBytes: null,
    quotaMessages: null,
    admin: false,
    appPasswordsOnly: false,
    withheld: [],
  });
  assert.ok(created >= before && created <= Date.now() / 1000);
});

directoryTest("an address is taken once, whatever its case; the whole batch is refused", async (directory) => {
  await add(directory, "alice@example.org");
  await refused(add(directory, "bob@example.org", "ALICE@example.org"), "alreadyexists", /ALICE@example\.org/);
  await refused(add(directory, "carol", "Carol"), "alreadyexists", /Carol/);
  assert.deepEqual((await directory.list()).map(({ address }) => address), ["alice@example.org"]);
});

directoryTest("an address that cannot be one is refused", async (directory) => {
  for (const address of ["", "a b", "a\tb", "a\0b", "a\r\nb", "x".repeat(321), "\ud800"]) {
    await refused(add(directory, address), "cannot");
  }
});

directoryTest("five thousand accounts in one batch", async (directory) => {
  const accounts = await add(directory, ...Array.from({ length: 5000 }, (_, i) => `u${i}@example.org`));
  assert.equal(accounts.length, 5000);
  assert.equal((await directory.list()).length, 5000);
  assert.deepEqual(await directory.find("u4999@example.org"), accounts[4999]);
});

directoryTest("credentials are kept by mechanism and replaced as a whole", async (directory) => {
  const [alice, bob] = await add(directory, "alice", "bob");
  assert.deepEqual(await directory.credentials(alice.id), { "cram-md5": "of alice" });
  await directory.setCredentials(alice.id, { "scram-sha-256": "new" });
  assert.deepEqual(await directory.credentials(alice.id), { "scram-sha-256": "new" });
  assert.deepEqual(await directory.credentials(bob.id), { "cram-md5": "of bob" });
  assert.deepEqual(await directory.credentials(99 as AccountId), {});
});

directoryTest("an account is disabled with a text, and enabled again", async (directory) => {
  const [alice] = await add(directory, "alice");
  await directory.setDisabled(alice.id, "Unpaid.");
  assert.equal((await directory.find("alice"))?.disabled, "Unpaid.");
  await directory.setDisabled(alice.id, null);
  assert.equal((await directory.find("alice"))?.disabled, null);
});

directoryTest("quotas: a number, none (0) and the default (null)", async (directory) => {
  const [alice] = await add(directory, "alice");
  await directory.setQuota(alice.id, { bytes: 5_000_000_000, messages: 0 });
  const { quotaBytes, quotaMessages } = (await directory.get(alice.id))!;
  assert.deepEqual([quotaBytes, quotaMessages], [5_000_000_000, 0]);
  await directory.setQuota(alice.id, { bytes: null, messages: null });
  assert.deepEqual(await directory.get(alice.id), alice);
});

directoryTest("what is done to an account that is not there is refused", async (directory) => {
  const nobody = 7 as AccountId;
  await refused(directory.remove(nobody), "nonexistent");
  await refused(directory.setCredentials(nobody, {}), "nonexistent");
  await refused(directory.setDisabled(nobody, "x"), "nonexistent");
  await refused(directory.setQuota(nobody, { bytes: 0, messages: 0 }), "nonexistent");
});

directoryTest("settings; the login secret is there from the start and stays", async (directory, dataDir) => {
  assert.equal(await directory.setting("colour"), undefined);
  await directory.setSetting("colour", "red");
  await directory.setSetting("colour", "blue");
  assert.equal(await directory.setting("colour"), "blue");
  const secret = await directory.setting("loginSecret");
  assert.match(secret!, /^[0-9a-f]{64}$/);
  const again = openDirectory(dataDir);
  assert.equal(await again.setting("loginSecret"), secret);
  again.close();
});

directoryTest("a change by another process is seen by the next call", async (directory, dataDir) => {
  const other = openDirectory(dataDir);
  const [alice] = await add(other, "alice");
  assert.deepEqual(await directory.find("alice"), alice);
  await other.setDisabled(alice.id, "Moved.");
  assert.equal((await directory.find("alice"))?.disabled, "Moved.");
  await other.remove(alice.id);
  assert.equal(await directory.find("alice"), undefined);
  other.close();
});

directoryTest("a write waits for another process's transaction", async (directory, dataDir) => {
  const other = new DatabaseSync(join(dataDir, "directory.db"));
  other.exec("BEGIN IMMEDIATE");
  const adding = add(directory, "alice");
  await new Promise((resolve) => setTimeout(resolve, 5));
  other.exec("COMMIT");
  other.close();
  assert.equal((await adding)[0].address, "alice");
});

directoryTest(
  "removing takes the row, the secrets and the mail; the number is not given again",
  async (directory, dataDir) => {
    const [alice, bob] = await add(directory, "alice", "bob");
    const folder = join(dataDir, "accounts", String(bob.id));
    await Deno.mkdir(join(folder, "content"), { recursive: true });
    await Deno.writeTextFile(join(folder, "content", "x"), "mail");
    await directory.remove(bob.id);
    assert.deepEqual(await directory.list(), [alice]);
    assert.deepEqual(await directory.credentials(bob.id), {});
    assert.deepEqual([...Deno.readDirSync(join(dataDir, "accounts"))], []);
    const [again] = await add(directory, "bob");
    assert.ok(again.id > bob.id);
  },
);

directoryTest(
  "a removal that was cut off is ended at the next opening, and nothing else is removed",
  async (directory, dataDir) => {
    const [alice] = await add(directory, "alice");
    const accounts = join(dataDir, "accounts");
    for (const folder of [String(alice.id), "7", ".removed-8", ".removed-9", "9", "10"]) {
      await Deno.mkdir(join(accounts, folder));
      await Deno.writeTextFile(join(accounts, folder, "mail.db"), "mail");
    }
    const db = new DatabaseSync(join(dataDir, "directory.db"));
    db.exec("INSERT INTO removal VALUES (7), (8), (9), (11)");
    db.close();
    openDirectory(dataDir).close();
    // 10 has no row either, but nobody asked for its removal: perhaps an older directory was restored.
    assert.deepEqual([...Deno.readDirSync(accounts)].map(({ name }) => name).sort(), [String(alice.id), "10"].sort());
  },
);

directoryTest("files and folders are the user's alone", async (_directory, dataDir) => {
  const inner = join(dataDir, "deep", "data");
  openDirectory(inner).close();
  const mode = (path: string) => Deno.statSync(join(inner, path)).mode! & 0o777;
  assert.deepEqual([mode("."), mode("accounts"), mode("directory.db")], [0o700, 0o700, 0o600]);
});

directoryTest("commits are synced, in write-ahead mode", async (directory, dataDir) => {
  await add(directory, "alice");
  const db = new DatabaseSync(join(dataDir, "directory.db"), { readOnly: true });
  assert.equal(db.prepare("PRAGMA journal_mode").get()?.journal_mode, "wal");
  db.close();
});

directoryTest("a directory of a newer program is refused", async (directory, dataDir) => {
  directory.close();
  const db = new DatabaseSync(join(dataDir, "directory.db"));
  db.exec("PRAGMA user_version = 99");
  assert.throws(() => openDirectory(dataDir), (error) => error instanceof StoreError && error.fault === "cannot");
  db.exec("PRAGMA user_version = 1");
  db.close();
  Object.assign(directory, { close: () => {} });
});
