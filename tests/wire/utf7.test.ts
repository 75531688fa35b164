import assert from "node:assert/strict";
import { decodeUtf7, encodeUtf7, Utf7Error } from "../../server/imap/wire/utf7.ts";
import { latin1 } from "./lines.ts";
import { random } from "./random.ts";

const TABLE: [string, string][] = [
  ["", ""],
  ["INBOX", "INBOX"],
  ["a b!~", "a b!~"],
  ["&", "&-"],
  ["&&", "&-&-"],
  ["-", "-"],
  ["a-b", "a-b"],
  ["☺!", "&Jjo-!"],
  ["~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"],
  ["台北日本語", "&U,BTF2XlZyyKng-"],
  ["ü", "&APw-"],
  ["ü&ü", "&APw-&-&APw-"],
  ["ü-", "&APw--"],
  ["Отправленные", "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"],
  ["\u{1f600}", "&2D3eAA-"],
  ["a\tb", "a&AAk-b"],
  ["\x7f", "&AH8-"],
  ["\ufeff", "&,v8-"],
];

Deno.test("modified UTF-7 both ways (RFC 3501 §5.1.3)", () => {
  for (const [text, encoded] of TABLE) {
    assert.equal(encodeUtf7(text), encoded);
    assert.equal(decodeUtf7(encoded), text);
    assert.equal(decodeUtf7(latin1(encoded)), text);
  }
});

Deno.test("only the one right form is decoded (RFC 3501 §5.1.3)", () => {
  const wrong: [string, RegExp][] = [
    ["&", /without/],
    ["R&D", /without/],
    ["&Jjo!", /without/],
    ["&Jjo!-", /base64/],
    ["&Jjo", /without/],
    ["&U,BTFw-&ZeVnLIqe-", /two shifts/],
    ["&AGE-", /printable/],
    ["&AGEA,A-", /printable/],
    ["&ACY-", /printable/],
    ["&APx-", /left-over/],
    ["&A-", /left-over/],
    ["&AP-", /left-over/],
    ["&APwA-", /left-over/],
    ["&APwAA-", /left-over/],
    ["&AP/8-", /base64/],
    ["&AP==-", /base64/],
    ["& -", /base64/],
    ["&\xff-", /printable ASCII|base64/],
    ["&2D0-", /surrogate/],
    ["&3gA-", /surrogate/],
    ["&3gDYPQ-", /surrogate/],
    ["ü", /printable/],
    ["a\tb", /printable/],
    ["\x7f", /printable/],
    ["\0", /printable/],
  ];
  for (const [name, message] of wrong) {
    assert.throws(() => decodeUtf7(name), (e: unknown) => e instanceof Utf7Error && message.test(e.message), name);
  }
});

Deno.test("every text comes back, and its form is printable ASCII", () => {
  const r = random(3);
  const alphabet = [
    "a",
    "&",
    "-",
    "/",
    " ",
    ",",
    "+",
    "ü",
    "日",
    "\u{1f600}",
    "\u{10ffff}",
    "\0",
    "\x7f",
    "\uffff",
    "\ud7ff",
  ];
  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: r.int(12) }, () => r.pick(alphabet)).join("");
    const encoded = encodeUtf7(text);
    assert.match(encoded, /^[\x20-\x7e]*$/);
    assert.equal(decodeUtf7(encoded), text);
  }
});

Deno.test("what is decoded at all is encoded to the same again", () => {
  const r = random(4);
  const alphabet = "&&&&---AAAPw2D3eJjo,+a /ü";
  let decoded = 0;
  for (let round = 0; round < 20_000; round++) {
    const name = Array.from({ length: r.int(9) }, () => r.pick(alphabet)).join("");
    let text: string;
    try {
      text = decodeUtf7(name);
    } catch (error) {
      assert.ok(error instanceof Utf7Error);
      continue;
    }
    decoded++;
    assert.equal(encodeUtf7(text), name);
  }
  assert.ok(decoded > 100);
});
