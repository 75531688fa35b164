import assert from "node:assert/strict";
import type { NewAppPassword } from "../../store/store.ts";
import { add, directoryTest, NOBODY, refused } from "./directorysupport.ts";

function phone(changes: Partial<NewAppPassword> = {}): NewAppPassword {
  return { name: "Phone", credentials: { "cram-md5": "x" }, scopes: ["imap"], networks: [], expires: null, ...changes };
}

directoryTest("an app password is kept as given, and listed by name", async (directory) => {
  const [alice, bob] = await add(directory, "alice", "bob");
  const before = Math.floor(Date.now() / 1000);
  const given = phone({ scopes: ["imap", "lmtp"], networks: ["192.0.2.0/24", "2001:db8::/32"], expires: 4102444800 });
  await directory.addAppPassword(alice.id, given);
  await directory.addAppPassword(alice.id, phone({ name: "a tablet" }));
  const [tablet, { id, created, ...kept }] = await directory.appPasswords(alice.id);
  assert.equal(tablet.name, "a tablet");
  assert.deepEqual(kept, { ...given, lastUsed: null, lastRemote: null });
  assert.ok(id > 0 && created >= before && created <= Date.now() / 1000);
  assert.deepEqual([tablet.networks, tablet.expires], [[], null]);
  assert.deepEqual(await directory.appPasswords(bob.id), []);
});

directoryTest("an app password's name is taken once in an account, without regard to case", async (directory) => {
  const [alice, bob] = await add(directory, "alice", "bob");
  await directory.addAppPassword(alice.id, phone());
  await refused(directory.addAppPassword(alice.id, phone({ name: "PHONE" })), "alreadyexists", /PHONE/);
  await directory.addAppPassword(bob.id, phone());
});

directoryTest("an app password needs a name of one line, a scope and an account", async (directory) => {
  const [alice] = await add(directory, "alice");
  for (const name of ["", "a\nb", "\u2028", "\ud800", "x".repeat(401)]) {
    await refused(directory.addAppPassword(alice.id, phone({ name })), "cannot");
  }
  await refused(directory.addAppPassword(alice.id, phone({ scopes: [] })), "cannot");
  await refused(directory.addAppPassword(NOBODY, phone()), "nonexistent");
});

directoryTest("app passwords of one account are bounded in number", async (directory) => {
  const [alice] = await add(directory, "alice");
  for (let i = 0; i < 100; i++) await directory.addAppPassword(alice.id, phone({ name: `${i}` }));
  await refused(directory.addAppPassword(alice.id, phone({ name: "more" })), "limit", /100/);
});

directoryTest("an app password is removed by its name; its number is not given again", async (directory) => {
  const [alice] = await add(directory, "alice");
  await directory.addAppPassword(alice.id, phone());
  const [{ id }] = await directory.appPasswords(alice.id);
  await directory.removeAppPassword(alice.id, "phone");
  await refused(directory.removeAppPassword(alice.id, "phone"), "nonexistent", /phone/);
  await directory.addAppPassword(alice.id, phone());
  await directory.credentialUsed({ appPassword: id }, 1000, "192.0.2.1");
  const [again] = await directory.appPasswords(alice.id);
  assert.ok(again.id > id);
  assert.equal(again.lastUsed, null);
});

directoryTest("when and from where an app password was used last is kept", async (directory) => {
  const [alice] = await add(directory, "alice");
  await directory.addAppPassword(alice.id, phone());
  await directory.addAppPassword(alice.id, phone({ name: "z" }));
  const [{ id }] = await directory.appPasswords(alice.id);
  await directory.credentialUsed({ appPassword: id }, 1000, "192.0.2.1");
  await directory.credentialUsed({ appPassword: id }, 2000, "2001:db8::1");
  const [used, unused] = await directory.appPasswords(alice.id);
  assert.deepEqual([used.lastUsed, used.lastRemote], [2000, "2001:db8::1"]);
  assert.equal(unused.lastUsed, null);
});

directoryTest("an account's main password can be kept for other uses than mail", async (directory) => {
  const [alice] = await add(directory, "alice");
  assert.equal(alice.appPasswordsOnly, false);
  await directory.setAppPasswordsOnly(alice.id, true);
  assert.equal((await directory.find("alice"))?.appPasswordsOnly, true);
  await directory.setAppPasswordsOnly(alice.id, false);
  assert.deepEqual(await directory.get(alice.id), alice);
  await refused(directory.setAppPasswordsOnly(NOBODY, true), "nonexistent");
});

directoryTest("app passwords go with their account", async (directory) => {
  const [alice, bob] = await add(directory, "alice", "bob");
  await directory.addAppPassword(alice.id, phone());
  await directory.addAppPassword(bob.id, phone());
  await directory.remove(alice.id);
  assert.deepEqual(await directory.appPasswords(alice.id), []);
  assert.equal((await directory.appPasswords(bob.id)).length, 1);
});
