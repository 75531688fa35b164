import assert from "node:assert/strict";
import { shortText } from "../../store/shorttext.ts";

Deno.test("shortText leaves what is short and printable", () => {
  for (const text of ["", "alice@example.org", "j\u00f6rg \u{1f426}", 'a"b\\c'.padEnd(20, "x")]) {
    assert.equal(shortText(text, 20), text);
  }
});

Deno.test("shortText cuts between characters", () => {
  assert.equal(shortText("aaa\u00e9", 4), "aaa");
  assert.equal(shortText("a\u{1f426}b", 5), "a\u{1f426}");
  assert.equal(shortText("a\u{1f426}b", 4), "a");
  assert.equal(shortText("a\u{1f426}b", 2), "a");
});

Deno.test("shortText replaces what a terminal or a line would act on", () => {
  for (const bad of ["\n", "\r", "\0", "\x1b", "\x7f", "\x9b", "\u2028", "\u2029", "\u202e", "\u2066", "\ud83d"]) {
    assert.equal(shortText(`a${bad}b`, 10), "a\ufffdb");
  }
});

Deno.test("shortText of a very long text takes no time", () => {
  const text = "\n".repeat(10_000_000);
  const start = performance.now();
  assert.ok(new TextEncoder().encode(shortText(text, 320)).length <= 320);
  assert.ok(performance.now() - start < 500);
});
