import assert from "node:assert/strict";
import { add, directoryTest, NOBODY, refused } from "./directorysupport.ts";

const KEY = "a".repeat(64);
const OTHER = "b".repeat(64);

directoryTest("a client key is found by its fingerprint", async (directory) => {
  const [alice, bob] = await add(directory, "alice", "bob");
  const before = Math.floor(Date.now() / 1000);
  await directory.addClientKey({ account: alice.id, fingerprint: KEY, name: "laptop", preauth: true });
  await directory.addClientKey({ account: bob.id, fingerprint: OTHER, name: "", preauth: false });
  const { created, ...key } = (await directory.clientKey(KEY))!;
  assert.deepEqual(key, {
    account: alice.id,
    fingerprint: KEY,
    name: "laptop",
    preauth: true,
    lastUsed: null,
    lastRemote: null,
  });
  assert.ok(created >= before && created <= Date.now() / 1000);
  assert.equal(await directory.clientKey("c".repeat(64)), undefined);
  assert.deepEqual((await directory.clientKeys()).map(({ fingerprint }) => fingerprint), [KEY, OTHER]);
  assert.deepEqual((await directory.clientKeys(bob.id)).map(({ preauth }) => preauth), [false]);
});

directoryTest("a client key belongs to one account", async (directory) => {
  const [alice, bob] = await add(directory, "alice", "bob");
  await directory.addClientKey({ account: alice.id, fingerprint: KEY, name: "", preauth: true });
  for (const account of [alice.id, bob.id]) {
    await refused(directory.addClientKey({ account, fingerprint: KEY, name: "", preauth: true }), "alreadyexists");
  }
  await refused(
    directory.addClientKey({ account: NOBODY, fingerprint: OTHER, name: "", preauth: true }),
    "nonexistent",
  );
});

directoryTest("a fingerprint is 64 digits in lower case", async (directory) => {
  const [alice] = await add(directory, "alice");
  for (const fingerprint of ["", "A".repeat(64), "a".repeat(63), "a".repeat(65), `${"a".repeat(63)}\n`]) {
    await refused(directory.addClientKey({ account: alice.id, fingerprint, name: "", preauth: true }), "cannot");
  }
});

directoryTest("a removed client key is gone for every process at once", async (directory) => {
  const [alice] = await add(directory, "alice");
  await directory.addClientKey({ account: alice.id, fingerprint: KEY, name: "", preauth: true });
  await directory.removeClientKey(KEY);
  assert.equal(await directory.clientKey(KEY), undefined);
  await refused(directory.removeClientKey(KEY), "nonexistent");
});

directoryTest("when a client key was used last is kept; keys go with their account", async (directory) => {
  const [alice] = await add(directory, "alice");
  await directory.addClientKey({ account: alice.id, fingerprint: KEY, name: "", preauth: true });
  await directory.credentialUsed({ clientKey: KEY }, 1000, "192.0.2.1");
  await directory.credentialUsed({ clientKey: OTHER }, 1000, "192.0.2.1");
  const key = await directory.clientKey(KEY);
  assert.deepEqual([key?.lastUsed, key?.lastRemote], [1000, "192.0.2.1"]);
  await directory.remove(alice.id);
  assert.equal(await directory.clientKey(KEY), undefined);
});
