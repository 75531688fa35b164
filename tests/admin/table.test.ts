import assert from "node:assert/strict";
import { evenText, tabbedText, timeOrNull, timeText } from "../../server/admin/table.ts";

interface Row {
  readonly a: string;
  readonly b: string;
}
const columns = [
  { title: "FIRST", value: ({ a }: Row) => a },
  { title: "B", value: ({ b }: Row) => b },
];

Deno.test("lines for programs: tabs between values, none at the end", () => {
  assert.equal(tabbedText([{ a: "1", b: "2" }, { a: "3", b: "" }], columns), "1\t2\n3\n");
  assert.equal(tabbedText([], columns), "");
});

Deno.test("a table for people has headings and even columns", () => {
  assert.equal(
    evenText([{ a: "a long value", b: "x" }, { a: "", b: "yy" }], columns),
    "FIRST         B\na long value  x\n              yy\n",
  );
  assert.equal(evenText([], columns), "");
});

Deno.test("no value can begin a line or a field, or move a terminal's cursor", () => {
  for (const text of ["a\nb", "a\tb", "a\x1b[2Jb", "a\x9b2Jb", "a\r\u2028b", "\u202eb"]) {
    const line = tabbedText([{ a: text, b: "end" }], columns);
    // deno-lint-ignore no-control-regex
    assert.match(line, /^[^\0-\x1f\x7f-\x9f\u2028-\u202e]+\tend\n$/);
    // deno-lint-ignore no-control-regex
    assert.match(evenText([{ a: text, b: "end" }], columns), /^FIRST +B\n[^\0-\x1f\x7f-\x9f\u2028-\u202e]+ {2}end\n$/);
  }
});

Deno.test("times are told to the second, in UTC", () => {
  assert.equal(timeText(1_769_860_800), "2026-01-31T12:00:00Z");
  assert.deepEqual([timeText(null), timeOrNull(null), timeOrNull(0)], ["", null, "1970-01-01T00:00:00Z"]);
});
