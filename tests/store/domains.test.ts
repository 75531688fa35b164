import assert from "node:assert/strict";
import type { Directory } from "../../store/store.ts";
import { add, directoryTest, refused } from "./directorysupport.ts";

const states = async ({ domains }: Directory) =>
  (await domains.list()).map(({ name, disabled, addresses }) => [name, disabled, addresses]);

directoryTest("without domains addresses may be of any; with one only of those that are listed", async (directory) => {
  const [ann] = await add(directory, "ann@anywhere.example");
  await directory.domains.add("Example.org");
  await refused(add(directory, "bob@example.net"), "nonexistent", /example\.net is not one of this server's/);
  await refused(directory.addresses.add(ann.id, "@example.net"), "nonexistent");
  await refused(directory.addresses.rename(ann.id, "ann@example.net", { keep: true }), "nonexistent");
  assert.deepEqual(await directory.find("ann@anywhere.example"), ann);
  await directory.addresses.rename(ann.id, "ann@EXAMPLE.org", { keep: false });
  await add(directory, "carol");
  assert.deepEqual(await states(directory), [["example.org", false, 1]]);
});

directoryTest("a domain is one in Unicode and in ASCII (RFC 5890 §2.3.2.1)", async (directory) => {
  await directory.domains.add("B\u00fccher.example");
  await refused(directory.domains.add("xn--bcher-kva.example"), "alreadyexists");
  const [ann] = await add(directory, "ann@xn--bcher-kva.example", "bob@bu\u0308cher.example");
  assert.deepEqual(await states(directory), [["b\u00fccher.example", false, 2]]);
  await directory.domains.setDisabled("XN--BCHER-KVA.example", true);
  assert.equal((await directory.get(ann.id))?.domainDisabled, true);
});

directoryTest(
  "accounts of a disabled domain are disabled, their own text first; others of another are not",
  async (directory) => {
    const [ann, bob, carol] = await add(directory, "ann@example.org", "bob@example.org", "carol@example.net");
    await directory.domains.add("example.org");
    await directory.domains.setDisabled("example.org", true);
    await directory.setDisabled(bob.id, "Unpaid.");
    const texts = async () => (await directory.list()).map(({ disabled }) => disabled);
    assert.deepEqual(await texts(), ["the domain of this account is disabled", "Unpaid.", null]);
    // Its own address counts, not an alias.
    await directory.addresses.add(carol.id, "carol@example.org");
    assert.equal((await directory.find("carol@example.org"))?.disabled, null);
    await directory.domains.setDisabled("example.org", false);
    assert.deepEqual(await texts(), [null, "Unpaid.", null]);
    assert.equal((await directory.get(ann.id))?.domainDisabled, false);
  },
);

directoryTest("a domain that addresses are of cannot be removed", async (directory) => {
  await directory.domains.add("example.org");
  await directory.domains.add("example.net");
  const [ann] = await add(directory, "ann@example.org");
  await directory.addresses.add(ann.id, "@example.net");
  await refused(directory.domains.remove("example.net"), "cannot", /1 addresses/);
  await directory.addresses.remove(ann.id, "@example.net");
  await directory.domains.remove("EXAMPLE.net");
  await refused(directory.domains.remove("example.net"), "nonexistent");
  await refused(directory.domains.setDisabled("example.net", true), "nonexistent");
  assert.equal(await directory.domains.get("example.net"), undefined);
  assert.equal((await directory.domains.get("Example.ORG"))?.addresses, 1);
});

directoryTest("what is no domain is refused", async (directory) => {
  for (const name of ["", "a b", "a@b", "a/b", "@example.org", "x".repeat(300), "a\u200bb\0"]) {
    await refused(directory.domains.add(name), "cannot");
  }
});

directoryTest("a removed account is closed, keeps its addresses, and comes back as it was", async (directory) => {
  const [ann] = await add(directory, "ann@example.org");
  await directory.setRemoved(ann.id, 1000);
  assert.deepEqual(await directory.find("ann@example.org"), {
    ...ann,
    disabled: "this account is removed",
    removed: 1000,
  });
  await refused(add(directory, "ann@example.org"), "alreadyexists");
  await refused(directory.remove(ann.id, { removedBefore: 999 }), "nonexistent");
  await directory.setRemoved(ann.id, null);
  assert.deepEqual(await directory.get(ann.id), ann);
  // Restored in the last moment: a purge that had seen it removed does nothing.
  await refused(directory.remove(ann.id, { removedBefore: 1000 }), "nonexistent");
  await directory.setRemoved(ann.id, 1000);
  await directory.remove(ann.id, { removedBefore: 1000 });
  assert.equal(await directory.get(ann.id), undefined);
  await refused(directory.setRemoved(ann.id, 1000), "nonexistent");
});
