import assert from "node:assert/strict";
import { decodeHeader, decodePart, decodeText, foldCase } from "../../store/mime/decode.ts";
import { memorySource } from "../../store/mime/source.ts";
import { bytesOf, look, mail, textOf, utf8 } from "./mail.ts";

function decoded(encoding: string, body: string): string | null {
  const seen = look(mail(`Content-Transfer-Encoding: ${encoding}`, "", body));
  const bytes = decodePart(memorySource(seen.bytes), seen.root);
  return bytes && textOf(bytes);
}

const TRANSFER: [string, string, string, string | null][] = [
  ["7bit as it is", "7bit", "a = b\r\n", "a = b\r\n"],
  ["none as it is", "", "\x00\xff", "\x00\xff"],
  ["binary as it is", "BINARY", "\x00\r\xff\n", "\x00\r\xff\n"],
  ["base64 in lines", "base64", "SGVs\r\nbG8=\r\n", "Hello"],
  ["base64 without padding", "base64", "SGVsbG8", "Hello"],
  ["base64 padded in the middle", "base64", "SGVsbG8=IQ==", "Hello!"],
  ["base64 with other characters (RFC 2045 §6.8)", "Base64", "S G-V*s\r\nb\x00G8=", "Hello"],
  ["base64 that is cut off", "base64", "SGVsb", "Hel"],
  ["base64 of nothing", "base64", "", ""],
  ["base64 of padding only", "base64", "====", ""],
  ["quoted-printable", "quoted-printable", "a=3Db=e4=E4", "a=b\xe4\xe4"],
  ["soft line breaks (RFC 2045 §6.7)", "quoted-printable", "a=\r\nb=\nc= \t\r\nd=", "abcd"],
  ["blanks at line ends (RFC 2045 §6.7 rule 3)", "quoted-printable", "a \t\r\nb  c \nd ", "a\r\nb  c\nd"],
  ["wrong escapes", "quoted-printable", "a=zz=4=\x00 100%=3", "a=zz=4=\x00 100%=3"],
  ["an unknown encoding (RFC 9051 UNKNOWN-CTE)", "x-uuencode", "begin", null],
];
for (const [what, encoding, body, expected] of TRANSFER) {
  Deno.test(`transfer decoding: ${what}`, () => assert.equal(decoded(encoding, body), expected));
}

const CHARSETS: [string, string, string][] = [
  ["", "abc", "abc"],
  ["", "\xc3\xa4", "ä"],
  ["", "\xe4", "ä"],
  ["us-ascii", "\xe4\x80", "ä€"],
  ["utf-8", "\xc3\xa4\xff", "ä\ufffd"],
  ["UTF8", "\xc3\xa4", "ä"],
  ['"utf-8"', "\xc3\xa4", "ä"],
  ["iso-8859-1", "\xe4", "ä"],
  ["iso-8859-15", "\xa4", "€"],
  ["windows-1251", "\xcf\xf0", "Пр"],
  ["cp1251", "\xcf\xf0", "Пр"],
  ["koi8-r", "\xf0", "П"],
  ["shift_jis", "\x93\xfa", "日"],
  ["iso-2022-jp", "\x1b$BF|\x1b(B", "日"],
  ["euc-kr", "\xb0\xa1", "가"],
  ["gb2312", "\xc8\xd5", "日"],
  ["gb18030", "\xc8\xd5", "日"],
  ["big5", "\xa4\xe9", "日"],
  ["cp850", "\x84", "ä"],
  ["cp437", "\x84", "ä"],
  ["utf-7", "+AOQ-", "ä"],
  ["utf-16", "\xff\xfe\xe4\x00", "ä"],
  ["utf-16", "\x00\xe4", "ä"],
  ["macintosh", "\x8a", "ä"],
  ["no-such-charset", "\xc3\xa4", "ä"],
  ["no-such-charset", "\xe4", "ä"],
  ["base64", "\xe4", "ä"],
  ["__proto__", "\xe4", "ä"],
  ["constructor", "\xe4", "ä"],
];
for (const [charset, bytes, expected] of CHARSETS) {
  Deno.test(`charset ${charset || "(none)"} of ${JSON.stringify(bytes)}`, () => {
    assert.equal(decodeText(bytesOf(bytes), charset), expected);
  });
}

Deno.test("well-formed UTF-8 is told from everything else (RFC 3629 §4)", () => {
  for (const text of ["\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}"]) {
    assert.equal(decodeText(new TextEncoder().encode(text), ""), text);
  }
  for (
    const bytes of [
      "\xc0\x80",
      "\xe0\x80\x80",
      "\xed\xa0\x80",
      "\xf4\x90\x80\x80",
      "\xf5\x80\x80\x80",
      "\xc3",
      "\xe2\x82",
    ]
  ) {
    assert.equal(decodeText(bytesOf(bytes), "").length, bytes.length);
  }
});

const WORDS: [string, string][] = [
  ["plain", "plain"],
  ["\xc3\xa4", "ä"],
  ["\xe4", "ä"],
  ["=?ISO-8859-1?Q?a?=", "a"],
  ["=?ISO-8859-1?Q?a?= b", "a b"],
  ["=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"],
  ["=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"],
  ["=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=", "ab"],
  ["=?ISO-8859-1?Q?a_b?=", "a b"],
  ["=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"],
  ["(=?ISO-8859-1?Q?a?=)", "(a)"],
  ["=?utf-8?b?w6Q=?=", "ä"],
  ["=?utf-8?B?w6Q?=", "ä"],
  ["=?utf-8*de?Q?=C3=A4?=", "ä"],
  ["=?utf-8?B?w6Q=?==?utf-8?B?w6Q=?=", "ää"],
  ["=?utf-8?Q?=C3?= =?utf-8?Q?=A4?=", "ä"],
  ["=?utf-8?B?ww==?= =?utf-8?B?pA==?=", "ä"],
  ["=?utf-8?Q?a b?=", "a b"],
  ["=?utf-8?Q?what??=", "what?"],
  ["=?utf-8?Q??=", ""],
  ["=?utf-8?X?a?=", "=?utf-8?X?a?="],
  ["=?utf-8?Q?open", "=?utf-8?Q?open"],
  ["=?a?q?x =?utf-8?q?real?=", "=?a?q?x real"],
  ["=?no-such?q?=e4?=", "ä"],
  ["a =?= b =??= c", "a =?= b =??= c"],
  ["attachment; filename*=utf-8''%e2%82%ac%20x; a=b", "attachment; filename=€ x; a=b"],
  ['attachment; filename*0="a"; filename*1=b', "attachment; filename=ab"],
  ["2 * 3 = 6", "2 * 3 = 6"],
];
for (const [raw, expected] of WORDS) {
  Deno.test(`header text: ${raw} (RFC 2047 §8, RFC 2231)`, () => assert.equal(decodeHeader(bytesOf(raw)), expected));
}

const FOLDS: [string, string][] = [
  ["ABC xyz", "abc xyz"],
  ["ÄÖÜ", "äöü"],
  ["A\u0308", "ä"],
  ["Straße", "STRASSE"],
  ["ΣΊΣΥΦΟΣ", "σίσυφος"],
  ["ſ", "S"],
  ["ﬁ", "FI"],
  ["İstanbul", "istanbul"],
  ["ПРИВЕТ", "привет"],
  ["\u212a", "k"],
];
for (const [left, right] of FOLDS) {
  Deno.test(`${left} and ${right} compare equal (RFC 9051 §6.4.4)`, () => {
    assert.equal(utf8(foldCase(left)), utf8(foldCase(right)));
  });
}

Deno.test("a word's beginning folds as the word does", () => {
  assert(utf8(foldCase("ΟΔΟΣΑ")).startsWith(utf8(foldCase("ΟΔΟΣ"))));
});
