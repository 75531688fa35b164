import assert from "node:assert/strict";
import { containsUid } from "../../store/uidranges.ts";
import type { UidRanges } from "../../store/mod.ts";
import {
  formatRanges,
  intersectRanges,
  rangesOf,
  resolve,
  SequenceSet,
  STAR,
  unionRanges,
} from "../../server/imap/wire/sequence.ts";
import { bad } from "./lines.ts";
import { random } from "./random.ts";

const pairs = (ranges: readonly { first: number; last: number }[]) => ranges.map(({ first, last }) => [first, last]);
const ranges = (...of: [number, number][]) => of.map(([first, last]) => ({ first, last })) as unknown as UidRanges;

Deno.test("sequence sets are kept as sent (RFC 9051 §9 sequence-set)", () => {
  const table: [string, [number, number][]][] = [
    ["1", [[1, 1]]],
    ["*", [[STAR, STAR]]],
    ["1:*", [[1, STAR]]],
    ["*:1", [[STAR, 1]]],
    ["*:*", [[STAR, STAR]]],
    ["5:3", [[5, 3]]],
    ["2,4:7,9,12:*", [[2, 2], [4, 7], [9, 9], [12, STAR]]],
    ["1,1,1", [[1, 1], [1, 1], [1, 1]]],
    ["1:4294967295", [[1, 4294967295]]],
    ["007", [[7, 7]]],
  ];
  for (const [text, expected] of table) {
    const set = SequenceSet.parse(text);
    assert.deepEqual(pairs(set.ranges), expected);
    assert.equal(set.saved, false);
    assert.equal(set.dynamic, text.includes("*"));
  }
});

Deno.test("broken sequence sets are BAD", () => {
  const broken = [
    "",
    ",",
    "1,",
    ",1",
    "1,,2",
    "1:",
    ":1",
    "1:2:3",
    "0",
    "0:1",
    "1:0",
    "00",
    "4294967296",
    "1:4294967296",
  ];
  broken.push(
    "9".repeat(400),
    "-1",
    "1-2",
    "1.5",
    " 1",
    "1 ",
    "1, 2",
    "a",
    "**",
    "1*",
    "*1",
    "$1",
    "$,1",
    "1,$",
    "$$",
    "1:$",
    "１",
  );
  for (const text of broken) bad(() => SequenceSet.parse(text));
});

Deno.test("$ is the saved result (RFC 5182 §2.1)", () => {
  const set = SequenceSet.parse("$");
  assert.equal(set.saved, true);
  assert.equal(set.dynamic, false);
  assert.deepEqual(resolve(set, 10), []);
});

Deno.test("resolve: * is the last message, ends in either order, merged and ascending (RFC 9051 §9 seq-range)", () => {
  const table: [string, number, [number, number][]][] = [
    ["*", 7, [[7, 7]]],
    ["5:*", 3, [[3, 5]]],
    ["*:5", 3, [[3, 5]]],
    ["1:*", 0, [[0, 1]]],
    ["*", 0, [[0, 0]]],
    ["2:4,4:6", 9, [[2, 6]]],
    ["1,2,3", 9, [[1, 3]]],
    ["3,2,1", 9, [[1, 3]]],
    ["9,1:2,5", 9, [[1, 2], [5, 5], [9, 9]]],
    ["1:10,3:4", 9, [[1, 10]]],
    ["*,1", 9, [[1, 1], [9, 9]]],
    ["1:4294967295", 9, [[1, 4294967295]]],
    ["4294967295,4294967294", 9, [[4294967294, 4294967295]]],
  ];
  for (const [text, max, expected] of table) assert.deepEqual(pairs(resolve(SequenceSet.parse(text), max)), expected);
});

Deno.test("resolve leaves the set as it was", () => {
  const set = SequenceSet.parse("9,1,*");
  resolve(set, 4);
  assert.deepEqual(pairs(set.ranges), [[9, 9], [1, 1], [STAR, STAR]]);
});

Deno.test("resolve agrees with the set expanded", () => {
  const r = random(1);
  for (let round = 0; round < 400; round++) {
    const max = r.int(30);
    const end = () => (r.int(6) === 0 ? "*" : String(1 + r.int(30)));
    const text = Array.from({ length: 1 + r.int(8) }, () => (r.int(2) ? end() : `${end()}:${end()}`)).join(",");
    const expected = new Set<number>();
    for (const part of text.split(",")) {
      const [a, b = a] = part.split(":").map((s) => (s === "*" ? max : Number(s)));
      for (let n = Math.min(a, b); n <= Math.max(a, b); n++) expected.add(n);
    }
    const resolved = resolve(SequenceSet.parse(text), max);
    const got = resolved.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
    assert.deepEqual(got, [...expected].sort((a, b) => a - b), text);
    resolved.forEach(({ first }, i) => assert.ok(i === 0 || first > resolved[i - 1].last + 1, text));
  }
});

Deno.test("a set as long as a command line is read in one go", () => {
  const set = SequenceSet.parse(Array.from({ length: 30_000 }, (_, i) => 2 * (30_000 - i)).join(","));
  assert.equal(resolve(set, 1).length, 30_000);
});

Deno.test("formatRanges writes a uid-set (RFC 9051 §9)", () => {
  assert.equal(formatRanges(ranges([1, 5], [7, 7], [9, 4294967295])), "1:5,7,9:4294967295");
  assert.equal(formatRanges([]), "");
});

Deno.test("rangesOf finds runs, also in a part of a list", () => {
  assert.deepEqual(pairs(rangesOf([])), []);
  assert.deepEqual(pairs(rangesOf([1, 2, 3, 5, 7, 8])), [[1, 3], [5, 5], [7, 8]]);
  const uids = Uint32Array.of(1, 2, 3, 4, 9, 4294967294, 4294967295, 0, 0);
  assert.deepEqual(pairs(rangesOf(uids, 0, 7)), [[1, 4], [9, 9], [4294967294, 4294967295]]);
  assert.deepEqual(pairs(rangesOf(uids, 1, 3)), [[2, 3]]);
  assert.deepEqual(pairs(rangesOf(uids, 4, 4)), []);
});

Deno.test("sets of equal length stay paired by position (RFC 4315 §3 COPYUID)", () => {
  assert.equal(formatRanges(rangesOf([304, 319, 320])), "304,319:320");
  assert.equal(formatRanges(rangesOf([3956, 3957, 3958])), "3956:3958");
});

Deno.test("intersection, union and membership agree with sets", () => {
  const r = random(99);
  const some = (): [UidRanges, Set<number>] => {
    const uids = Array.from({ length: 40 }, (_, i) => i + 1).filter(() => r.int(3) > 0);
    const few = r.int(8) === 0 ? [] : uids;
    return [rangesOf(few), new Set(few)];
  };
  for (let round = 0; round < 300; round++) {
    const [a, inA] = some();
    const [b, inB] = some();
    const all = Array.from({ length: 42 }, (_, i) => i);
    const both = all.filter((n) => inA.has(n) && inB.has(n));
    const either = all.filter((n) => inA.has(n) || inB.has(n));
    assert.deepEqual(intersectRanges(a, b), rangesOf(both));
    assert.deepEqual(unionRanges(a, b), rangesOf(either));
    for (const n of all) assert.equal(containsUid(a, n), inA.has(n));
  }
});

Deno.test("range operations do not expand", () => {
  const all = ranges([1, 4294967295]);
  assert.deepEqual(intersectRanges(all, ranges([5, 6], [8, 4294967295])), ranges([5, 6], [8, 4294967295]));
  assert.deepEqual(unionRanges(ranges([5, 6]), all), all);
  assert.deepEqual(unionRanges(all, []), all);
  assert.deepEqual(unionRanges([], all), all);
  assert.ok(containsUid(all, 4294967295));
  assert.ok(!containsUid(all, 0));
  assert.ok(!containsUid([], 1));
});
