import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { constants, createDeflateRaw, inflateRawSync } from "node:zlib";
import type { ByteSource } from "../../server/net/bytes.ts";
import { deflateLayer, inflateLayer } from "../../server/net/deflate.ts";
import { FrameReader } from "../../server/net/framing.ts";
import { FrameWriter } from "../../server/net/writer.ts";
import { drain } from "./support.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

/** Flushed deflate data; `end` finishes the stream. */
async function deflated(line: string, end = false): Promise<Uint8Array> {
  const deflate = createDeflateRaw();
  const parts: Uint8Array[] = [];
  deflate.on("data", (part: Uint8Array) => parts.push(part));
  deflate.write(line);
  await new Promise<void>((done) =>
    end ? deflate.on("end", () => done()).end() : deflate.flush(constants.Z_SYNC_FLUSH, () => done())
  );
  return Buffer.concat(parts);
}

function source(...chunks: Uint8Array[]): ByteSource {
  return { read: async () => chunks.shift(), cancel() {} };
}

for (const end of [false, true]) {
  const how = end ? "a finished stream" : "a flush";
  Deno.test(`what stands behind ${how} is read in clear after the layer is off (RFC 8437 §4.1)`, async () => {
    const first = await deflated("one\r\n", end);
    const reader = new FrameReader(source(Buffer.concat([first, bytes("two\r\nthr")]), bytes("ee\r\n")));
    reader.wrap(inflateLayer);
    assert.equal(text(await reader.line(100, 1000)), "one");
    assert.equal(reader.buffered, 0);
    await reader.unwrap();
    assert.equal(text(await reader.line(100, 1000)), "two");
    assert.equal(text(await reader.line(100, 1000)), "three");
    await reader.cancel();
  });
}

Deno.test("a layer that was never read gives everything back", async () => {
  const reader = new FrameReader(source(bytes("one\r\ntwo\r\n")));
  assert.equal(text(await reader.line(100, 1000)), "one");
  reader.wrap(inflateLayer);
  await reader.unwrap();
  assert.equal(text(await reader.line(100, 1000)), "two");
  await reader.unwrap(); // harmless without a layer
  await reader.cancel();
});

Deno.test("layers can be put on again", async () => {
  const reader = new FrameReader(source(await deflated("one\r\n"), bytes("two\r\n"), await deflated("three\r\n")));
  reader.wrap(inflateLayer);
  assert.equal(text(await reader.line(100, 1000)), "one");
  await reader.unwrap();
  assert.equal(text(await reader.line(100, 1000)), "two");
  reader.wrap(inflateLayer);
  assert.equal(text(await reader.line(100, 1000)), "three");
  await reader.cancel();
});

Deno.test("what is written after the layer is off is in clear; the stream below stays open", async () => {
  const sink = drain();
  const out = sink.written;
  const writer = new FrameWriter(sink.writable);
  writer.wrap(deflateLayer);
  await writer.write(bytes("one\r\n"), 1000);
  const packed = Buffer.concat(out.splice(0));
  assert.equal(inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }).toString(), "one\r\n");
  writer.unwrap();
  assert.equal(sink.state, "open");
  await writer.write(bytes("two\r\n"), 1000);
  assert.equal(text(Buffer.concat(out)), "two\r\n");
  await writer.close(1000);
  assert.equal(sink.state, "closed");
});
