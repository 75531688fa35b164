import assert from "node:assert/strict";
import { BadError } from "../../server/imap/errors.ts";
import { type Item, parseFetch } from "../../server/imap/fetch/items.ts";
import { Decoder, type Literal } from "../../server/imap/wire/decoder.ts";

const encoder = new TextEncoder();

function parse(text: string, options: { uid?: boolean; qresync?: boolean; literals?: Literal[] } = {}) {
  const d = new Decoder(encoder.encode(text), options.literals ?? []);
  const parsed = parseFetch(d, { qresync: options.qresync ?? false, uidOnly: false }, options.uid ?? false);
  d.end();
  return parsed;
}

/** How each item is named in the answer. */
function names(items: readonly Item[]): string[] {
  return items.map((item) => item.kind === "plain" ? item.name : new TextDecoder().decode(item.label));
}

function refuses(text: string, options?: Parameters<typeof parse>[1]): void {
  assert.throws(() => parse(text, options), BadError, text);
}

Deno.test("FETCH macros stand for their items (RFC 9051 §6.4.5)", () => {
  assert.deepEqual(names(parse(" 1 FAST").items), ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]);
  assert.deepEqual(names(parse(" 1 all").items), ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"]);
  assert.deepEqual(names(parse(" 1 FULL").items), ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"]);
});

Deno.test("FETCH macros stand alone (RFC 9051 §6.4.5)", () => {
  refuses(" 1 (FAST)");
  refuses(" 1 (FLAGS ALL)");
});

Deno.test("FETCH takes one item without parentheses", () => {
  assert.deepEqual(names(parse(" 1:* flags").items), ["FLAGS"]);
});

Deno.test("FETCH takes every item there is", () => {
  const all =
    "(UID FLAGS MODSEQ INTERNALDATE SAVEDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE EMAILID THREADID PREVIEW " +
    "RFC822 RFC822.HEADER RFC822.TEXT)";
  assert.deepEqual(names(parse(` 1 ${all}`).items), all.slice(1, -1).split(" "));
});

Deno.test("UID FETCH answers with UID first, asked for or not (RFC 9051 §6.4.9)", () => {
  assert.deepEqual(names(parse(" 1 (FLAGS)", { uid: true }).items), ["UID", "FLAGS"]);
  assert.deepEqual(names(parse(" 1 (FLAGS UID)", { uid: true }).items), ["UID", "FLAGS"]);
});

Deno.test("FETCH sections are echoed in capitals, field names as written (RFC 9051 §6.4.5.1)", () => {
  const asked =
    "(body[] BODY.PEEK[header] BODY[1.2.mime] BODY[3.TEXT] BODY[2] BODY.PEEK[4.header.fields (From date)] " +
    "BODY[HEADER.FIELDS.NOT (x)])";
  assert.deepEqual(names(parse(` 1 ${asked}`).items), [
    "BODY[]",
    "BODY[HEADER]",
    "BODY[1.2.MIME]",
    "BODY[3.TEXT]",
    "BODY[2]",
    "BODY[4.HEADER.FIELDS (From date)]",
    "BODY[HEADER.FIELDS.NOT (x)]",
  ]);
});

Deno.test("FETCH field names may be strings; they are echoed as atoms where they can be", () => {
  const literals = [{ size: 4, binary: false, bytes: encoder.encode("Date") }];
  const { items } = parse(` 1 BODY[HEADER.FIELDS ("From" "a b" {4})]`, { literals });
  assert.deepEqual(names(items), [`BODY[HEADER.FIELDS (From "a b" Date)]`]);
});

Deno.test("FETCH partial: the answer names the offset alone (RFC 9051 §7.5.2)", () => {
  const { items } = parse(" 1 (BODY[]<0.2048> BINARY[1]<5.1>)");
  assert.deepEqual(names(items), ["BODY[]<0>", "BINARY[1]<5>"]);
  assert.deepEqual(items.map((item) => item.kind !== "plain" && item.slice), [
    { offset: 0, count: 2048 },
    { offset: 5, count: 1 },
  ]);
});

Deno.test("FETCH sets \\Seen by BODY[], RFC822, RFC822.TEXT and BINARY only (RFC 9051 §6.4.5)", () => {
  const asked = "(BODY[] BODY.PEEK[1] RFC822 RFC822.HEADER RFC822.TEXT BINARY[1] BINARY.PEEK[2] BINARY.SIZE[1])";
  const setting = parse(` 1 ${asked}`).items.filter((item) => item.kind !== "plain" && item.seen);
  assert.deepEqual(names(setting), ["BODY[]", "RFC822", "RFC822.TEXT", "BINARY[1]"]);
});

Deno.test("FETCH answers an item asked twice once; one way of asking sets \\Seen", () => {
  const { items } = parse(" 1 (UID BODY.PEEK[1] UID BODY[1])");
  assert.deepEqual(names(items), ["UID", "BODY[1]"]);
  assert(items[1].kind === "content" && items[1].seen);
});

Deno.test("FETCH wrong sections are BAD (RFC 9051 §9 section)", () => {
  for (
    const section of [
      "[MIME]",
      "[0]",
      "[01]",
      "[1.]",
      "[1..2]",
      "[.1]",
      "[HEADER.FIELDS]",
      "[HEADER.FIELDS ()]",
      "[HEADER.TEXT]",
      "[TEXT.1]",
      "[99999999999]",
      "[NONSENSE]",
      "[]<0>",
      "[]<0.0>",
      "[]<1.2",
      "[",
    ]
  ) {
    refuses(` 1 BODY${section}`);
  }
  refuses(" 1 BINARY[HEADER]");
  refuses(" 1 BINARY.SIZE[1]<0.1>");
  refuses(" 1 BODY.PEEK");
  refuses(" 1 BINARY");
});

Deno.test("FETCH wrong grammar is BAD", () => {
  for (
    const text of [
      "",
      " ",
      " 1",
      " 1 ",
      " 1 ()",
      " 1 NOTHING",
      " 0 FLAGS",
      " a FLAGS",
      " 1 FLAGS UID",
      " 1 (FLAGS",
      " 1 FLAGS ()",
    ]
  ) {
    refuses(text);
  }
});

Deno.test("FETCH CHANGEDSINCE adds MODSEQ (RFC 7162 §3.1.4.1)", () => {
  const { items, changedSince } = parse(" 1:* (FLAGS) (CHANGEDSINCE 12345)");
  assert.deepEqual(names(items), ["FLAGS", "MODSEQ"]);
  assert.equal(changedSince, 12345);
});

Deno.test("FETCH VANISHED only with UID, QRESYNC and CHANGEDSINCE (RFC 7162 §3.2.6)", () => {
  const modifiers = "1 FLAGS (CHANGEDSINCE 1 VANISHED)";
  assert.equal(parse(` ${modifiers}`, { uid: true, qresync: true }).vanished, true);
  refuses(` ${modifiers}`, { uid: false, qresync: true });
  refuses(` ${modifiers}`, { uid: true, qresync: false });
  refuses(" 1 FLAGS (VANISHED)", { uid: true, qresync: true });
});

Deno.test("FETCH PREVIEW takes LAZY, and modifiers of FETCH after it (RFC 8970 §6)", () => {
  assert.deepEqual(names(parse(" 1 (PREVIEW (LAZY) UID)").items), ["PREVIEW", "UID"]);
  assert.deepEqual(names(parse(" 1 PREVIEW (LAZY)").items), ["PREVIEW"]);
  assert.deepEqual(names(parse(" 1 PREVIEW (CHANGEDSINCE 5)").items), ["PREVIEW", "MODSEQ"]);
  assert.deepEqual(names(parse(" 1 PREVIEW (LAZY) (CHANGEDSINCE 5)").items), ["PREVIEW", "MODSEQ"]);
  refuses(" 1 (PREVIEW (EAGER))");
});

Deno.test("FETCH modifiers that are unknown, double or empty are BAD (RFC 4466 §2.4)", () => {
  refuses(" 1 FLAGS (NONSENSE)");
  refuses(" 1 FLAGS (CHANGEDSINCE 1 CHANGEDSINCE 2)");
  refuses(" 1 FLAGS (CHANGEDSINCE)");
});
