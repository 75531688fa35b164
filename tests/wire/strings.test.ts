import assert from "node:assert/strict";
import { memorySource } from "../../store/mime/source.ts";
import type { Draft } from "../../store/mod.ts";
import { Decoder } from "../../server/imap/wire/decoder.ts";
import { bad, bytes, decoder, latin1, literal, text } from "./lines.ts";

const quoted = (line: string | Uint8Array) => {
  const d = decoder(line);
  const value = d.string();
  d.end();
  return text(value);
};

Deno.test(`\\" and \\\\ are unescaped in quoted strings (RFC 9051 §9 QUOTED-CHAR)`, () => {
  const table: [string, string][] = [
    [`""`, ""],
    [`"a"`, "a"],
    [`"a b"`, "a b"],
    [`"\\""`, `"`],
    [`"\\\\"`, "\\"],
    [`"\\\\\\""`, `\\"`],
    [`"pass\\\\word\\"x"`, `pass\\word"x`],
    [`"tab\tbell\x07"`, "tab\tbell\x07"],
    [`"{5}"`, "{5}"],
    [`"(){%*]"`, "(){%*]"],
  ];
  for (const [line, value] of table) assert.equal(quoted(line), value);
});

Deno.test("broken quoted strings are BAD (RFC 9051 §9)", () => {
  for (const line of [`"`, `"a`, `"\\"`, `"a\\`, `"\\a"`, `"\\ "`, `"a\rb"`, `"a\nb"`, `"a\0b"`, `a"`, ""]) {
    bad(() => quoted(line));
  }
});

Deno.test("quoted strings may hold UTF-8 in any mode, other bytes never (RFC 9051 §4.3)", () => {
  assert.equal(quoted(`"Grüße, 世界 🌍"`), "Grüße, 世界 🌍");
  assert.equal(quoted(`"\ufeffx"`), "\ufeffx");
  for (const raw of ["\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe4\xf6"]) {
    bad(() => quoted(latin1(`"${raw}"`)));
  }
});

Deno.test("astrings may hold ] but are otherwise atoms (RFC 9051 §9 ASTRING-CHAR)", () => {
  for (const value of ["a]b", "[x]", "a", "{".slice(1) + "}", "NIL"]) {
    assert.equal(text(decoder(value).astring()), value);
  }
  for (const line of ["", "(", ")", "%", "*", "\\x", "é", " "]) bad(() => decoder(line).astring());
});

Deno.test("nstring: NIL is null, a string NIL is not (RFC 9051 §4.5)", () => {
  assert.equal(decoder("NIL").nstring(), null);
  assert.equal(decoder("nil)").nstring(), null);
  assert.deepEqual(decoder('"NIL"').nstring(), bytes("NIL"));
  for (const line of ["NILS", "x", ""]) bad(() => decoder(line).nstring());
});

Deno.test("text is UTF-8 and keeps a byte order mark", () => {
  assert.equal(decoder('"ä"').astringText(), "ä");
  assert.equal(decoder('"ä"').stringText(), "ä");
  const mark = literal("\ufeffx");
  assert.equal(new Decoder(bytes("{4}"), [mark]).stringText(), "\ufeffx");
  const broken = literal(latin1("\xe9"));
  bad(() => new Decoder(bytes("{1}"), [broken]).stringText(), /UTF-8/);
  assert.deepEqual(new Decoder(bytes("{1}"), [broken]).string(), latin1("\xe9"));
});

Deno.test("literals are taken in order, with and without + (RFC 9051 §4.3, RFC 7888 §4)", () => {
  const d = new Decoder(bytes("LOGIN {5} {3+}"), [literal("alice"), literal("a\r\n")]);
  d.word();
  d.sp();
  assert.equal(d.astringText(), "alice");
  d.sp();
  assert.equal(d.astringText(), "a\r\n");
  d.end();
});

Deno.test("an empty literal is an empty string", () => {
  const d = new Decoder(bytes("{0}"), [literal("")]);
  assert.equal(d.astring().length, 0);
  d.end();
});

Deno.test("going back takes the same literals again", () => {
  const d = new Decoder(bytes("{1} {2}"), [literal("a"), literal("bb")]);
  const both = () => [d.astringText(), d.trySp(), d.astringText()];
  assert.deepEqual(both(), ["a", true, "bb"]);
  d.position = 0;
  assert.deepEqual(both(), ["a", true, "bb"]);
  d.position = 4;
  assert.equal(d.astringText(), "bb");
  d.end();
});

Deno.test("literal8 is for those who ask for it (RFC 3516 §4.4)", () => {
  const nul = literal(new Uint8Array([1, 0, 2]), true);
  const d = new Decoder(bytes("~{3}"), [nul]);
  assert.ok(d.literalIsNext());
  assert.equal(d.literal(), nul);
  d.end();
  assert.equal(new Decoder(bytes("~{3+}"), [nul]).literal(), nul);
  bad(() => new Decoder(bytes("~{3}"), [nul]).string());
  bad(() => new Decoder(bytes("~{3}"), [nul]).nstring());
  // A `~` that starts an atom is no literal.
  const atom = decoder("~peter");
  assert.equal(atom.literalIsNext(), false);
  bad(() => atom.literal());
  assert.equal(atom.position, 0);
  assert.equal(atom.astringText(), "~peter");
});

Deno.test("NUL in a plain literal argument is BAD (RFC 9051 §9 CHAR8)", () => {
  bad(() => new Decoder(bytes("{2}"), [literal("a\0")]).astring(), /NUL/);
});

Deno.test("message content is not an argument, but literal() gives it", () => {
  const draft: Draft = {
    size: 9,
    write: () => Promise.resolve(),
    source: () => memorySource(new Uint8Array(9)),
    discard: () => Promise.resolve(),
  };
  const content = { size: 9, binary: false, draft };
  bad(() => new Decoder(bytes("{9}"), [content]).astring());
  assert.equal(new Decoder(bytes("{9}"), [content]).literal().draft, draft);
});

Deno.test("markers that are none are BAD, not another's literal", () => {
  const three = [literal("abc")];
  const lines = [
    "{}",
    "{3",
    "{3-}",
    "{ 3}",
    "{3 }",
    "{-3}",
    "{x}",
    "{3++}",
    "{4}",
    "{9223372036854775808}",
    "{",
  ];
  for (const line of lines) bad(() => new Decoder(bytes(line), three).astring(), /./);
  // `{4}` within the line came without bytes; those of `{3}` are not its.
  bad(() => new Decoder(bytes("{4} {3}"), three).astring(), /last of its line/);
  bad(() => decoder("{3}").astring(), /last of its line/);
});

Deno.test("a literal that nothing took is BAD", () => {
  // A quoted string that never ends swallows the marker.
  const d = new Decoder(bytes('"x" {3}'), [literal("abc")]);
  d.string();
  bad(() => d.end());
  const quotedMarker = new Decoder(bytes('"{3}"'), [literal("abc")]);
  quotedMarker.string();
  bad(() => quotedMarker.end(), /literal/);
});

Deno.test("quotedOrLiteralIsNext", () => {
  for (const line of ['"', "{3}"]) assert.ok(decoder(line).quotedOrLiteralIsNext());
  for (const line of ["", "a", "~{3}", "("]) assert.ok(!decoder(line).quotedOrLiteralIsNext());
});
