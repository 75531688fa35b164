import assert from "node:assert/strict";
import { DecodedSource } from "../../server/imap/fetch/decoding.ts";
import { Pace } from "../../server/imap/pace.ts";
import { memorySource } from "../../store/mime/source.ts";
import type { Part } from "../../store/mime/structure.ts";

async function open(encoding: string, text: string): Promise<DecodedSource | null> {
  const source = memorySource(new TextEncoder().encode(`before${text}after`));
  const part = { bodyStart: 6, end: 6 + text.length, encoding } as Part;
  return await DecodedSource.open(source, part, new Pace());
}

function all(source: DecodedSource, start = 0): Uint8Array {
  const bytes = new Uint8Array(source.size - start);
  for (let at = start; at < source.size;) {
    const piece = source.read(at, Math.min(source.size, at + 10_000));
    assert(piece.length > 0);
    bytes.set(piece, at - start);
    at += piece.length;
  }
  return bytes;
}

const random = Uint8Array.from({ length: 300_001 }, (_, i) => (i * 7919 + (i >> 8)) & 0xff);
const base64 = (random.toBase64().match(/.{1,76}/g) ?? []).join("\r\n");

Deno.test("base64 larger than a window is decoded as it is read, forwards and again", async () => {
  const source = await open("base64", base64);
  assert(source);
  assert.equal(source.size, random.length);
  assert.deepEqual(all(source), random);
  assert.deepEqual(all(source, 200_000), random.subarray(200_000));
  assert.deepEqual([...source.read(5, 8)], [...random.subarray(5, 8)]);
});

Deno.test("base64 without its padding ends right", async () => {
  const source = await open("base64", "aGVsbG8");
  assert(source);
  assert.equal(new TextDecoder().decode(all(source)), "hello");
});

Deno.test("quoted-printable is cut at line ends only", async () => {
  const line = "caf=C3=A9 and so on, with a soft =\r\nbreak\r\n";
  const source = await open("quoted-printable", line.repeat(10_000));
  assert(source);
  assert.equal(new TextDecoder().decode(all(source)), "café and so on, with a soft break\r\n".repeat(10_000));
});

Deno.test("quoted-printable in one endless line loses nothing", async () => {
  const source = await open("quoted-printable", "a =3D b ".repeat(40_000) + "end");
  assert(source);
  assert.equal(new TextDecoder().decode(all(source)), "a = b ".repeat(40_000) + "end");
});

Deno.test("a part without bytes, and an encoding that is not known", async () => {
  assert.equal((await open("base64", ""))?.size, 0);
  assert.equal(await open("x-strange", "abc"), null);
});
