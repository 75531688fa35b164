import assert from "node:assert/strict";
import { SpareTime } from "../../store/sqlite/sparetime.ts";

Deno.test("a piece of work has its turn at once where there was none before", () => {
  assert.equal(new SpareTime().wait, 0);
});

Deno.test("pauses are longer where others have much to do", () => {
  const quiet = new SpareTime();
  quiet.used();
  quiet.spent(20);
  const busy = new SpareTime();
  for (let operation = 0; operation < 10; operation++) busy.used();
  busy.spent(20);
  assert.ok(quiet.wait > 10 && quiet.wait <= 20);
  assert.ok(busy.wait > 250 && busy.wait <= 300);
});

Deno.test("what was done before a piece does not count after it", () => {
  const spare = new SpareTime();
  for (let operation = 0; operation < 10; operation++) spare.used();
  spare.spent(1);
  spare.used();
  spare.spent(1);
  assert.ok(spare.wait <= 5);
});
