import assert from "node:assert/strict";
import { Turns } from "../../auth/turns.ts";

Deno.test("so much work runs at once, the rest in the order it came", async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const all = ends.map(({ promise }, at) =>
    turns.take(async () => {
      begun.push(at);
      await promise;
    })
  );
  await Promise.resolve();
  assert.deepEqual(begun, [0, 1]);
  ends[1].resolve();
  await all[1];
  assert.deepEqual(begun, [0, 1, 2]);
  for (const { resolve } of ends) resolve();
  await Promise.all(all);
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
});

Deno.test("work that fails gives its turn on", async () => {
  const turns = new Turns(1);
  await assert.rejects(turns.take(() => Promise.reject(new Error("no"))));
  assert.equal(await turns.take(() => Promise.resolve(1)), 1);
});
