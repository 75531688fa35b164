import assert from "node:assert/strict";
import { BadError } from "../../server/imap/errors.ts";
import { charset, defaultCharset } from "../../server/imap/search/charset.ts";
import { type Key, parseKeys } from "../../server/imap/search/keys.ts";
import { Decoder, type Literal } from "../../server/imap/wire/decoder.ts";
import { Flag } from "../../store/mod.ts";

const encoder = new TextEncoder();

function parse(text: string, literals: Literal[] = []): Key {
  const d = new Decoder(encoder.encode(text), literals);
  const key = parseKeys(d, defaultCharset);
  d.end();
  return key;
}

function text(key: Key): string {
  assert("text" in key);
  return new TextDecoder().decode(key.text);
}

Deno.test("SEARCH flags and their opposites (RFC 9051 §6.4.4)", () => {
  for (const name of ["Answered", "Deleted", "Draft", "Flagged", "Seen"] as const) {
    const flag: Key = { is: "flag", bit: Flag[name] };
    assert.deepEqual(parse(name), flag);
    assert.deepEqual(parse(`UN${name}`), { is: "not", key: flag });
  }
});

Deno.test("SEARCH NEW, OLD, RECENT (RFC 3501 §6.4.4)", () => {
  const recent: Key = { is: "recent" };
  assert.deepEqual(parse("recent"), recent);
  assert.deepEqual(parse("OLD"), { is: "not", key: recent });
  assert.deepEqual(parse("NEW"), { is: "and", keys: [recent, { is: "not", key: { is: "flag", bit: Flag.Seen } }] });
});

Deno.test("SEARCH KEYWORD: flags with a bit of their own, others by lower-case name", () => {
  assert.deepEqual(parse("KEYWORD $forwarded"), { is: "flag", bit: Flag.Forwarded });
  assert.deepEqual(parse("UNKEYWORD Work"), { is: "not", key: { is: "keyword", name: "work" } });
});

Deno.test("SEARCH numbers, sets, $, UID", () => {
  const numbers = parse("2,4:*");
  assert(numbers.is === "numbers" && numbers.set.ranges.length === 2);
  const saved = parse("$");
  assert(saved.is === "numbers" && saved.set.saved);
  const uids = parse("UID 1:5");
  assert(uids.is === "uids");
  const savedUids = parse("UID $");
  assert(savedUids.is === "uids" && savedUids.set.saved);
});

Deno.test("SEARCH dates (RFC 9051 §6.4.4, RFC 8514 §4.3)", () => {
  assert.deepEqual(parse("SINCE 2-Jan-1970"), { is: "date", column: "internalDate", when: "since", day: 1 });
  assert.deepEqual(parse('SENTON "1-Jan-1970"'), { is: "date", column: "sentDay", when: "on", day: 0 });
  assert.deepEqual(parse("SAVEDBEFORE 1-Feb-1970"), { is: "date", column: "saveDate", when: "before", day: 31 });
  assert.deepEqual(parse("SAVEDATESUPPORTED"), { is: "all" });
  assert.throws(() => parse("SINCE 30-Feb-1994"), BadError);
});

Deno.test("SEARCH sizes are of 63 bits, ages of 32 and not 0 (RFC 9051 §9, RFC 5032 §3)", () => {
  assert.deepEqual(parse("LARGER 5000000000"), { is: "larger", than: 5000000000 });
  assert.deepEqual(parse("SMALLER 0"), { is: "smaller", than: 0 });
  assert.deepEqual(parse("YOUNGER 60"), { is: "younger", age: 60 });
  assert.throws(() => parse("OLDER 0"), BadError);
});

Deno.test("SEARCH MODSEQ with and without entry (RFC 7162 §3.1.5)", () => {
  assert.deepEqual(parse("MODSEQ 620162338"), { is: "modseq", from: 620162338 });
  assert.deepEqual(parse(String.raw`MODSEQ "/flags/\\draft" all 620162338`), { is: "modseq", from: 620162338 });
  assert.throws(() => parse(`MODSEQ "/flags/x" some 1`), BadError);
});

Deno.test("SEARCH strings are folded; quotes and backslashes are unescaped (RFC 9051 §4.3)", () => {
  assert.equal(text(parse("SUBJECT HELLO")), "hello");
  assert.equal(text(parse(String.raw`SUBJECT "a \"B\" \\"`)), String.raw`a "b" \ `.trim());
  assert.equal(text(parse('TEXT "Straße"')), text(parse('TEXT "STRASSE"')));
  assert.equal(text(parse("FROM {5}", [{ size: 5, binary: false, bytes: encoder.encode("Smith") }])), "smith");
});

Deno.test("SEARCH with an empty string matches all, but for HEADER", () => {
  assert.deepEqual(parse('SUBJECT ""'), { is: "all" });
  assert.deepEqual(parse('BODY ""'), { is: "all" });
  const header = parse('HEADER X-Spam ""');
  assert(header.is === "header" && header.name === "x-spam" && header.text.length === 0);
});

Deno.test("SEARCH keys nest: lists, OR, NOT", () => {
  assert.deepEqual(parse("OR SEEN (DELETED NOT ALL)"), {
    is: "or",
    keys: [
      { is: "flag", bit: Flag.Seen },
      { is: "and", keys: [{ is: "flag", bit: Flag.Deleted }, { is: "not", key: { is: "all" } }] },
    ],
  });
});

Deno.test("SEARCH nests 50 deep, not deeper", () => {
  parse(`${"(".repeat(50)}ALL${")".repeat(50)}`);
  parse(`${"NOT ".repeat(50)}ALL`);
  assert.throws(() => parse(`${"(".repeat(51)}ALL${")".repeat(51)}`), BadError);
  assert.throws(() => parse(`${"NOT ".repeat(51)}ALL`), BadError);
  assert.throws(() => parse("OR ".repeat(20_000)), BadError);
});

Deno.test("SEARCH wrong grammar is BAD", () => {
  for (
    const keys of [
      "",
      "()",
      "(ALL",
      "NOT",
      "OR ALL",
      "NONSENSE",
      "NONSENSE x",
      "KEYWORD \\Seen",
      "LARGER x",
      "SINCE",
      "SUBJECT",
      "HEADER x",
      "0",
      "1:",
      "UID",
      "CONSTRUCTOR",
      "constructor x",
      "ALL  SEEN",
      "ALL ",
    ]
  ) {
    assert.throws(() => parse(keys), BadError, keys);
  }
});

Deno.test("CHARSET: what can be decoded, also beyond WHATWG's (RFC 9051 §6.4.4)", () => {
  assert.equal(charset("ISO-8859-1")?.(Uint8Array.of(0xe9)), "é");
  assert.equal(charset("koi8-r")?.(Uint8Array.of(0xcd)), "м");
  assert.equal(charset("utf-7")?.(encoder.encode("+AOk-")), "é");
  assert.equal(charset("US-ASCII")?.(encoder.encode("abc")), "abc");
  assert.equal(charset("x-nonsense"), undefined);
  assert.equal(charset("base64"), undefined);
});

Deno.test("CHARSET: bytes that are nothing in it are BAD", () => {
  assert.throws(() => charset("utf-8")?.(Uint8Array.of(0xff)), BadError);
});
