import assert from "node:assert/strict";
import { parseMessage } from "../../store/mime/message.ts";
import { findPart, packStructure, type Part, unpackStructure } from "../../store/mime/structure.ts";
import { bytesOf, COMPLEX, fileLike, look, mail, outline, textOf } from "./mail.ts";

/** Bodies of the parts of a multipart/mixed with boundary b and this body. */
function parts(body: string, contentType = "multipart/mixed; boundary=b"): string[] {
  const seen = look(`Content-Type: ${contentType}\r\n\r\n${body}`);
  return seen.root.parts.map(seen.body);
}

Deno.test("the parts of a complex message by number (RFC 9051 §6.4.5.1)", () => {
  const seen = look(COMPLEX);
  assert.equal(
    outline(seen.root),
    "multipart/mixed[text/plain application/octet-stream message/rfc822[multipart/mixed[text/plain application/octet-stream]] " +
      "multipart/mixed[image/gif message/rfc822[multipart/mixed[text/plain multipart/alternative[text/plain text/richtext]]]]]",
  );
  for (const number of ["1", "2", "3.1", "3.2", "4.1", "4.2.1", "4.2.2.1", "4.2.2.2"]) {
    const part = findPart(seen.root, number.split(".").map(Number));
    assert.equal(part && seen.body(part), number);
  }
  for (const path of [[5], [0], [1, 1], [3, 3], [3, 1, 1], [4, 1, 1], [4, 2, 2, 3], [2, 0]]) {
    assert.equal(findPart(seen.root, path), undefined, path.join("."));
  }
});

Deno.test("a message that is no multipart is its own part 1, and only that (RFC 9051 §6.4.5.1)", () => {
  const { root } = look(mail("Subject: x", "", "body"));
  assert.equal(findPart(root, [1]), root);
  for (const path of [[2], [1, 1], [1, 1, 1]]) assert.equal(findPart(root, path), undefined);
  const enclosing = look(mail("Content-Type: message/rfc822", "", "a: b", "", "body"));
  assert.equal(findPart(enclosing.root, [1, 1]), enclosing.root.message);
  assert.equal(findPart(enclosing.root, [1, 1, 1]), undefined);
});

Deno.test("the packed structure gives back the same tree", () => {
  for (
    const text of [COMPLEX, "", "x", mail("Content-Type: a/b; charset=X", "Content-Transfer-Encoding: BASE64", "", "x")]
  ) {
    const { root } = look(text);
    assert.deepEqual(unpackStructure(packStructure(root)), root);
  }
  const far: Part = {
    type: "a",
    subtype: "b",
    headerStart: 2 ** 40,
    bodyStart: 2 ** 41,
    end: 2 ** 50 + 1,
    lines: 3,
    encoding: "",
    charset: "",
    parts: [],
  };
  assert.deepEqual(unpackStructure(packStructure(far)), far);
  assert.throws(() => unpackStructure(packStructure(far).subarray(0, 5)));
  assert.throws(() => unpackStructure(new Uint8Array(0)));
});

Deno.test("the line end before a boundary belongs to the boundary (RFC 2046 §5.1.1)", () => {
  assert.deepEqual(parts("--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n\r\n--b--\r\n"), ["one", "two\r\n"]);
  assert.deepEqual(parts("--b\n\none\n--b\n\ntwo\n\n--b--\n"), ["one", "two\n"]);
  assert.deepEqual(parts("--b\r\n\r\n--b\r\n\r\n\r\n--b--"), ["", ""]);
});

Deno.test("preamble and epilogue belong to no part (RFC 2046 §5.1.1)", () => {
  assert.deepEqual(parts("pre\r\n--b\r\n\r\none\r\n--b--\r\nepilogue\r\n--b\r\n\r\nno part\r\n"), ["one"]);
});

const BROKEN: [string, string, string[], string?][] = [
  ["no closing boundary", "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n", ["one", "two\r\n"]],
  ["trailing blanks on boundary lines", "--b \t\r\n\r\none\r\n--b-- \r\nepilogue", ["one"]],
  ["text behind the boundary is no boundary", "--b\r\n\r\none\r\n--bc\r\n--b c\r\n--b--", ["one\r\n--bc\r\n--b c"]],
  ["a boundary inside a line is none", "--b\r\n\r\none --b\r\n --b\r\n--b--", ["one --b\r\n --b"]],
  ["a part without the empty line", "--b\r\nContent-Type: text/html\r\n--b\r\n\r\ntwo\r\n--b--", ["", "two"]],
  ["a part without header", "--b\r\n\r\none\r\n--b--", ["one"]],
  ["the end right behind a boundary", "--b\r\n\r\none\r\n--b", ["one", ""]],
  ["only the closing boundary", "text\r\n--b--\r\n", ["text\r\n--b--\r\n"]],
  ["no boundary line at all", "just text\r\n", ["just text\r\n"]],
  ["an empty body", "", [""]],
  ["no boundary parameter", "--b\r\n\r\none\r\n--b--", ["--b\r\n\r\none\r\n--b--"], "multipart/mixed"],
  ["an empty boundary parameter", "--\r\n\r\none\r\n----", ["--\r\n\r\none\r\n----"], 'multipart/mixed; boundary=""'],
  ["a boundary with trailing blanks", "--b c\r\n\r\none\r\n--b c--", ["one"], 'multipart/mixed; boundary="b c  "'],
  [
    "a boundary with special characters, unquoted",
    "--=_a:(b)/c\r\n\r\none\r\n",
    ["one\r\n"],
    'multipart/mixed; boundary="=_a:(b)/c"',
  ],
  ["a boundary that ends in dashes", "--b--\r\n\r\none\r\n--b----\r\n", ["one"], "multipart/mixed; boundary=b--"],
  ["a boundary of 8-bit data", "--\xe4\r\n\r\none\r\n--\xe4--\r\n", ["one"], "multipart/mixed; boundary=\xe4"],
  ["mixed line ends", "--b\n\r\none\r\n--b\r\n\ntwo\n--b--", ["one", "two"]],
];
for (const [what, body, expected, contentType] of BROKEN) {
  Deno.test(`multipart: ${what}`, () => assert.deepEqual(parts(body, contentType), expected));
}

Deno.test("boundaries that begin alike, or are the same, go to the right multipart", () => {
  const nested = (outer: string, inner: string) => {
    const seen = look(mail(
      `Content-Type: multipart/mixed; boundary="${outer}"`,
      "",
      `--${outer}`,
      `Content-Type: multipart/mixed; boundary="${inner}"`,
      "",
      `--${inner}`,
      "",
      "in",
      `--${inner}--`,
      `--${outer}`,
      "",
      "out",
      `--${outer}--`,
    ));
    return outline(seen.root);
  };
  const expected = "multipart/mixed[multipart/mixed[text/plain] text/plain]";
  assert.equal(nested("b", "bc"), expected);
  assert.equal(nested("bc", "b"), expected);
  assert.equal(nested("b", "b--"), expected);
  assert.equal(nested("b", "b"), expected);
});

Deno.test("an outer boundary ends an inner multipart that was not closed (RFC 2046 §5.1.2)", () => {
  const seen = look(mail(
    "Content-Type: multipart/mixed; boundary=a",
    "",
    "--a",
    "Content-Type: multipart/mixed; boundary=b",
    "",
    "--b",
    "Content-Type: message/rfc822",
    "",
    "Subject: deep",
    "--a",
    "",
    "two",
    "--a--",
  ));
  assert.equal(outline(seen.root), "multipart/mixed[multipart/mixed[message/rfc822[text/plain]] text/plain]");
  assert.equal(seen.body(seen.root.parts[0].parts[0]), "Subject: deep");
  assert.equal(seen.body(seen.root.parts[1]), "two");
});

Deno.test("parts of a multipart/digest are messages by default (RFC 2046 §5.1.5)", () => {
  const { root } = look(mail(
    "Content-Type: multipart/digest; boundary=b",
    "",
    "--b",
    "",
    "Subject: in",
    "",
    "x",
    "--b",
    "Content-Type: text/plain",
    "",
    "y",
    "--b--",
  ));
  assert.equal(outline(root), "multipart/digest[message/rfc822[text/plain] text/plain]");
});

const HEADERS: [string, string, number, string | null][] = [
  ["an empty message", "", 0, null],
  ["an empty line alone", "\r\n", 2, null],
  ["no header", "\r\nbody", 2, null],
  ["no empty line", "Subject: s\r\n", 12, "s"],
  ["no line end at all", "Subject: s", 10, "s"],
  ["LF only", "Subject: s\nA: b\n\nbody", 17, "s"],
  ["CR only", "Subject: s\rA: b\r\rbody\rbody", 17, "s"],
  ["CR only, folded", "Subject: s\r t\rA: b\r\rbody", 20, "s t"],
  ["LF and CRLF mixed", "A: b\r\nSubject: s\n\r\nbody", 19, "s"],
  ["a CR within a line of LFs", "Subject: s\rt\n\nbody", 14, "s t"],
  ["CR CR LF", "Subject: s\r\r\nA: b\r\r\n\r\nbody", 22, "s"],
  ["mbox's From line", "From a@b Mon Jan  1 00:00:00 2024\nSubject: s\n\n", 46, "s"],
  ["mbox's From line, quoted", ">From a@b Mon Jan  1 00:00:00 2024\nSubject: s\n\n", 47, "s"],
  ["a line without colon", "no colon here\r\nSubject: s\r\n\r\n", 29, "s"],
  ["a line that is only a colon", ": x\r\nSubject: s\r\n\r\n", 19, "s"],
  ["a blank before the colon (RFC 5322 §4.5.5)", "Subject \t: s\r\n\r\n", 16, "s"],
  ["a blank in the name", "Sub ject: x\r\nSubject: s\r\n\r\n", 27, "s"],
  ["a continuation first", " x\r\nSubject: s\r\n\r\n", 18, "s"],
  ["a continuation of blanks only (RFC 5322 §4.2)", "Subject: s\r\n \r\n\tt\r\n\r\n", 21, "s \tt"],
  ["NUL and 8-bit names", "S\x00: x\r\n\xe4: y\r\nSubject: s\r\n\r\n", 27, "s"],
  ["capitals", "SUBJECT: s\r\n\r\n", 14, "s"],
];
for (const [what, text, size, subject] of HEADERS) {
  Deno.test(`header: ${what}`, () => {
    const { parsed, envelope } = look(text);
    assert.equal(parsed.headerSize, size);
    assert.equal(envelope[1], subject);
  });
}

Deno.test("blanks of U+00A0 are data (RFC 6532)", () => {
  assert.equal(look("Subject: \xc3\xa0\r\n\r\n").envelope[1], "\xc3\xa0");
});

Deno.test("a file read through windows gives what memory gives, wherever they are cut", () => {
  const filler = (size: number) => `${"x".repeat(75)}\r\n`.repeat(Math.ceil(size / 77)).slice(0, size);
  for (const shift of [0, 1, 2, 3, 4, 5]) {
    const text = "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
      `--b\r\n\r\n${filler(256 * 1024 - 100)}${"y".repeat(40 + shift)}\r\n--b\r\nContent-Type: image/png\r\n\r\n` +
      `${"z".repeat(600 * 1024 + shift)}\r\n--b\r\n\r\nlast\n\r\n--b--\r\n`;
    const seen = look(text);
    assert.deepEqual(seen.root.parts.map((part) => part.end - part.bodyStart), [
      256 * 1024 - 60 + shift,
      600 * 1024 + shift,
      5,
    ]);
    const read = parseMessage(fileLike(seen.bytes));
    assert.deepEqual(unpackStructure(read.structure), seen.root);
    assert.equal(textOf(read.bodyStructure), textOf(seen.parsed.bodyStructure));
  }
});

Deno.test("a large file is read in windows, never whole", () => {
  const bytes = bytesOf(`Subject: s\r\n\r\n${"0123456789\r\n".repeat(800_000)}`);
  let largest = 0;
  const parsed = parseMessage({
    size: bytes.length,
    read: (start, end) => {
      largest = Math.max(largest, end - start);
      return bytes.slice(start, end);
    },
  });
  assert.equal(unpackStructure(parsed.structure).lines, 800_000);
  assert.equal(parsed.searchText, null);
  assert(largest <= 1024 * 1024);
});
