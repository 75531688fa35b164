import assert from "node:assert/strict";
import { type Floors, Presence } from "../../store/sqlite/presence.ts";

function folderTest(name: string, test: (folder: string) => void): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir({ prefix: "roost-presence-" });
    try {
      test(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

const holders = (folder: string) => [...Deno.readDirSync(`${folder}/present`)].map(({ name }) => name);

/** What a purger hears of the others; "busy": it may not purge. */
function heard(purger: Presence): readonly Floors[] | undefined | "busy" {
  let found: readonly Floors[] | undefined | "busy" = "busy";
  purger.purging((others) => found = others());
  return found;
}

folderTest("who is not there, or not alone, is not alone", (folder) => {
  const [a, b] = [new Presence(folder), new Presence(folder)];
  let ran = 0;
  const work = () => void ran++;
  assert.equal(a.alone(work), false);
  a.enter();
  a.enter();
  assert.equal(a.alone(work), true);
  b.enter();
  assert.equal(a.alone(work), false);
  assert.equal(b.alone(work), false);
  a.leave();
  a.leave();
  assert.equal(b.alone(work), true);
  assert.equal(ran, 2);
  assert.throws(
    () =>
      b.alone(() => {
        throw new Error("fault");
      }),
    /fault/,
  );
  assert.equal(b.alone(work), true);
  b.leave();
  assert.deepEqual(holders(folder), []);
});

folderTest("a purger hears up to where the others' sessions have been told", (folder) => {
  const [a, b, c] = [new Presence(folder), new Presence(folder), new Presence(folder)];
  assert.equal(heard(a), "busy");
  a.enter();
  assert.deepEqual(heard(a), []);
  b.enter();
  c.enter();
  assert.deepEqual(heard(a), [{}, {}]);
  b.tell({ 7: 100, 12345: 999_999_999 });
  c.tell({ 7: 0 });
  b.tell({ 7: 101 });
  assert.deepEqual((heard(a) as Floors[]).sort((x, y) => x[7] - y[7]), [{ 7: 0 }, { 7: 101 }]);
  assert.equal((heard(b) as Floors[]).length, 2);
  c.leave();
  c.enter();
  assert.deepEqual((heard(a) as Floors[]).find((floors) => !(7 in floors)), {});
  for (const each of [a, b, c]) each.leave();
});

folderTest("nothing is purged while somebody reads everything, or is just telling", (folder) => {
  const [a, b] = [new Presence(folder), new Presence(folder)];
  a.enter();
  b.enter({ everything: true });
  assert.equal(heard(a), undefined);
  b.leave();
  b.enter();
  b.tell({ 1: 20 });
  const name = holders(folder).find((name) => Deno.readTextFileSync(`${folder}/present/${name}`) !== "{}\n{}\n");
  for (const half of ['{"1":10}\n{"1":20}\n', '{"1":10}\n{"1":10}\n0}\n', '{"1":10}\n', "{", ""]) {
    Deno.writeTextFileSync(`${folder}/present/${name}`, half);
    assert.equal(heard(a), undefined, half);
  }
  a.leave();
  b.leave();
});

folderTest("one purges at a time, and nobody comes meanwhile", (folder) => {
  const [a, b] = [new Presence(folder), new Presence(folder)];
  a.enter();
  b.enter();
  a.purging(() => {
    assert.equal(heard(b), "busy");
    assert.equal(b.alone(() => {}), false);
    using turn = Deno.openSync(`${folder}/lock-purge`, { write: true });
    assert.equal(turn.tryLockSync(false), false);
  });
  assert.deepEqual(heard(b), [{}]);
  a.leave();
  b.leave();
});

folderTest("what killed holders left keeps nothing and goes", (folder) => {
  const a = new Presence(folder);
  a.enter();
  Deno.writeTextFileSync(`${folder}/present/1-dead`, '{"1":0}\n{"1":0}\n');
  Deno.writeTextFileSync(`${folder}/present/2-dead`, "");
  assert.deepEqual(heard(a), []);
  assert.equal(holders(folder).length, 1);
  Deno.writeTextFileSync(`${folder}/present/3-dead`, "");
  assert.equal(a.alone(() => {}), true);
  a.leave();
  assert.deepEqual(holders(folder), []);
});

folderTest("in an account that is gone nobody purges, and that is no fault", (folder) => {
  const account = `${folder}/account`;
  Deno.mkdirSync(account);
  const presence = new Presence(account);
  presence.enter();
  Deno.removeSync(account, { recursive: true });
  assert.equal(presence.alone(() => assert.fail("ran")), false);
  assert.equal(presence.purging(() => assert.fail("ran")), false);
  assert.throws(() => new Presence(account).enter(), Deno.errors.NotFound);
});
