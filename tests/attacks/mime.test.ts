/**
 * Messages made to cost more than their length: each comes in by APPEND, is read in every way, searched, sorted and threaded; and
 * comes back byte for byte.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { protocolTest, type TestClient } from "../support/protocol.ts";
import { bytes, within } from "./support.ts";

const MIB = 1024 * 1024;
/** Of what comes in many kinds. */
const MANY = MIB / 2;

const sequence = (count: number, piece: (at: number) => string, between = "") =>
  Array.from({ length: count }, (_, at) => piece(at)).join(between);

/** Reads up to the tagged answer and keeps little of it. */
async function finished(client: TestClient, command: string): Promise<string> {
  await client.send(`a ${command}\r\n`);
  for (let end = "\r\n";;) {
    const chunk = await client.bytes();
    assert(chunk.length > 0, `the connection ended in ${command}`);
    end = (end + Buffer.from(chunk.subarray(-300)).toString("latin1")).slice(-300);
    const tagged = /\r\n(a (?:OK|NO|BAD) [^\r]*)\r\n$/.exec(end)?.[1];
    if (tagged) return tagged;
  }
}

/** The literal of `* n FETCH (BODY[] {…}`. */
async function content(client: TestClient): Promise<Buffer> {
  await client.send("a FETCH * BODY.PEEK[]\r\n");
  const size = Number(/\{(\d+)\}$/.exec(await client.line())?.[1]);
  const chunks: Uint8Array[] = [];
  for (let length = 0; length < size;) {
    const chunk = await client.bytes();
    assert(chunk.length > 0);
    chunks.push(chunk);
    length += chunk.length;
  }
  const all = Buffer.concat(chunks);
  let rest = all.subarray(size).toString("latin1");
  while (!/\r\na OK [^\r]*\r\n$/.test(rest)) rest += Buffer.from(await client.bytes()).toString("latin1");
  return all.subarray(0, size);
}

const digest = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");

/** Brings a message in and reads it in every way. */
async function survives(client: TestClient, text: string | Uint8Array): Promise<void> {
  const message = bytes(text);
  await client.send(`a APPEND INBOX {${message.length}+}\r\n`);
  await client.send(message);
  await client.send("\r\n");
  assert.match((await client.answer("a")).at(-1) ?? "", /^a OK \[APPENDUID/);
  assert.equal(digest(await content(client)), digest(message), "not a byte is changed");
  for (
    const command of [
      "FETCH * (ENVELOPE BODY BODYSTRUCTURE PREVIEW RFC822.SIZE)",
      `FETCH * (BODY.PEEK[HEADER] BODY.PEEK[TEXT] BODY.PEEK[1] BODY.PEEK[1.MIME] BODY.PEEK[${
        sequence(110, () => "1", ".")
      }])`,
      "FETCH * (BODY.PEEK[HEADER.FIELDS (Subject References To)] BODY.PEEK[HEADER.FIELDS.NOT (To)])",
      `FETCH * (BODY.PEEK[${
        sequence(100, () => "1", ".")
      }.TEXT] BODY.PEEK[9999] BODY.PEEK[9998.MIME] BODY.PEEK[99999])`,
      "FETCH * (BINARY.SIZE[1] BINARY.PEEK[1]<0.100>)",
      "SEARCH TEXT needle",
      'SEARCH OR HEADER To needle OR SUBJECT "needle x" BODY needle',
      "SEARCH SENTSINCE 1-Jan-2000 FROM x CC y",
      "SORT (SUBJECT FROM TO CC DATE DISPLAYFROM) UTF-8 ALL",
      "THREAD REFERENCES UTF-8 ALL",
      "THREAD ORDEREDSUBJECT UTF-8 ALL",
    ]
  ) assert.match(await finished(client, command), /^a (?:OK|NO \[UNKNOWN-CTE\])/, command);
  await client.ok("STORE * +FLAGS.SILENT (\\Deleted)");
  await client.ok("EXPUNGE");
}

/** @param bound as for `within`; a message is held a few times over while it is taken apart */
function attack(title: string, bound: { seconds: number; mib: number }, ...texts: (() => string | Uint8Array)[]): void {
  protocolTest(title, async (t) => {
    const client = await t.login();
    await client.ok("SELECT INBOX");
    await within(bound, async () => {
      for (const text of texts) await survives(client, text());
    });
    await client.ok("NOOP");
  });
}

const multipart = (boundary: string) => `Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n`;

attack(
  "MIME 10,000 levels deep: multiparts, enclosed messages, both in turn",
  { seconds: 8, mib: 192 },
  () => sequence(10_000, (at) => `${multipart(`b${at}`)}--b${at}\r\n`) + "\r\nneedle\r\n",
  () => "Content-Type: message/rfc822\r\n\r\n".repeat(10_000) + "\r\nneedle",
  () => sequence(5000, (at) => `${multipart(`b${at}`)}--b${at}\r\nContent-Type: message/rfc822\r\n\r\n`) + "\r\nx",
);

attack(
  "MIME that seems to hold itself: the same boundary at each level, boundaries that are each other's beginning",
  { seconds: 8, mib: 192 },
  () => `${multipart("b")}--b\r\n`.repeat(5000) + "\r\nx\r\n" + "--b--\r\n".repeat(5000),
  () => sequence(300, (at) => `${multipart("b".repeat(at + 1))}--${"b".repeat(at + 1)}\r\n`) + "\r\nx",
  () => multipart("b") + "--b\r\nContent-Type: message/rfc822\r\n\r\n".repeat(5000) + multipart("b") + "--b\r\n\r\nx",
  () => multipart("b--") + "--b--\r\n\r\nx\r\n--b----\r\n".repeat(1000),
);

attack(
  "100,000 parts, of a message and of messages in it",
  { seconds: 15, mib: 384 },
  () => multipart("b") + "--b\r\n\r\nx\r\n".repeat(100_000) + "--b--",
  () => multipart("b") + "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n".repeat(50_000),
  () => multipart("b") + "--b\r\n".repeat(100_000),
);

attack(
  "boundaries: 100,000 lines that nearly match, boundaries of 70 and more characters, empty and blank ones",
  { seconds: 12, mib: 256 },
  () => multipart("b".repeat(70)) + `--${"b".repeat(69)}c\r\n`.repeat(100_000),
  () => multipart("b".repeat(5000)) + `--${"b".repeat(4999)}c\r\n`.repeat(1000),
  () =>
    sequence(99, (at) => `${multipart("x".repeat(60) + at)}--${"x".repeat(60)}${at}\r\n`) +
    `\r\n${`--${"x".repeat(60)}\r\n`.repeat(30_000)}`,
  () => multipart("") + "--\r\n\r\nx\r\n".repeat(1000),
  () => multipart(" ") + "-- \r\n\r\nx\r\n".repeat(1000),
  () => multipart("-") + "-".repeat(300_000),
);

const addresses = (count: number) => sequence(count, (at) => `Name ${at} <user${at}@example.org>`, ", ");

attack(
  "10,000 addresses, 1,000,000 of them, and in 1,000 fields (CVE-2024-23184)",
  { seconds: 15, mib: 512 },
  () => `To: ${addresses(10_000)}\r\nCc: ${addresses(10_000)}\r\nFrom: ${addresses(10_000)}\r\n\r\nx`,
  () => `To: ${"a@b,".repeat(1_000_000)}c@d\r\n\r\nx`,
  () => `To: ${addresses(100)}\r\n`.repeat(1000) + "\r\nx",
  () => "To: a@b\r\n".repeat(9000) + "\r\nx",
);

attack(
  "address syntax without an end: comments, quotes, groups, routes, brackets, source routes (CVE-2024-23185)",
  { seconds: 15, mib: 384 },
  ...[
    "(".repeat(MIB),
    "(\\".repeat(MANY / 2),
    "a(".repeat(MANY / 2),
    "()".repeat(MANY / 2),
    '"'.repeat(MANY - 1),
    '"' + "\\".repeat(MANY),
    '"a" '.repeat(MANY / 4),
    "a:".repeat(MANY / 2),
    "a:;,".repeat(MANY / 4),
    ":;".repeat(MANY / 2),
    "<".repeat(MANY),
    "<@".repeat(MANY / 2),
    `<${"@a,".repeat(MANY / 3)}:b@c>`,
    "[".repeat(MANY),
    "@".repeat(MANY),
    ".".repeat(MANY),
    ",".repeat(MANY),
    "a ".repeat(MANY / 2),
    "a@".repeat(MANY / 2),
    ">".repeat(MANY),
    "\\".repeat(MANY),
  ].map((value) => () => `From: ${value}\r\nTo: ${value}\r\n\r\nx`),
);

attack(
  "header lines of 1 MB, a header of 10 MB, 100,000 fields, fields without names or values",
  { seconds: 15, mib: 512 },
  () =>
    ["Subject", "From", "References", "Content-Type", "Date", "Message-ID"].map((name) =>
      `${name}: ${"x".repeat(MIB)}\r\n`
    ).join("") + "\r\nx",
  () => `X: ${"y".repeat(1000)}\r\n`.repeat(10 * 1024) + "Subject: needle\r\n\r\nx",
  () => "A: b\r\n".repeat(100_000) + "\r\nx",
  () => ":\r\n".repeat(100_000) + "\r\nx",
  () => "Subject:" + "\r\n x".repeat(300_000) + "\r\n\r\nx",
  () => "Subject: " + " ".repeat(MIB) + "\r\n\r\nx",
  () => "x".repeat(2 * MIB),
  () => "\r".repeat(MIB),
  () => "\n".repeat(MIB),
);

attack(
  "RFC 2231: 100,000 pieces of a parameter, missing ones, ones twice, huge numbers, broken charsets",
  { seconds: 10, mib: 256 },
  ...[
    sequence(100_000, (at) => `; name*${at}=x`),
    sequence(100_000, (at) => `; name*${at}*=%41`),
    sequence(50_000, (at) => `; name*${49_999 - at}=x`),
    sequence(50_000, () => "; name*0=x"),
    "; name*99999999999999999999=x; name*-1=y; name*0x1=z; name**=a; name*0*0*=b",
    `; name*=utf-8''${"%".repeat(MIB / 2)}`,
    `; name*=utf-8''${"%c3".repeat(MIB / 4)}`,
    `; name*=${"'".repeat(MIB / 2)}`,
    `; name*=${"x".repeat(1000)}''y`,
    sequence(100_000, (at) => `; p${at}=x`),
    `; name="${"\\".repeat(MIB / 2)}`,
    `; boundary*0=b; boundary*1=c${sequence(5000, (at) => `; boundary*${at + 2}=d`)}`,
  ].map((parameters) => () => {
    const typed = `Content-Type: text/plain${parameters}\r\nContent-Disposition: attachment${parameters}\r\n`;
    return `${typed}Subject: x\r\n\r\nx`;
  }),
);

attack(
  "RFC 2047: 100,000 encoded words, broken, nested, of every charset, and truncated UTF-8",
  { seconds: 15, mib: 256 },
  ...[
    "=?utf-8?q?=c3?= ".repeat(100_000),
    "=?utf-8?b?w6Q=?=".repeat(100_000),
    "=?utf-8?q?".repeat(100_000),
    "=?".repeat(MANY / 2),
    "?=".repeat(MANY / 2),
    "=?x?=?".repeat(MANY / 6),
    `=?utf-8?b?${"A".repeat(MANY)}?=`,
    `=?utf-8?b?${"=".repeat(MANY)}?=`,
    `=?iso-2022-jp?q?${"=1b$B".repeat(50_000)}?=`,
    `=?utf-7?q?${"+".repeat(MANY / 2)}?=`,
    sequence(20_000, (at) => `=?x-charset-${at}?q?a?= `),
    `=?${"x".repeat(MANY / 2)}?q?a?=`,
    "\xf0\x9f".repeat(MANY / 2),
    "\xc3".repeat(MANY),
    "\xff\xfe".repeat(MANY / 2),
  ].map((value) => () => `Subject: ${value}\r\nFrom: ${value}\r\n\r\n${value}`),
);

attack(
  "References with 100,000 ids, ids that refer to each other in a circle, a Subject with 100,000 Re:",
  { seconds: 20, mib: 384 },
  () => `References: ${sequence(100_000, (at) => `<${at}@x>`, " ")}\r\nMessage-ID: <1@x>\r\n\r\nx`,
  () => `References: ${"<1@x> ".repeat(100_000)}\r\nMessage-ID: <1@x>\r\n\r\nx`,
  () => `References: ${"<".repeat(MIB)}\r\n\r\nx`,
  () => `References: ${"<a".repeat(MIB / 2)}\r\nIn-Reply-To: ${"(".repeat(MIB / 2)}\r\n\r\nx`,
  () => `Subject: ${"Re: ".repeat(100_000)}needle\r\n\r\nx`,
  () => `Subject: ${"Re[2]: ".repeat(100_000)}${"(fwd)".repeat(100_000)}\r\n\r\nx`,
  () => `Subject: ${"[a] ".repeat(100_000)}${"[fwd: ".repeat(50_000)}${"]".repeat(50_000)}\r\n\r\nx`,
  () => `Subject: ${"[".repeat(MIB)}\r\n\r\nx`,
);

protocolTest(
  "5,000 messages whose references form circles and one long chain are threaded in linear time",
  async (t) => {
    const client = await t.login();
    const chain = (at: number) => `Message-ID: <${at}@x>\r\nReferences: <${(at + 1) % 5000}@x>\r\nSubject: s\r\n\r\nx`;
    await t.fill("INBOX", Array.from({ length: 5000 }, (_, at) => chain(at)));
    await client.ok("SELECT INBOX");
    await within({ seconds: 5, mib: 128 }, async () => {
      for (const algorithm of ["REFERENCES", "REFS", "ORDEREDSUBJECT"]) {
        assert.match(await finished(client, `THREAD ${algorithm} UTF-8 ALL`), /^a (?:OK|BAD|NO)/);
      }
    });
  },
);

attack(
  "transfer encodings: base64 and quoted-printable that are none, lines without an end, uuencode, padding",
  { seconds: 15, mib: 256 },
  ...[
    ["base64", "=".repeat(MANY)],
    ["base64", "A=".repeat(MANY / 2)],
    ["base64", "!".repeat(MANY)],
    ["base64", "QUJD".repeat(MANY / 4)],
    ["base64", "\r\n".repeat(MANY / 2)],
    ["base64", "A".repeat(3) + "\x00".repeat(MANY)],
    ["quoted-printable", "=".repeat(MANY)],
    ["quoted-printable", "=\r\n".repeat(MANY / 3)],
    ["quoted-printable", "= ".repeat(MANY / 2)],
    ["quoted-printable", " ".repeat(MANY)],
    ["quoted-printable", "=c3".repeat(MANY / 3)],
    ["x-uuencode", "begin 644 x\r\n" + "M".repeat(MANY)],
    ["x-unknown", "x".repeat(MANY)],
    ["7bit (" + "(".repeat(100_000), "x"],
  ].map(([encoding, body]) => () =>
    `Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`
  ),
);

attack(
  "HTML that never closes, entities, comments, styles and tags by the million",
  { seconds: 15, mib: 384 },
  ...[
    "<",
    "<a ",
    "<!--",
    "<style>",
    "<a x='",
    "&",
    "&#",
    "&#x10ffff;",
    "<div>",
    "<script>x",
    "<![CDATA[",
    "</",
    "<a/",
    "&nbsp",
  ].map((piece) => () => `Content-Type: text/html\r\nSubject: x\r\n\r\n${piece.repeat(MIB / piece.length)}`),
);
