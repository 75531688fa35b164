import assert from "node:assert/strict";
import { asciiCasemap, unicodeCasemap } from "../../store/mime/collation.ts";
import { sentTime } from "../../store/mime/date.ts";
import { foldText } from "../../store/mime/fold.ts";
import { normalMessageId } from "../../store/mime/sortkeys.ts";
import { subjectOf } from "../../store/mime/threading.ts";
import { look, mail } from "./mail.ts";

const NOON = Date.UTC(2000, 11, 31, 12) / 1000;

const dates: [string, number | null][] = [
  ["31 Dec 2000 12:00:00 +0000", NOON],
  ["Sun, 31 Dec 2000 04:00:00 -0800", NOON],
  ["31 Dec 2000 16:01:33 -0800", Date.UTC(2001, 0, 1, 0, 1, 33) / 1000],
  ["31 Dec 2000 13:30 +01:30", NOON],
  ["31 Dec 2000 07:00:00 EST", NOON],
  ["31 Dec 2000 12:00:00 GMT (comment)", NOON],
  ["31 Dec 2000 12:00:00 (a) +0000", NOON],
  ["31 Dec 2000 12:00:00 Nowhere", NOON],
  ["31 Dec 2000 12:00:00 +9999", NOON],
  ["31 Dec 2000 12:00:00", NOON],
  ["31 Dec 2000 25:00:00 +0000", NOON - 12 * 3600],
  ["31 Dec 2000", NOON - 12 * 3600],
  ["2000-12-31T12:00:00Z", NOON],
  ["yesterday at 12:00", null],
  ["", null],
];

for (const [text, expected] of dates) {
  Deno.test(`sent time of "${text}" (RFC 5256 §2.2)`, () => assert.equal(sentTime(text), expected));
}

Deno.test("a reply is told by what was taken from its subject (RFC 5256 §3 THREAD)", () => {
  for (const subject of ["Re: a", "fwd: a", "[l] Re[2]: a", "a (fwd)", "[Fwd: a]", "a (fwd)  (FWD)"]) {
    assert.deepEqual(subjectOf(subject), { base: "a", isReply: true }, subject);
  }
  for (const subject of ["a", " a ", "[l] a"]) assert.deepEqual(subjectOf(subject), { base: "a", isReply: false });
});

Deno.test("i;unicode-casemap: simple title case, then full decomposition (RFC 5051 §2)", () => {
  assert.equal(unicodeCasemap("aBc_é"), "ABC_E\u0301");
  assert.equal(unicodeCasemap("\u01c4\u01c6"), "Dz\u030cDz\u030c");
  assert.equal(unicodeCasemap("ß"), "ß");
  assert.equal(unicodeCasemap("ﬁ"), "fi");
  assert.equal(unicodeCasemap("Ａ"), "A");
  assert.equal(unicodeCasemap("\ud800x"), "\ufffdX");
  assert.equal(asciiCasemap("aBcé"), "ABCé");
});

Deno.test("what is searched in is decomposed, so that compatible characters are found (RFC 5051 §2)", () => {
  assert.equal(foldText("ＡBﬁ…"), "abfi...");
  assert.equal(foldText("É"), "e\u0301");
  assert.equal(foldText("e\u0301"), foldText("é"));
});

Deno.test("sort keys of a message (RFC 5256 §3, RFC 5957 §3)", () => {
  const { parsed } = look(mail(
    "From: =?utf-8?q?B=C3=B6b?= <bob@example.org>, alice@example.org",
    "To: group: carol@example.org;",
    "Cc: dave@example.org (Dave)",
    "Subject: Re: =?utf-8?q?gr=C3=BC=C3=9Fe?=",
    'References: <"a.b"@x> <c@y>',
    "In-Reply-To: <d@z>",
    "Date: 31 Dec 2000 12:00:00 +0000",
    "",
    "x",
  ));
  assert.deepEqual(parsed.sortKeys, {
    subject: "GRU\u0308ßE",
    isReply: true,
    from: "BOB",
    to: "GROUP",
    cc: "DAVE",
    displayFrom: "BO\u0308B",
    displayTo: "GROUP",
    sentTime: NOON,
    references: ["a.b@x", "c@y"],
  });
});

Deno.test("without References the first of In-Reply-To counts; without anything all is empty (RFC 5256 §3 THREAD)", () => {
  const { parsed } = look(mail("In-Reply-To: you <a@b> and <c@d>", "", "x"));
  assert.deepEqual(parsed.sortKeys.references, ["a@b"]);
  const empty = look(mail("", "x")).parsed.sortKeys;
  assert.deepEqual(Object.values(empty), ["", "", "", "", "", "", false, null, []]);
});

Deno.test("of very many references the nearest are kept; quoting makes no difference", () => {
  const refs = Array.from({ length: 300 }, (_, n) => `<${n}@x>`).join("\r\n ");
  const { references } = look(mail(`References: ${refs}`, "", "x")).parsed.sortKeys;
  assert.equal(references.length, 100);
  assert.equal(references.at(-1), "299@x");
  assert.equal(normalMessageId('"a\\"b"@c'), 'a"b@c'.replaceAll('"', ""));
});
