import assert from "node:assert/strict";
import { copyBits, setBits } from "../../store/sqlite/search/bits.ts";
import { randomNumbers } from "./searchsupport.ts";

const bitsOf = (words: Uint32Array) =>
  Array.from({ length: words.length * 32 }, (_, i) => words[i >>> 5] >>> (i & 31) & 1);

Deno.test("runs of bits are set and copied, wherever they begin and end, and others stay as they are", () => {
  const random = randomNumbers(31);
  for (let round = 0; round < 2000; round++) {
    const [source, into] = [0, 1].map(() => Uint32Array.from({ length: 4 }, () => random(2 ** 32)));
    const count = random(129);
    const from = random(129 - count);
    const to = random(129 - count);
    const expected = bitsOf(into);
    expected.splice(to, count, ...bitsOf(source).slice(from, from + count));
    copyBits(source, from, into, to, count);
    assert.deepEqual(bitsOf(into), expected);
    expected.fill(1, from, from + count);
    setBits(into, from, count);
    assert.deepEqual(bitsOf(into), expected);
  }
});
