import assert from "node:assert/strict";
import { Encoder } from "../../server/imap/wire/encoder.ts";
import { bytes, latin1, text } from "./lines.ts";
import { random } from "./random.ts";

const written = (write: (e: Encoder) => unknown): string => {
  const e = new Encoder();
  write(e);
  return text(e.take());
};

Deno.test("a FETCH response (RFC 9051 §7.5.2)", () => {
  const line = written((e) =>
    e.ascii("* ").number(12).ascii(" FETCH (FLAGS ").raw(bytes("(\\Seen)")).sp().ascii("BODY[] ").literal(
      bytes("a\r\n"),
    )
      .byte(0x29).crlf()
  );
  assert.equal(line, "* 12 FETCH (FLAGS (\\Seen) BODY[] {3}\r\na\r\n)\r\n");
});

Deno.test("numbers are written digit by digit up to 2^53-1", () => {
  const values = [0, 1, 9, 4294967295, 4294967296, Number.MAX_SAFE_INTEGER];
  for (let power = 10; power < 1e16; power *= 10) values.push(power - 1, power, power + 1);
  const r = random(7);
  for (let i = 0; i < 500; i++) values.push(r.int(2 ** (1 + r.int(53))));
  for (const value of values) {
    if (!Number.isSafeInteger(value)) continue;
    assert.equal(written((e) => e.number(value)), String(value));
  }
  for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53]) assert.throws(() => new Encoder().number(value), RangeError);
});

Deno.test("ascii writes short and long texts; what is not ASCII becomes ?", () => {
  for (const length of [0, 1, 63, 64, 65, 255, 256, 257, 5000]) {
    const plain = "x".repeat(length);
    assert.equal(written((e) => e.ascii(plain)), plain);
    assert.equal(written((e) => e.ascii(`é${plain}日`)), `?${plain}?`);
    assert.equal(written((e) => e.ascii(`${plain}é`).ascii("end")), `${plain}?end`);
  }
});

Deno.test("strings are quoted where they can be, else literals (RFC 9051 §4.3)", () => {
  const table: [string | Uint8Array, string][] = [
    ["", '""'],
    ["abc", '"abc"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ["tab\t\x01", '"tab\t\x01"'],
    ["a\r\nb", "{4}\r\na\r\nb"],
    ["a\n", "{2}\r\na\n"],
    ["é", "{2}\r\né"],
    ["x".repeat(1000), `"${"x".repeat(1000)}"`],
    ["x".repeat(1001), `{1001}\r\n${"x".repeat(1001)}`],
    ['"'.repeat(1000), `"${'\\"'.repeat(1000)}"`],
    [bytes("abc"), '"abc"'],
  ];
  for (const [value, out] of table) {
    assert.equal(written((e) => e.string(value)), out);
    assert.equal(written((e) => e.nstring(value)), out);
  }
  assert.equal(written((e) => e.nstring(null)), "NIL");
  const raw = new Encoder().string(latin1("\xff")).take();
  assert.deepEqual(raw, latin1("{1}\r\n\xff"));
});

Deno.test("bytes with NUL are a literal8 (RFC 3516 §4.4)", () => {
  assert.equal(written((e) => e.string(new Uint8Array([0]))), "~{1}\r\n\0");
  assert.equal(written((e) => e.literal(bytes("a\0"))), "~{2}\r\na\0");
  assert.equal(written((e) => e.literalHead(5)), "{5}\r\n");
  assert.equal(written((e) => e.literalHead(5_000_000_000, true)), "~{5000000000}\r\n");
});

Deno.test("quoted is quoted for ASCII, well formed for all else", () => {
  assert.equal(written((e) => e.quoted('17-Jul-1996 "x"\\')), '"17-Jul-1996 \\"x\\"\\\\"');
  assert.equal(written((e) => e.quoted("y".repeat(2000))), `"${"y".repeat(2000)}"`);
  assert.equal(written((e) => e.quoted("a\r\n* BYE")), "{8}\r\na\r\n* BYE");
  assert.equal(written((e) => e.quoted("é")), "{2}\r\né");
});

Deno.test("mailbox names: atoms, quoted strings, modified UTF-7 or UTF-8 (RFC 9051 §5.1)", () => {
  const table: [string, string, string][] = [
    ["INBOX", "INBOX", "INBOX"],
    ["Work/2024", "Work/2024", "Work/2024"],
    ["Sent Items", '"Sent Items"', '"Sent Items"'],
    ["Entwürfe", "Entw&APw-rfe", '"Entwürfe"'],
    ["R&D", "R&-D", "R&D"],
    ["台北/日本語", '"&U,BTFw-/&ZeVnLIqe-"', '"台北/日本語"'],
    ['a"b\\c', '"a\\"b\\\\c"', '"a\\"b\\\\c"'],
    ["", '""', '""'],
    // Not atoms, so nobody takes them for something else.
    ["NIL", '"NIL"', '"NIL"'],
    ["nil", '"nil"', '"nil"'],
    ["NILS", "NILS", "NILS"],
    ["2024", '"2024"', '"2024"'],
    ["[Gmail]/x", '"[Gmail]/x"', '"[Gmail]/x"'],
    ["50%", '"50%"', '"50%"'],
    ["*", '"*"', '"*"'],
    ["🌍", '"&2DzfDQ-"', '"🌍"'],
  ];
  for (const [name, old, utf8] of table) {
    assert.equal(written((e) => e.mailbox(name, false)), old);
    assert.equal(written((e) => e.mailbox(name, true)), utf8);
  }
});

Deno.test("a line end in a name can never end the line", () => {
  assert.equal(written((e) => e.mailbox("a\r\nb", true)), "{4}\r\na\r\nb");
  assert.equal(written((e) => e.mailbox("a\r\nb", false)), "a&AA0ACg-b");
});

Deno.test("take hands over what was written and starts anew", () => {
  const e = new Encoder();
  assert.equal(e.length, 0);
  assert.equal(e.take().length, 0);
  e.ascii("abc");
  assert.equal(e.length, 3);
  const first = e.take();
  assert.equal(e.length, 0);
  e.ascii("xyz");
  assert.equal(text(first), "abc");
  assert.equal(text(e.take()), "xyz");
});

Deno.test("take does not copy, and a filled buffer is handed over as it is", () => {
  const e = new Encoder();
  e.raw(new Uint8Array(100_000));
  const taken = e.take();
  assert.equal(taken.length, 100_000);
  e.raw(new Uint8Array(65_536));
  const full = e.take();
  assert.equal(full.buffer.byteLength, full.length);
});

Deno.test("the encoder gives the same bytes as joined texts, whatever the sizes", () => {
  const r = random(42);
  for (let round = 0; round < 50; round++) {
    const e = new Encoder();
    let expected = "";
    let got = "";
    for (let i = 0; i < 200; i++) {
      const size = r.pick([0, 1, 5, 31, 32, 33, 63, 64, 65, 300]);
      const part = text(r.bytes(size, 128));
      switch (r.int(6)) {
        case 0:
          e.ascii(part);
          expected += part;
          break;
        case 1:
          e.raw(bytes(part));
          expected += part;
          break;
        case 2: {
          const n = r.int(2 ** 40);
          e.number(n);
          expected += n;
          break;
        }
        case 3:
          e.literal(bytes(part));
          expected += `${part.includes("\0") ? "~" : ""}{${part.length}}\r\n${part}`;
          break;
        case 4:
          e.byte(0x41).sp().crlf();
          expected += "A \r\n";
          break;
        case 5:
          assert.equal(e.length, expected.length - got.length);
          got += text(e.take());
      }
    }
    assert.equal(got + text(e.take()), expected);
  }
});
