import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Pace } from "../../server/imap/pace.ts";
import { compareCodePoints, numberRanks, textRanks } from "../../server/imap/search/ranks.ts";
import { Random } from "../model/random.ts";

/** Ranks found the plain way. */
function plainly<T>(values: readonly T[], compare: (a: T, b: T) => number): number[] {
  const different = values.toSorted(compare).filter((value, i, all) => i === 0 || compare(value, all[i - 1]) !== 0);
  return values.map((value) => different.findIndex((one) => compare(one, value) === 0));
}

const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

for (const seed of [1, 2, 3]) {
  Deno.test(`texts rank as their UTF-8 bytes compare (RFC 5051 §1), seed ${seed}`, async () => {
    const random = new Random(seed);
    const parts = [
      "",
      "A",
      "B",
      "~",
      "\x7f",
      "\x7e",
      "é",
      "\u{1f600}",
      "\u{10000}",
      "\ufffd",
      "\ue000",
      "ABCDEFGH",
      " ",
    ];
    const values = Array.from(
      { length: 400 },
      () => Array.from({ length: random.below(7) }, () => random.pick(parts)).join(""),
    );
    assert.deepEqual([...await textRanks(values, new Pace())], plainly(values, bytes));
    for (let i = 1; i < values.length; i++) {
      assert.equal(Math.sign(compareCodePoints(values[i], values[i - 1])), bytes(values[i], values[i - 1]));
    }
  });

  Deno.test(`numbers rank by value, seed ${seed}`, () => {
    const random = new Random(seed);
    const values = Array.from({ length: 300 }, () => random.below(100) - 50);
    assert.deepEqual([...numberRanks(Float64Array.from(values))], plainly(values, (a, b) => a - b));
  });
}

Deno.test("many texts that begin alike are in order too", async () => {
  const count = 40_000;
  const values = Array.from(
    { length: count },
    (_, i) => `the same beginning ${String(i * 7919 % count).padStart(6, "0")}`,
  );
  const ranks = await textRanks(values, new Pace());
  assert(values.every((_, i) => ranks[i] === i * 7919 % count));
});

Deno.test("nothing, and one thing", async () => {
  assert.deepEqual([...await textRanks([], new Pace())], []);
  assert.deepEqual([...await textRanks(["x"], new Pace())], [0]);
  assert.deepEqual([...numberRanks(new Float64Array())], []);
});
