import assert from "node:assert/strict";
import { highestMatch, pairUids } from "../../server/imap/wire/seqmatch.ts";
import { formatRanges, rangesOf, SequenceSet } from "../../server/imap/wire/sequence.ts";
import { bad } from "./lines.ts";
import { random } from "./random.ts";

const paired = (sequences: string, uids: string) => pairUids(SequenceSet.parse(sequences), SequenceSet.parse(uids));

Deno.test("the n-th message number goes with the n-th UID (RFC 7162 §3.2.5.2)", () => {
  assert.deepEqual(paired("1", "10"), [{ sequence: 1, uid: 10, count: 1 }]);
  assert.deepEqual(paired("5000,7500,9000,9990:9991", "15000,22500,27000,29970,29973"), [
    { sequence: 5000, uid: 15000, count: 1 },
    { sequence: 7500, uid: 22500, count: 1 },
    { sequence: 9000, uid: 27000, count: 1 },
    { sequence: 9990, uid: 29970, count: 1 },
    { sequence: 9991, uid: 29973, count: 1 },
  ]);
  assert.deepEqual(paired("1:3,7", "4,6:8"), [
    { sequence: 1, uid: 4, count: 1 },
    { sequence: 2, uid: 6, count: 2 },
    { sequence: 7, uid: 8, count: 1 },
  ]);
  assert.deepEqual(paired("1:4294967295", "1:4294967295"), [{ sequence: 1, uid: 1, count: 4294967295 }]);
});

Deno.test("sets that cannot be paired are BAD (RFC 7162 §7)", () => {
  const table: [string, string][] = [
    ["1", "1:2"],
    ["1:2", "1"],
    ["1,2", "5"],
    ["1:*", "1:5"],
    ["1", "*"],
    ["$", "1"],
    ["2,1", "1,2"],
    ["1,2", "2,1"],
    ["1,1", "1,2"],
    ["2:1", "1:2"],
    ["1:4294967295", "1:4294967294"],
  ];
  for (const [sequences, uids] of table) bad(() => paired(sequences, uids));
});

Deno.test("the highest true pair tells how much the client knows (RFC 7162 §3.2.5.2)", () => {
  // The RFC's case: the fourth message has UID 8, the twelfth 25 instead of 24.
  const now = [1, 2, 5, 8, 10, 11, 12, 13, 20, 21, 22, 25];
  const uidAt = (sequence: number) => now[sequence - 1];
  assert.equal(highestMatch(paired("4,12", "8,24"), uidAt), 8);
  assert.equal(highestMatch(paired("4,12", "8,25"), uidAt), 25);
  assert.equal(highestMatch(paired("4", "9"), uidAt), 0);
  assert.equal(highestMatch(paired("100", "200"), uidAt), 0);
  assert.equal(highestMatch([], uidAt), 0);
  assert.equal(highestMatch(paired("1:4294967295", "1:4294967295"), uidAt), 2);
});

Deno.test("whatever was removed, the match ends before the first removal", () => {
  const r = random(5);
  for (let round = 0; round < 300; round++) {
    const before = Array.from({ length: 60 }, (_, i) => i + 1).filter(() => r.int(3) > 0);
    const chance = r.pick([2, 20, 1000]);
    const now = before.filter(() => r.int(chance) > 0);
    const sample = before.map((_, i) => i + 1).filter(() => r.int(2) > 0);
    if (sample.length === 0) continue;
    const pairs = paired(formatRanges(rangesOf(sample)), formatRanges(rangesOf(sample.map((s) => before[s - 1]))));
    const expected = sample.filter((s) => now[s - 1] === before[s - 1]).map((s) => before[s - 1]).at(-1) ?? 0;
    assert.equal(highestMatch(pairs, (s) => now[s - 1]), expected);
  }
});
