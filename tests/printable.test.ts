import assert from "node:assert/strict";
import { printable } from "../server/printable.ts";

Deno.test("what moves a cursor, ends a line or turns the writing is shown by its number", () => {
  assert.equal(
    printable("a\x1b[2Jb\r\nc\0\x7f\u009b\u2028\u202e"),
    "a\\u001b[2Jb\\u000d\\u000ac\\u0000\\u007f\\u009b\\u2028\\u202e",
  );
});

Deno.test("tabs and every other text stay", () => {
  for (const text of ["", "a\tb", "Grüße", "日本語", "\u{1f600}", "שלום"]) assert.equal(printable(text), text);
});
