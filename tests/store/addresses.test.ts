import assert from "node:assert/strict";
import { Rights } from "../../store/rights.ts";
import type { Directory } from "../../store/store.ts";
import type { AccountId, MailboxId } from "../../store/types.ts";
import { add, directoryTest, NOBODY, openAcl, refused } from "./directorysupport.ts";

const addressesOf = async (directory: Directory, account?: AccountId) =>
  (await directory.addresses.list(account)).map(({ address }) => address);

directoryTest("aliases and whole domains are listed as they were given", async (directory) => {
  const [ann, bob] = await add(directory, "Ann@Example.org", "bob");
  await directory.addresses.add(ann.id, "Jose\u0301@example.org");
  await directory.addresses.add(ann.id, "@Example.NET");
  assert.deepEqual(await addressesOf(directory, ann.id), ["@example.net", "Ann@Example.org", "Jos\u00e9@example.org"]);
  assert.deepEqual((await directory.find("JOS\u00c9@example.org"))?.id, ann.id);
  assert.deepEqual(await addressesOf(directory, bob.id), ["bob"]);
  assert.equal((await directory.addresses.list()).length, 4);
});

directoryTest(
  "a whole domain is no name to log in with, and an account's own address cannot be one",
  async (directory) => {
    const [ann] = await add(directory, "ann@example.org");
    await directory.addresses.add(ann.id, "@example.org");
    assert.equal(await directory.find("@example.org"), undefined);
    assert.equal((await directory.catchAll("EXAMPLE.org"))?.id, ann.id);
    assert.equal(await directory.catchAll("example.net"), undefined);
    await refused(add(directory, "@example.com"), "cannot", /nothing before its @/);
    await refused(directory.addresses.rename(ann.id, "@example.com", { keep: true }), "cannot");
  },
);

directoryTest("an address is taken once, whoever has it in whatever way", async (directory) => {
  const [ann, bob] = await add(directory, "ann", "bob");
  await directory.addresses.add(ann.id, "sales@example.org");
  await directory.addresses.add(ann.id, "@example.org");
  for (const address of ["SALES@example.org", "ann", "bob", "@Example.org"]) {
    await refused(directory.addresses.add(bob.id, address), "alreadyexists", /is the account (ann|bob)'s/);
  }
  await refused(
    add(directory, "carol", "Sales@example.org"),
    "alreadyexists",
    /Sales@example.org is the account ann's/,
  );
  assert.equal(await directory.find("carol"), undefined);
  await refused(directory.addresses.rename(bob.id, "ANN", { keep: false }), "alreadyexists");
});

directoryTest("what cannot be an address is none: the fault says why", async (directory) => {
  const [ann] = await add(directory, "ann");
  for (const address of ["", "a b", "a\0b", "@", "@a b", "@a/b", "@a@b", "x".repeat(321), "anyone", "-x"]) {
    await refused(directory.addresses.add(ann.id, address), "cannot");
  }
  await refused(directory.addresses.add(NOBODY, "x"), "nonexistent");
  assert.deepEqual(await addressesOf(directory), ["ann"]);
});

directoryTest("an address that is given up is free; the account's own cannot be", async (directory) => {
  const [ann, bob] = await add(directory, "ann", "bob");
  await directory.addresses.add(ann.id, "sales");
  await refused(directory.addresses.remove(bob.id, "sales"), "nonexistent", /sales is no address of bob/);
  await refused(directory.addresses.remove(ann.id, "ANN"), "cannot", /own address/);
  await directory.addresses.remove(ann.id, "SALES");
  await refused(directory.addresses.remove(ann.id, "sales"), "nonexistent");
  await directory.addresses.add(bob.id, "sales");
  assert.equal((await directory.find("sales"))?.id, bob.id);
});

directoryTest("a renamed account keeps number, secrets and app passwords; the old name is free", async (directory) => {
  const [ann] = await add(directory, "ann@example.org");
  const password = { name: "phone", credentials: {}, scopes: ["imap"], networks: [], expires: null };
  await directory.addAppPassword(ann.id, password);
  await directory.addresses.rename(ann.id, "Anna@example.org", { keep: false });
  assert.deepEqual(await directory.find("anna@example.org"), { ...ann, address: "Anna@example.org" });
  assert.equal(await directory.find("ann@example.org"), undefined);
  assert.deepEqual(await directory.credentials(ann.id), { "cram-md5": "of ann@example.org" });
  assert.equal((await directory.appPasswords(ann.id)).length, 1);
  await add(directory, "ann@example.org");
});

directoryTest("a rename can keep the old name, take an alias, or change the case alone", async (directory) => {
  const [ann] = await add(directory, "ann");
  await directory.addresses.rename(ann.id, "anna", { keep: true });
  assert.deepEqual(await addressesOf(directory), ["ann", "anna"]);
  await directory.addresses.rename(ann.id, "Ann", { keep: false });
  assert.deepEqual(await addressesOf(directory), ["Ann"]);
  await directory.addresses.rename(ann.id, "ANN", { keep: false });
  assert.deepEqual(await addressesOf(directory), ["ANN"]);
  assert.deepEqual(await directory.find("ann"), { ...ann, address: "ANN" });
  await refused(directory.addresses.rename(NOBODY, "x", { keep: false }), "nonexistent");
});

directoryTest("what was shared with an address follows a rename, and stays when an alias goes", async (directory) => {
  const acl = openAcl(directory);
  const [ann, bob, carol] = await add(directory, "ann", "bob", "carol");
  const inbox = 1 as MailboxId;
  await directory.addresses.add(ann.id, "sales");
  await acl.change(bob.id, inbox, "Ann", "set", new Rights("lrs"));
  await acl.change(bob.id, inbox, "-ann", "set", new Rights("s"));
  await acl.change(bob.id, inbox, "sales", "set", new Rights("lri"));
  const rights = async () => (await acl.rights(ann.id, bob.id, inbox)).letters;
  const before = await rights();
  assert.equal(before, new Rights("lri").letters);
  await directory.addresses.rename(ann.id, "Anna", { keep: true });
  assert.equal(await rights(), before);
  await directory.addresses.remove(ann.id, "sales");
  assert.equal(await rights(), before);
  assert.deepEqual(
    (await acl.entries(bob.id, inbox)).map(({ identifier, rights }) => `${identifier} ${rights.letters}`),
    ["-Anna s", `Anna ${new Rights("lrsi").letters}`],
  );
  assert.deepEqual((await acl.granted(ann.id)).map(({ address }) => address), ["bob"]);
  // Who gets the address later has nothing of that.
  await directory.addresses.add(carol.id, "sales");
  assert.equal((await acl.rights(carol.id, bob.id, inbox)).letters, "");
});

directoryTest("a whole domain is nobody in access control lists", async (directory) => {
  const acl = openAcl(directory);
  const [ann, bob] = await add(directory, "ann", "bob");
  await directory.addresses.add(ann.id, "@example.org");
  await acl.change(bob.id, 1 as MailboxId, "@example.org", "set", new Rights("lr"));
  assert.equal((await acl.rights(ann.id, bob.id, 1 as MailboxId)).letters, "");
  await directory.addresses.remove(ann.id, "@example.org");
  assert.equal((await acl.rights(ann.id, bob.id, 1 as MailboxId)).letters, "");
});

directoryTest("aliases go with the account, and with what was shared with them", async (directory) => {
  const acl = openAcl(directory);
  const [ann, bob] = await add(directory, "ann", "bob");
  await directory.addresses.add(ann.id, "sales");
  await acl.change(bob.id, 1 as MailboxId, "sales", "set", new Rights("lr"));
  await directory.remove(ann.id);
  assert.deepEqual(await addressesOf(directory), ["bob"]);
  assert.deepEqual(await acl.entries(bob.id, 1 as MailboxId), []);
});

directoryTest("a removed account shares nothing until it is restored", async (directory) => {
  const acl = openAcl(directory);
  const [ann, bob] = await add(directory, "ann", "bob");
  const inbox = 1 as MailboxId;
  await acl.change(bob.id, inbox, "ann", "set", new Rights("lr"));
  await directory.setRemoved(bob.id, 1000);
  assert.equal((await acl.rights(ann.id, bob.id, inbox)).letters, "");
  assert.deepEqual(await acl.granted(ann.id), []);
  await directory.setRemoved(bob.id, null);
  assert.equal((await acl.rights(ann.id, bob.id, inbox)).letters, new Rights("lr").letters);
  assert.equal((await acl.granted(ann.id)).length, 1);
});
