import assert from "node:assert/strict";
import { Bitmap } from "../../server/imap/search/bitmap.ts";

function of(size: number, positions: Iterable<number>): Bitmap {
  const bitmap = new Bitmap(size);
  for (const position of positions) bitmap.set(position);
  return bitmap;
}

Deno.test("bitmap: ranges of any alignment set and clear what they say", () => {
  for (const size of [1, 31, 32, 33, 64, 100]) {
    for (let from = 0; from <= size; from += 7) {
      for (let to = from; to <= size; to += 5) {
        const set = new Bitmap(size);
        set.setRange(from, to);
        assert.deepEqual([...set.positions()], Array.from({ length: to - from }, (_, i) => from + i));
        const cleared = Bitmap.full(size);
        cleared.clearRange(from, to);
        assert.equal(cleared.count(), size - (to - from));
        assert.equal(cleared.or(set).count(), size);
      }
    }
  }
});

Deno.test("bitmap: and, or, andNot", () => {
  const a = of(70, [0, 31, 32, 69]);
  const b = of(70, [31, 40, 69]);
  assert.deepEqual([...a.copy().and(b).positions()], [31, 69]);
  assert.deepEqual([...a.copy().or(b).positions()], [0, 31, 32, 40, 69]);
  assert.deepEqual([...a.copy().andNot(b).positions()], [0, 32]);
  assert.deepEqual([...a.positions()], [0, 31, 32, 69]);
});

Deno.test("bitmap: first, last, empty, has", () => {
  assert.equal(new Bitmap(40).first(), -1);
  assert.equal(new Bitmap(40).last(), -1);
  assert(new Bitmap(40).empty);
  assert(new Bitmap(0).empty);
  const a = of(100, [31, 63, 95]);
  assert.equal(a.first(), 31);
  assert.equal(a.last(), 95);
  assert(a.has(63));
  assert(!a.has(62));
  a.clear(31);
  assert.equal(a.first(), 63);
  assert(!a.empty);
});
