import assert from "node:assert/strict";
import { BadError, NoError } from "../../server/imap/errors.ts";
import { Decoder } from "../../server/imap/wire/decoder.ts";
import { Encoder } from "../../server/imap/wire/encoder.ts";
import { frame, literal, text } from "./lines.ts";
import { type Random, random } from "./random.ts";

const READERS: ((d: Decoder) => unknown)[] = [
  (d) => d.tag(),
  (d) => d.atom(),
  (d) => d.word(),
  (d) => d.astring(),
  (d) => d.string(),
  (d) => d.nstring(),
  (d) => d.astringText(),
  (d) => d.stringText(),
  (d) => d.literal(),
  (d) => d.number(),
  (d) => d.nzNumber(),
  (d) => d.number64(),
  (d) => d.nzNumber64(),
  (d) => d.sequenceSet(),
  (d) => d.mailbox(),
  (d) => d.newMailbox(),
  (d) => d.listMailbox(),
  (d) => d.flag(),
  (d) => d.attribute(),
  (d) => d.flagList(),
  (d) => d.date(),
  (d) => d.dateTime(),
  (d) => d.list(() => d.astring()),
  (d) => d.sp(),
  (d) => d.trySp(),
  (d) => d.byte("("),
  (d) => d.tryWord("NIL"),
  (d) => d.quotedOrLiteralIsNext(),
  (d) => d.literalIsNext(),
  (d) => d.end(),
];

const PIECES = [
  ...[
    "a",
    "NIL",
    "INBOX",
    " ",
    "(",
    ")",
    '"',
    "\\",
    '\\"',
    "{3}",
    "~{3}",
    "{3+}",
    "{0}",
    "{99}",
    "}",
    "1",
    "0",
    "*",
    ":",
    ",",
  ],
  ...[
    "$",
    "%",
    "&",
    "-",
    "&AOk-",
    "/",
    "\\Seen",
    "\0",
    "\r",
    "\n",
    "\x7f",
    "é",
    "4294967295",
    "99999999999999999999",
    "1-Feb-1994",
  ],
  ...['"1-Feb-1994"', '"17-Jul-1996 02:44:25 -0700"', "[", "]", "<", ">", "."],
];

function someLine(r: Random): Uint8Array {
  if (r.int(4) === 0) return r.bytes(r.int(20));
  return new TextEncoder().encode(Array.from({ length: r.int(8) }, () => r.pick(PIECES)).join(""));
}

Deno.test("no input makes a reader throw anything but BAD and NO, or leave the line", () => {
  const r = random(2024);
  for (let round = 0; round < 30_000; round++) {
    const line = someLine(r);
    const literals = Array.from({ length: r.int(3) }, () => literal(r.bytes(r.pick([0, 3, 3, 5])), r.int(2) === 0));
    const d = new Decoder(line, literals, { utf8: r.int(2) === 0 });
    for (let step = 0; step < 6; step++) {
      const before = d.position;
      try {
        r.pick(READERS)(d);
      } catch (error) {
        if (!(error instanceof BadError || error instanceof NoError)) throw error;
        assert.match(error.message, /^[\x20-\x7e]+$/);
      }
      assert.ok(d.position >= before && d.position <= line.length, `round ${round}`);
    }
  }
});

Deno.test("whatever string is written is read back, in any order of strings and numbers", () => {
  const r = random(77);
  for (let round = 0; round < 1000; round++) {
    const values = Array.from({ length: 1 + r.int(6) }, (): Uint8Array | number | null => {
      const kind = r.int(10);
      if (kind === 0) return null;
      if (kind < 3) return r.int(2 ** 32);
      const value = r.bytes(r.pick([0, 1, 3, 20, 999, 1000, 1001]), r.pick([128, 256]));
      return value.map((c) => c || 1);
    });
    const e = new Encoder();
    values.forEach((value, i) => {
      if (i > 0) e.sp();
      if (typeof value === "number") e.number(value);
      else e.nstring(value);
    });
    const { line, literals } = frame(e.crlf().take());
    const d = new Decoder(line, literals);
    values.forEach((value, i) => {
      if (i > 0) d.sp();
      assert.deepEqual(typeof value === "number" ? d.number() : d.nstring(), value);
    });
    d.end();
  }
});

Deno.test("whatever name a mailbox has, it is read as it was written, in both modes (RFC 9051 §5.1)", () => {
  const r = random(78);
  const alphabet = [
    "a",
    "B",
    "&",
    "-",
    " ",
    '"',
    "\\",
    "(",
    "{",
    "1",
    "%",
    "*",
    "]",
    "ü",
    "日",
    "\u{1f600}",
    "~",
    ",",
    "+",
    "NIL",
  ];
  for (let round = 0; round < 5000; round++) {
    const level = () => Array.from({ length: 1 + r.int(6) }, () => r.pick(alphabet)).join("");
    const name = r.int(3) ? level() : `${level()}/${level()}`;
    for (const utf8 of [false, true]) {
      const wire = new Encoder().mailbox(name, utf8).take();
      const d = new Decoder(wire, [], { utf8 });
      assert.equal(d.mailbox(), name, text(wire));
      d.end();
      if (!utf8) assert.ok(wire.every((c) => c < 0x80));
    }
  }
});
