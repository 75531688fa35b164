import assert from "node:assert/strict";
import { headerTest } from "../../server/imap/search/substring.ts";

const encoder = new TextEncoder();
const headers = encoder.encode("from: alice <alice@example.org>\nsubject: from bob: hello\nx-from: eve\nempty: \n");

function has(name: string, text: string, within = headers): boolean {
  return headerTest(name, encoder.encode(text))(within);
}

Deno.test("HEADER finds text within the named field only (RFC 9051 §6.4.4)", () => {
  assert(has("from", "alice"));
  assert(has("from", "example.org>"));
  assert(!has("from", "bob"));
  assert(!has("from", "eve"));
  assert(has("subject", "bob: h"));
  assert(has("x-from", "eve"));
  assert(!has("subject", "eve"));
});

Deno.test("HEADER does not find text in the field's name", () => {
  assert(!has("from", "from"));
  assert(has("subject", "from"));
  assert(!has("x-from", "x-"));
});

Deno.test("HEADER with empty text: the field exists (RFC 9051 §6.4.4)", () => {
  assert(has("from", ""));
  assert(has("empty", ""));
  assert(has("x-from", ""));
  assert(!has("rom", ""));
  assert(!has("date", ""));
  assert(!has("bob", ""));
});

Deno.test("HEADER finds a later field of the same name", () => {
  const received = encoder.encode("received: one\nto: two\nreceived: two\n");
  assert(has("received", "two", received));
  assert(!has("to", "one", received));
});

Deno.test("HEADER names that cannot be are found nowhere", () => {
  assert(!has("subject: from bob", "hello"));
  assert(!has("a\nfrom", ""));
});

Deno.test("HEADER with very many hits in the wrong field stays linear", () => {
  const long = encoder.encode(`to: ${"a".repeat(5_000_000)}\n${"cc: aaaa\n".repeat(100_000)}subject: b\n`);
  assert(!has("subject", "a", long));
});
