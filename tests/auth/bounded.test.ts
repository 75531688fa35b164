import assert from "node:assert/strict";
import { BoundedMap } from "../../auth/bounded.ts";

Deno.test("what was used least lately is forgotten, what is in use never", () => {
  const map = new BoundedMap<number>(10);
  for (let at = 0; at < 100; at++) {
    map.set("always", (map.get("always") ?? 0) + 1);
    map.set(`${at}`, at);
    assert(map.size <= 10);
  }
  assert.equal(map.get("always"), 100);
  assert.equal(map.get("99"), 99);
  assert.equal(map.get("0"), undefined);
});

Deno.test("a key is in one generation only", () => {
  const map = new BoundedMap<string>(4);
  for (const key of ["a", "b", "c", "a"]) map.set(key, key);
  assert.equal(map.size, 3);
});

Deno.test("a million keys take little time each", () => {
  const map = new BoundedMap<number>(50_000);
  for (let at = 0; at < 1_000_000; at++) {
    map.set(`2001:db8:${at.toString(16)}::/48`, at);
    map.set("2001:db8::/32", at);
  }
  assert(map.size <= 50_000);
  assert.equal(map.get("2001:db8::/32"), 999_999);
});
