import assert from "node:assert/strict";
import { look, mail, textOf } from "./mail.ts";
import type { Value } from "./wire.ts";

function addresses(value: string, field = "To"): Value {
  return look(`${field}: ${value}\r\n\r\n`).envelope[5];
}

Deno.test("ENVELOPE of a whole header, byte for byte (RFC 9051 §7.4.2 example)", () => {
  const { parsed } = look(mail(
    "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)",
    "From: Terry Gray <gray@cac.washington.edu>",
    "Subject: IMAP4rev2 WG mtg summary and minutes",
    "To: imap@cac.washington.edu",
    "Cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>",
    "Message-Id: <B27397-0100000@cac.washington.ed>",
    "",
    "",
  ));
  assert.equal(
    textOf(parsed.envelope),
    '("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" ' +
      '(("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ' +
      '(("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ' +
      '((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL ' +
      '"<B27397-0100000@cac.washington.ed>")',
  );
});

Deno.test("sender and reply-to default to from, also when empty (RFC 9051 §7.5.2)", () => {
  for (const extra of ["", "Sender:\r\nReply-To: \r\n"]) {
    const { envelope } = look(`From: a@b\r\n${extra}\r\n`);
    assert.deepEqual(envelope.slice(2, 5), Array(3).fill([[null, null, "a", "b"]]));
  }
  const { envelope } = look("From: a@b\r\nSender: s@t\r\nReply-To: r@s\r\n\r\n");
  assert.deepEqual(envelope.slice(2, 5), [[[null, null, "a", "b"]], [[null, null, "s", "t"]], [[
    null,
    null,
    "r",
    "s",
  ]]]);
});

Deno.test("absent text fields are NIL, empty ones empty (RFC 9051 §7.5.2)", () => {
  assert.deepEqual(look("\r\n").envelope, Array(10).fill(null));
  const { envelope } = look("Date:\r\nSubject: \r\nIn-Reply-To:\r\n \r\nMessage-ID:\r\nTo:\r\n\r\n");
  assert.deepEqual([envelope[0], envelope[1], envelope[8], envelope[9], envelope[5]], ["", "", "", "", null]);
});

Deno.test("values are unfolded but not decoded (RFC 9051 §7.5.2)", () => {
  const { envelope } = look(
    "Subject: =?utf-8?q?a?=\r\n =?utf-8?q?b?=\r\n\tc\r\nFrom: =?utf-8?q?J=C3=B6rg?= <j@x>\r\n\r\n",
  );
  assert.equal(envelope[1], "=?utf-8?q?a?= =?utf-8?q?b?=\tc");
  assert.deepEqual(envelope[2], [["=?utf-8?q?J=C3=B6rg?=", null, "j", "x"]]);
});

const ADDRESSES: [string, string, Value][] = [
  ["a bare address", "joe@x.org", [[null, null, "joe", "x.org"]]],
  ["a quoted name", '"Joe \\"J\\" Q." <joe@x.org>', [['Joe "J" Q.', null, "joe", "x.org"]]],
  ["an unquoted dot in a name", "Joe Q. Public <joe@x.org>", [["Joe Q. Public", null, "joe", "x.org"]]],
  ["several", "a@b,c@d , <e@f>", [[null, null, "a", "b"], [null, null, "c", "d"], [null, null, "e", "f"]]],
  ["a comma in a quoted name", '"Doe, Joe" <joe@x.org>', [["Doe, Joe", null, "joe", "x.org"]]],
  ["a comment as name", "joe@x.org (Joe (the) Doe)", [["Joe (the) Doe", null, "joe", "x.org"]]],
  ["a comment beside a name", "Joe (x) Doe <joe@x.org> (y)", [["Joe Doe", null, "joe", "x.org"]]],
  ["a quoted local part (RFC 5322 §3.4.1)", '"joe \\" doe"@x.org', [[null, null, 'joe " doe', "x.org"]]],
  ["a quoted local part in brackets", '<"joe doe"@x.org>', [[null, null, "joe doe", "x.org"]]],
  ["a domain literal", "joe@[192.0.2.1]", [[null, null, "joe", "[192.0.2.1]"]]],
  ["an IPv6 literal", "<joe@[IPv6:2001:db8::1]>", [[null, null, "joe", "[IPv6:2001:db8::1]"]]],
  ["a source route (RFC 5322 §4.4)", "Joe <@a.org,@b.org:joe@x.org>", [["Joe", "@a.org,@b.org", "joe", "x.org"]]],
  ["blanks and comments around dots and @", "joe . doe (c) @ x . org", [["c", null, "joe.doe", "x.org"]]],
  ["a group", "Team: Ed <e@x>, f@y;", [
    [null, null, "Team", null],
    ["Ed", null, "e", "x"],
    [null, null, "f", "y"],
    [null, null, null, null],
  ]],
  ["an empty group", "undisclosed-recipients:;", [[null, null, "undisclosed-recipients", null], [
    null,
    null,
    null,
    null,
  ]]],
  ["an address behind a group", "A:;, b@c", [[null, null, "A", null], [null, null, null, null], [
    null,
    null,
    "b",
    "c",
  ]]],
  ["a group without its end", "A: b@c", [[null, null, "A", null], [null, null, "b", "c"], [null, null, null, null]]],
  ["a colon in a group", "A: b: c@d;", [[null, null, "A", null], ["b:", null, "c", "d"], [null, null, null, null]]],
  ["semicolons as commas", "a@b; c@d;", [[null, null, "a", "b"], [null, null, "c", "d"]]],
  ["empty members", ",, a@b,,", [[null, null, "a", "b"]]],
  ["no domain", "root", [[null, null, "root", ""]]],
  ["no domain in brackets", "Joe <root>", [["Joe", null, "root", ""]]],
  ["a name alone", "Joe Doe", [["Joe Doe", null, "", ""]]],
  ["empty brackets", "Joe <>", [["Joe", null, "", ""]]],
  ["a name without brackets", "Joe Doe joe@x.org", [["Joe Doe", null, "joe", "x.org"]]],
  ["an address as name", "joe@x.org <joe@x.org>", [["joe@x.org", null, "joe", "x.org"]]],
  ["brackets not closed", "Joe <joe@x.org, b@c", [["Joe", null, "joe", "x.org"], [null, null, "b", "c"]]],
  ["brackets twice", "Joe <<joe@x.org>>", [["Joe", null, "joe", "x.org"]]],
  ["text behind the brackets", "<a@b> junk, c@d", [[null, null, "a", "b"], [null, null, "c", "d"]]],
  ["two @", "a@b@c", [[null, null, "a@b", "c"]]],
  ["a quote not closed", '"Joe <joe@x.org>', [[null, null, "Joe <joe@x.org>", ""]]],
  ["a comment not closed", "joe@x.org (Joe", [["Joe", null, "joe", "x.org"]]],
  ["nothing but punctuation", ",;,", null],
  ["8-bit data", "J\xc3\xb6rg <j@x>", [["J\xc3\xb6rg", null, "j", "x"]]],
  ["NUL", "J\x00rg <j@x>", [["J rg", null, "j", "x"]]],
];

for (const [what, value, expected] of ADDRESSES) {
  Deno.test(`ENVELOPE address: ${what}`, () => assert.deepEqual(addresses(value), expected));
}

Deno.test("several To fields are one list; of other fields the first counts", () => {
  const { envelope } = look("To: a@b\r\nSubject: 1\r\nTo:\r\nTo: c@d\r\nSubject: 2\r\n\r\n");
  assert.deepEqual(envelope[5], [[null, null, "a", "b"], [null, null, "c", "d"]]);
  assert.equal(envelope[1], "1");
});

Deno.test("8-bit, long and control data is sent in literals or made harmless (RFC 9051 §4.3)", () => {
  assert.match(textOf(look("Subject: \xe4\r\n\r\n").parsed.envelope), /^\(NIL \{1\}\r\n\xe4 NIL/);
  assert.match(textOf(look(`Subject: ${"x".repeat(1001)}\r\n\r\n`).parsed.envelope), /^\(NIL \{1001\}\r\nx/);
  assert.equal(look('Subject: a\x00b\rc"\\\r\n\r\n').envelope[1], 'a b c"\\');
});

Deno.test("long lists of nothing but brackets, commas, quotes or comments are read in linear time", () => {
  for (const piece of ["<", ",", "(", '"', "a,", "a ", "a@", ":", ";", "[", "\\", "<@a,", '"(', "=?"]) {
    look(`To: ${piece.repeat(200_000)}\r\n\r\n`);
  }
});
