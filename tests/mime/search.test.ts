import assert from "node:assert/strict";
import { searchText } from "../../store/mime/message.ts";
import { memorySource } from "../../store/mime/source.ts";
import { htmlToText } from "../../store/mime/html.ts";
import { bytesOf, fileLike, look, mail, utf8 as decoded } from "./mail.ts";

/** Search columns are decomposed (RFC 5051 §2); composed they are easier to read. */
const utf8 = (bytes: Uint8Array | null) => decoded(bytes).normalize("NFC");

function text(...lines: string[]): string {
  const seen = look(mail(...lines));
  const found = utf8(seen.parsed.searchText);
  assert.equal(utf8(searchText(fileLike(seen.bytes), seen.root)), found);
  return found;
}

Deno.test("header fields are decoded, unfolded, folded in case, one a line", () => {
  const { parsed } = look(mail("SUBJECT: =?utf-8?q?=C3=84?= B", "X:", "To: a", "\tb", "Broken", "X-Raw: \xe4", "", ""));
  assert.equal(utf8(parsed.searchHeaders), "subject: ä b\nx: \nto: a\tb\nx-raw: ä\n");
});

Deno.test("8-bit header data that is no UTF-8 is in the message's charset", () => {
  const { parsed } = look(mail("Content-Type: text/plain; charset=koi8-r", "Subject: \xf0\xd2", "", ""));
  assert.match(utf8(parsed.searchHeaders), /^subject: пр$/m);
  assert.equal(parsed.baseSubject, "Пр");
});

Deno.test("text is decoded by encoding and charset", () => {
  assert.equal(text("", "Hello WORLD"), "hello world");
  assert.equal(
    text("Content-Transfer-Encoding: base64", "Content-Type: text/plain; charset=iso-8859-1", "", "xGI="),
    "äb",
  );
  assert.equal(text("Content-Transfer-Encoding: quoted-printable", "", "soft=\r\nbreak =C3=84"), "softbreak ä");
  assert.equal(text("Content-Type: text/plain; charset=iso-2022-jp", "", "\x1b$BF|\x1b(B"), "日");
  assert.equal(text("Content-Transfer-Encoding: x-unknown", "", "As It Is"), "as it is");
});

Deno.test("HTML is searched as it is read", () => {
  assert.equal(
    text("Content-Type: text/html; charset=utf-8", "", "<p>W<b>o</b>rd</p><p>N&auml;xt</p><style>no</style>"),
    "word\nnäxt",
  );
  assert.equal(text("Content-Type: text/html", "", '<meta charset="koi8-r"><p>\xf0'), "п");
});

Deno.test("all text parts, names of attachments and headers of enclosed messages are found; other content is not", () => {
  const found = text(
    "Content-Type: multipart/mixed; boundary=b",
    "",
    "preamble",
    "--b",
    "",
    "one",
    "--b",
    'Content-Type: image/png; name="=?utf-8?q?Caf=C3=A9?="',
    "Content-Disposition: attachment; filename*=utf-8''Caf%C3%A9.PNG",
    "Content-Description: A Photo",
    "",
    "PIXELS",
    "--b",
    "Content-Type: message/rfc822",
    "",
    "Subject: =?utf-8?q?Inner?=",
    "",
    "two",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Status: 5.1.1",
    "--b--",
  );
  for (const word of ["one", "café.png", "café\n", "a photo", "subject: inner", "two", "status: 5.1.1"]) {
    assert(found.includes(word), word);
  }
  for (const word of ["pixels", "preamble", "--b"]) assert(!found.includes(word), word);
});

Deno.test("text over a megabyte is not kept, but found in the content", () => {
  const body = `${"Zeile mit Ä\r\n".repeat(100_000)}Ende Ö`;
  const bytes = new TextEncoder().encode(`\r\n${body}`);
  const seen = look(bytes);
  assert.equal(seen.parsed.searchText, null);
  assert.equal(utf8(searchText(fileLike(bytes), seen.root)), body.toLowerCase());
});

Deno.test("characters torn between the chunks of a large base64 part stay whole", () => {
  const body = "€".repeat(1_500_000);
  const encoded = new TextEncoder().encode(body).toBase64().replace(/.{76}/g, "$&\r\n");
  const seen = look(mail("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "", encoded));
  assert.equal(utf8(searchText(memorySource(seen.bytes), seen.root)), body);
});

const HTML: [string, string, string][] = [
  ["inline tags leave no trace", "a<b>b</b><i\n>c</i >d", "abcd"],
  ["blocks are lines", "<div>a</div><div>b<br/>c</div>", "a\nb\nc"],
  ["cells are words", "<td>a</td><td>b</td>", "a b"],
  ["blanks collapse", " a \r\n\t b ", "a b"],
  [
    "references",
    "&lt;b&gt; &amp;amp; &#228;&#xE4; &euro; &nosuch; &#0; &#1114112; &#150;",
    "<b> &amp; ää € &nosuch; \ufffd \ufffd –",
  ],
  ["references without semicolon", "&auml &#65 x", "ä A x"],
  ["scripts, styles, titles", "<title>t</title><script>if (a<b) {}</script >a<STYLE>p{}</Style>b", "a\nb"],
  ["comments", "a<!-- <b> -- > -->b<!---->c", "abc"],
  ["conditional comments", "a<!--[if mso]>no<![endif]-->b<![if !mso]>c<![endif]>", "ab\nc"],
  ["a comment left open", "a<!-- b", "a"],
  ["a tag left open", "a<b c", "a<b c"],
  ["a quoted >", '<a href=">">x</a>', "x"],
  ["a quote left open", '<a href="x>y</a> z', "y z"],
  ["no tags", "1 < 2 > 0 && x<1", "1 < 2 > 0 && x<1"],
  ["a self-closing svg", "a<svg/>b", "a\nb"],
];
for (const [what, html, expected] of HTML) {
  Deno.test(`HTML to text: ${what}`, () => assert.equal(htmlToText(html).replace(/ ?\n ?/g, "\n"), expected));
}

Deno.test("bytes of any kind give search columns in well-formed UTF-8", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (const charset of ["utf-8", "iso-2022-jp", "gb18030", "utf-7", "x"]) {
    const head = bytesOf(`Content-Type: text/html; charset=${charset}\r\nX: `);
    const { parsed } = look(new Uint8Array([...head, ...all, 13, 10, 13, 10, ...all, ...all]));
    utf8(parsed.searchHeaders);
    utf8(parsed.searchText);
  }
});
