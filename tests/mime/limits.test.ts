import assert from "node:assert/strict";
import type { Part } from "../../store/mime/structure.ts";
import { look, mail } from "./mail.ts";

function depth(part: Part): number {
  return 1 + Math.max(0, ...[...part.parts, ...(part.message ? [part.message] : [])].map(depth));
}

Deno.test("multiparts nested a thousand deep are followed for 100 levels; the rest is body", () => {
  let text = "";
  for (let i = 0; i < 1000; i++) text += `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`;
  const { root } = look(text + "\r\ntext\r\n");
  assert.equal(depth(root), 102);
});

Deno.test("messages nested a thousand deep are followed for 100 levels; the rest is body", () => {
  const { root } = look("Content-Type: message/rfc822\r\n\r\n".repeat(1000) + "\r\ntext");
  assert.equal(depth(root), 102);
});

Deno.test("of 100,000 parts 10,000 are seen; the last holds the rest", () => {
  const { root, bytes } = look(
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "--b\r\n\r\nx\r\n".repeat(100_000) + "--b--",
  );
  assert.equal(root.parts.length, 9_999);
  assert.equal(root.parts.at(-1)!.end, bytes.length);
});

Deno.test("a header field of a megabyte is kept whole", () => {
  const subject = "x".repeat(1024 * 1024);
  const { envelope, parsed } = look(`Subject: ${subject}\r\n\r\nbody`);
  assert.equal(envelope[1], subject);
  assert.equal(parsed.headerSize, subject.length + 13);
});

Deno.test("a header ends at 10 MiB, at a line where it has lines", () => {
  const line = `X: ${"y".repeat(1019)}\r\n`;
  const many = look("Subject: s\r\n" + line.repeat(11 * 1024) + "\r\nbody");
  assert.equal(many.envelope[1], "s");
  assert.equal(many.parsed.headerSize, 12 + 10 * 1024 * line.length - line.length);
  const one = look(`Subject: ${"x".repeat(11 * 1024 * 1024)}\r\n\r\nbody`);
  assert.equal(one.parsed.headerSize, 10 * 1024 * 1024);
});

Deno.test("of 100,000 fields all stay in the header, the first 10,000 are looked at", () => {
  const { parsed, envelope } = look("A: b\r\n".repeat(100_000) + "Subject: s\r\n\r\n");
  assert.equal(parsed.headerSize, 600_014);
  assert.equal(envelope[1], null);
});

Deno.test("input made to cost more than its length is read in linear time", () => {
  const n = 300_000;
  const type = "Content-Type: ";
  const html = mail("Content-Type: text/html", "", "");
  const cases = [
    type + "(".repeat(n),
    type + "a/b; x=" + "a ".repeat(n),
    type + "a/b; " + "x;".repeat(n),
    type + 'a/b; x="' + "\\".repeat(n),
    type + "a/b; x*0=" + "(\\".repeat(n),
    "Subject: " + "=?a?q?".repeat(n),
    "Subject: " + "=?a?b?x ".repeat(n),
    "Subject: " + "=?utf-8?q?a?= ".repeat(n / 10),
    "Subject: " + "[fwd:".repeat(n),
    "Subject: " + "re: [a]".repeat(n),
    "Subject: " + "(fwd)".repeat(n),
    "References: " + "<".repeat(n),
    "References: " + "<a>".repeat(n),
    "Date: " + "(".repeat(n),
    mail("Content-Type: multipart/mixed; boundary=b", "", "") + "--\r\n".repeat(n),
    mail('Content-Type: multipart/mixed; boundary="----"', "", "") + "-".repeat(n),
    mail("Content-Transfer-Encoding: quoted-printable", "", "") + "= ".repeat(n) + " ".repeat(n),
    html + "<".repeat(n),
    html + "<a ".repeat(n),
    html + "<!--".repeat(n),
    html + "<style>".repeat(n),
    html + "<style></s".repeat(n / 5),
    html + "<a x=\"'>".repeat(n),
    html + "<a x='".repeat(n) + '<a x="'.repeat(n),
    html + "&".repeat(n),
    html + "&#".repeat(n),
    html + "<div>".repeat(n),
    html + " <b>".repeat(n) + "<meta ".repeat(n),
  ];
  for (const text of cases) look(text);
});
