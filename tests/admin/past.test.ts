import assert from "node:assert/strict";
import { parsePast } from "../../server/admin/past.ts";

const NOW = 1_769_860_800; // 2026-01-31T12:00:00Z

Deno.test("a time that is past: so long ago, a day, a moment", () => {
  assert.equal(parsePast("90m", NOW), NOW - 5400);
  assert.equal(parsePast("12h", NOW), NOW - 43_200);
  assert.equal(parsePast("1d", NOW), NOW - 86_400);
  assert.equal(parsePast("2w", NOW), NOW - 14 * 86_400);
  assert.equal(parsePast("2026-01-31", NOW), NOW - 43_200);
  assert.equal(parsePast("2026-01-31T12:00:00Z", NOW), NOW);
  assert.equal(parsePast("2026-01-31T13:00:00+01:00", NOW), NOW);
});

Deno.test("what is no time is refused", () => {
  for (const text of ["", "1", "d", "1y", "-1d", "yesterday", "2026-13-01", "2026-01-31T12:00:00", "31.1.2026"]) {
    assert.throws(() => parsePast(text, NOW), RangeError, text);
  }
});
