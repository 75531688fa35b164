import assert from "node:assert/strict";
import { Pattern } from "../../store/pattern.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("a pattern is found where the platform finds it, for random texts of few letters", () => {
  let state = 1;
  const random = (n: number) => Math.floor((state = (state * 16807) % 2147483647) / 2147483647 * n);
  const text = (length: number) => Array.from({ length }, () => "ab"[random(2)]).join("");
  for (let i = 0; i < 3000; i++) {
    const haystack = text(random(60));
    const needle = text(1 + random(8));
    const from = random(haystack.length + 2);
    assert.equal(
      new Pattern(bytes(needle)).indexIn(bytes(haystack), from),
      haystack.indexOf(needle, from) >= from ? haystack.indexOf(needle, from) : -1,
      `${needle} in ${haystack} from ${from}`,
    );
  }
});

Deno.test("a pattern against a text that is made to be slow: linear, and still right", () => {
  const text = bytes(`${"a".repeat(1_000_000)}b${"a".repeat(60_000)}c`);
  assert(!new Pattern(bytes(`b${"a".repeat(70_000)}`)).isIn(text));
  const pattern = new Pattern(bytes(`b${"a".repeat(60_000)}`));
  assert.equal(pattern.indexIn(text, 0), 1_000_000);
  assert.equal(pattern.indexIn(text, 1_000_001), -1);
});

Deno.test("patterns of one byte, as long as the text, and longer", () => {
  assert.equal(new Pattern(bytes("c")).indexIn(bytes("abc"), 0), 2);
  assert.equal(new Pattern(bytes("abc")).indexIn(bytes("abc"), 0), 0);
  assert(!new Pattern(bytes("abcd")).isIn(bytes("abc")));
  assert(!new Pattern(bytes("a")).isIn(bytes("")));
});
