import assert from "node:assert/strict";
import { look, mail, outline, textOf } from "./mail.ts";
import type { Value } from "./wire.ts";

/** BODYSTRUCTURE of a message with these header lines and the body "x". */
function structure(...header: string[]): Value[] {
  return look(mail(...header, "", "x")).bodyStructure;
}

Deno.test("a simple text, byte for byte (RFC 9051 §7.5.2)", () => {
  const { parsed } = look(mail("Content-Type: TEXT/PLAIN; CHARSET=US-ASCII", "", "Hello", "world", ""));
  assert.equal(textOf(parsed.body), '("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 14 2)');
  assert.equal(
    textOf(parsed.bodyStructure),
    '("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 14 2 NIL NIL NIL NIL)',
  );
});

Deno.test("all fields of a part, with extension data (RFC 9051 §7.5.2)", () => {
  assert.deepEqual(
    structure(
      'Content-Type: image/png; name="a b.png"',
      "Content-ID: <1@x>",
      "Content-Description: a picture",
      "Content-Transfer-Encoding: base64",
      "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==",
      "Content-Disposition: attachment; filename=a.png; size=12",
      "Content-Language: en, de (German) , mi",
      "Content-Location: http://x/",
    ),
    [
      "image",
      "png",
      ["name", "a b.png"],
      "<1@x>",
      "a picture",
      "base64",
      1,
      "Q2hlY2sgSW50ZWdyaXR5IQ==",
      ["attachment", [
        "filename",
        "a.png",
        "size",
        "12",
      ]],
      ["en", "de", "mi"],
      "http://x/",
    ],
  );
});

Deno.test("a multipart and its extension data (RFC 9051 §7.5.2)", () => {
  const { parsed } = look(mail(
    "Content-Type: multipart/mixed; boundary=b",
    "Content-Disposition: inline",
    "Content-Language: en",
    "Content-Location: http://x/",
    "",
    "--b",
    "",
    "one",
    "--b",
    "Content-Type: text/html",
    "",
    "two",
    "--b--",
    "",
  ));
  assert.equal(
    textOf(parsed.bodyStructure),
    '(("text" "plain" ("charset" "us-ascii") NIL NIL "7BIT" 3 1 NIL NIL NIL NIL)' +
      '("text" "html" NIL NIL NIL "7BIT" 3 1 NIL NIL NIL NIL) "mixed" ("boundary" "b") ("inline" NIL) ("en") "http://x/")',
  );
  assert.equal(
    textOf(parsed.body),
    '(("text" "plain" ("charset" "us-ascii") NIL NIL "7BIT" 3 1)("text" "html" NIL NIL NIL "7BIT" 3 1) "mixed")',
  );
});

Deno.test("an enclosed message has envelope, structure and lines (RFC 9051 §7.5.2)", () => {
  const { bodyStructure } = look(mail("Content-Type: message/rfc822", "", "Subject: in", "", "a", "b", ""));
  const envelope = [null, "in", null, null, null, null, null, null, null, null];
  const inner = ["text", "plain", ["charset", "us-ascii"], null, null, "7BIT", 6, 2, null, null, null, null];
  assert.deepEqual(bodyStructure, [
    "message",
    "rfc822",
    null,
    null,
    null,
    "7BIT",
    21,
    envelope,
    inner,
    4,
    null,
    null,
    null,
    null,
  ]);
});

Deno.test("message/global encloses a message, other message types do not (RFC 9051 §9 media-message)", () => {
  assert.equal(
    outline(look(mail("Content-Type: message/global", "", "a: b", "", "x")).root),
    "message/global[text/plain]",
  );
  assert.equal(
    outline(look(mail("Content-Type: message/delivery-status", "", "a: b", "", "x")).root),
    "message/delivery-status",
  );
  assert.deepEqual(structure("Content-Type: message/external-body; access-type=x").slice(0, 3), [
    "message",
    "external-body",
    [
      "access-type",
      "x",
    ],
  ]);
});

Deno.test("an enclosed message under base64 stays closed, and is still valid (RFC 2046 §5.2.1)", () => {
  const { root, bodyStructure } = look(
    mail("Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "", "U3ViamVjdDo=", "", "x"),
  );
  assert.equal(outline(root), "message/rfc822[text/plain]");
  assert.deepEqual(bodyStructure[7], Array(10).fill(null));
  assert.equal(root.message!.bodyStart, root.bodyStart);
});

const TYPES: [string, string[], string, Value][] = [
  ["none", [], "text/plain", ["charset", "us-ascii"]],
  ["empty", ["Content-Type:"], "text/plain", ["charset", "us-ascii"]],
  ["no slash", ["Content-Type: text"], "text/plain", ["charset", "us-ascii"]],
  ["no subtype", ["Content-Type: image/"], "text/plain", ["charset", "us-ascii"]],
  ["garbage", ["Content-Type: <<<>>>"], "text/plain", ["charset", "us-ascii"]],
  ["only a parameter", ["Content-Type: charset=utf-8"], "text/plain", ["charset", "utf-8"]],
  ["blanks around the slash", ["Content-Type: Text / HTML ; a=b"], "text/html", ["a", "b"]],
  ["a comment", ["Content-Type: text/plain (hi; a=b); charset=us-ascii (Plain text)"], "text/plain", [
    "charset",
    "us-ascii",
  ]],
  ["no semicolon", ["Content-Type: text/html charset=utf-8"], "text/html", ["charset", "utf-8"]],
  ["no semicolon between parameters", ["Content-Type: text/html; a=b charset=utf-8"], "text/html", [
    "a",
    "b",
    "charset",
    "utf-8",
  ]],
  ["semicolons too many", ["Content-Type: text/html;; ;a=b;"], "text/html", ["a", "b"]],
  ["a quote not closed", ['Content-Type: text/html; a="b; c=d'], "text/html", ["a", "b; c=d"]],
  ["escapes in quotes", ['Content-Type: text/html; a="b\\"\\\\c"'], "text/html", ["a", 'b"\\c']],
  ["blanks in a bare value", ["Content-Type: image/png; name=my own file.png; x=y"], "image/png", [
    "name",
    "my own file.png",
    "x",
    "y",
  ]],
  ["blanks around =", ["Content-Type: text/html; a = b"], "text/html", ["a", "b"]],
  ["a parameter without value", ["Content-Type: text/html; a; b=c"], "text/html", ["b", "c"]],
  ["an encoded word as value", ["Content-Type: image/png; name==?utf-8?q?a=20b?="], "image/png", [
    "name",
    "=?utf-8?q?a=20b?=",
  ]],
  ["folded", ["Content-Type: text/html;", "\ta=b;", "  c=d"], "text/html", ["a", "b", "c", "d"]],
  ["twice", ["Content-Type: text/html; a=b", "Content-Type: image/png"], "text/html", ["a", "b"]],
  ["8-bit", ["Content-Type: text/html; a=\xe4"], "text/html", ["a", "\xe4"]],
  ["quoted", ['Content-Type: "text/html"; a=b'], "text/html", ["a", "b"]],
  ["a multipart that has lost its subtype", ["Content-Type: multipart; a=b"], "multipart/mixed", ["a", "b"]],
];
for (const [what, header, type, params] of TYPES) {
  Deno.test(`Content-Type: ${what} (RFC 2045 §5)`, () => {
    const { root, bodyStructure } = look(mail(...header, "", "x"));
    assert.equal(`${root.type}/${root.subtype}`, type);
    assert.deepEqual(bodyStructure[2], params);
  });
}

Deno.test("continued parameters are joined, extended ones keep their form (RFC 2231 §3, §4.1)", () => {
  const cases: [string, Value][] = [
    ['name*0="ab"; name*1=cd', ["name", "abcd"]],
    ['name*1=cd; x=y; name*0="ab"', ["name", "abcd", "x", "y"]],
    ["name*=utf-8'en'%e2%82%ac", ["name*", "utf-8'en'%e2%82%ac"]],
    ["name*0*=utf-8''a%20; name*1=\"b %\"; name*2*=%c3%a4", ["name*", "utf-8''a%20b%20%25%c3%a4"]],
    ["name*0=a; name*1*=%41", ["name*", "''a%41"]],
    ["NAME*0=a; name*1=b", ["NAME", "ab"]],
  ];
  for (const [params, expected] of cases) assert.deepEqual(structure(`Content-Type: a/b; ${params}`)[2], expected);
});

Deno.test("at most 128 parameters are told", () => {
  const params = Array.from({ length: 500 }, (_, i) => `p${i}=v`).join("; ");
  assert.equal((structure(`Content-Type: a/b; ${params}`)[2] as Value[]).length, 256);
});

Deno.test("Content-Disposition in all its shapes (RFC 2183)", () => {
  const cases: [string, Value][] = [
    ["attachment", ["attachment", null]],
    ["inline; filename=x", ["inline", ["filename", "x"]]],
    ["", null],
    ["filename=x", ["attachment", ["filename", "x"]]],
    ["; filename=x", ["attachment", ["filename", "x"]]],
    ["attachment filename=x", ["attachment", ["filename", "x"]]],
  ];
  for (const [value, expected] of cases) {
    assert.deepEqual(structure("Content-Type: a/b", `Content-Disposition: ${value}`)[8], expected);
  }
});

Deno.test("Content-Transfer-Encoding in all its shapes (RFC 2045 §6.1)", () => {
  const cases = [["Base64", "Base64"], ["7bit (really)", "7bit"], ["8bit;", "8bit"], ['"base64"', "base64"], [
    "",
    "7BIT",
  ], [
    "x y",
    "x",
  ]];
  for (const [value, expected] of cases) assert.equal(structure(`Content-Transfer-Encoding: ${value}`)[5], expected);
});

Deno.test("lines count what a reader sees: a last line without its end is one", () => {
  const lines = (body: string) => look(`\r\n${body}`).root.lines;
  assert.deepEqual(["", "a", "a\r\n", "a\r\nb", "\r\n", "\r\n\r\n", "a\n\nb\n"].map(lines), [0, 1, 1, 2, 1, 2, 3]);
  const inPart = (body: string) =>
    look(`Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n${body}\r\n--b--`).root.parts[0].lines;
  assert.deepEqual(["", "a", "a\r\n", "a\r\nb", "\r\n"].map(inPart), [0, 1, 1, 2, 1]);
});
