import assert from "node:assert/strict";
import { Mirror } from "../../scripts/fuzz/mirror.ts";

const SELECTED = ["* 3 EXISTS", "* OK [UIDVALIDITY 7] ok", "a OK done"];

function see(...texts: readonly string[]): void {
  const mirror = new Mirror();
  for (const text of texts) mirror.see({ text, literals: [] }, false);
}

Deno.test("responses that fit together are accepted (RFC 9051 §7.5.1)", () => {
  see(...SELECTED, "* 2 FETCH (UID 5)", "* 1 EXPUNGE", "* 1 FETCH (UID 5)", "* 4 EXISTS", "b OK done");
  see(...SELECTED, "* 3 FETCH (UID 9)", "* VANISHED 5", "* 2 FETCH (UID 9)");
  see(...SELECTED, "* 1 EXISTS", "* OK [UIDVALIDITY 8] ok", "b OK done", "* 1 FETCH (UID 2)");
  see(...SELECTED, "* 3 FETCH (UID 9)", "* VANISHED 9", "* 2 EXISTS", "* VANISHED (EARLIER) 1:99", "b OK done");
});

Deno.test("message numbers beyond the last, other UIDs and lost messages are found out", () => {
  const bad = [
    ["* 4 FETCH (FLAGS ())"],
    ["* 4 EXPUNGE"],
    ["* 4 RECENT"],
    ["* 2 FETCH (UID 5)", "* 2 FETCH (UID 6)"],
    ["* 2 FETCH (UID 5)", "* 1 EXPUNGE", "* 2 EXPUNGE", "* 1 FETCH (UID 6)"],
    ["* 1 EXISTS", "b OK done"],
    ["* VANISHED 1:4"],
  ];
  for (const texts of bad) assert.throws(() => see(...SELECTED, ...texts), Error, texts.join());
  assert.throws(() => see("* 1 FETCH (UID 1)"), Error);
});
