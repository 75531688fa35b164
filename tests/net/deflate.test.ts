import { strict as assert } from "node:assert";
import { constants, createDeflateRaw, deflateRawSync, inflateRawSync } from "node:zlib";
import { deflateLayer, inflateLayer } from "../../server/net/deflate.ts";
import { ConnectionEnd, FrameReader } from "../../server/net/framing.ts";
import { memoryPair } from "../../server/net/memory.ts";
import { FrameWriter } from "../../server/net/writer.ts";
import { bytes, drain, feed, joined, noise, PATIENCE, pieces, readAll, text } from "./support.ts";

const syncFlush = { finishFlush: constants.Z_SYNC_FLUSH };
const compressed = (some: string | Uint8Array) => new Uint8Array(deflateRawSync(some, syncFlush));

/** What a client's compressor puts out for the texts with a flush of the given kind after each. */
async function flushedParts(flush: number, options: { windowBits?: number }, texts: string[]): Promise<Uint8Array[]> {
  const deflate = createDeflateRaw(options);
  const parts: Uint8Array[] = [];
  let part: Uint8Array[] = [];
  deflate.on("data", (chunk: Uint8Array) => part.push(chunk));
  for (const one of texts) {
    deflate.write(one);
    await new Promise<void>((resolve) => deflate.flush(flush, resolve));
    parts.push(joined(part));
    part = [];
  }
  deflate.close();
  return parts;
}

for (
  const [name, flush] of Object.entries({
    partial: constants.Z_PARTIAL_FLUSH,
    sync: constants.Z_SYNC_FLUSH,
    full: constants.Z_FULL_FLUSH,
  })
) {
  Deno.test(`what a client sent with a ${name} flush is delivered at once (RFC 4978 §4)`, async () => {
    const lines = ["a NOOP\r\n", "b NOOP\r\n", "c LOGOUT\r\n"];
    const parts = await flushedParts(flush, {}, lines);
    const source = feed();
    const reader = new FrameReader(inflateLayer(source.readable));
    for (const [at, part] of parts.entries()) {
      source.send(part);
      assert.equal(text(await reader.line(100, PATIENCE)) + "\r\n", lines[at]);
    }
    await reader.cancel();
  });
}

for (const windowBits of [9, 12, 15]) {
  Deno.test(`clients may compress with a window of ${windowBits} bits (RFC 4978 §3)`, async () => {
    const long = "0123456789abcdef".repeat(10_000);
    const parts = await flushedParts(constants.Z_SYNC_FLUSH, { windowBits }, [long, long]);
    const source = feed(...parts);
    source.end();
    assert.equal(text(await readAll(inflateLayer(source.readable))), long + long);
  });
}

Deno.test("input in single bytes inflates to the same", async () => {
  const source = feed(...pieces(compressed("a NOOP\r\nb NOOP\r\n"), 1));
  source.end();
  assert.equal(text(await readAll(inflateLayer(source.readable))), "a NOOP\r\nb NOOP\r\n");
});

Deno.test("a deflate bomb is inflated only as far as it is read", async () => {
  const size = 200_000_000;
  const bomb = compressed(new Uint8Array(size));
  assert(bomb.length < 250_000);
  const source = feed(bomb);
  const inflated = inflateLayer(source.readable);
  const before = Deno.memoryUsage();
  let total = 0;
  for (let step = 0; step < 50; step++) {
    const chunk = await inflated.read();
    assert(chunk && chunk.length <= 64 * 1024);
    total += chunk.length;
  }
  await new Promise((resolve) => setTimeout(resolve, 10));
  const after = Deno.memoryUsage();
  assert(after.external - before.external < 20_000_000);
  assert(total < size / 10);
  await inflated.cancel();
});

Deno.test("a line that inflates without end is cut off by the line's limit", async () => {
  const source = feed(compressed(new Uint8Array(50_000_000).fill(65)));
  const reader = new FrameReader(inflateLayer(source.readable));
  await assert.rejects(reader.line(8192, PATIENCE), ConnectionEnd);
  await reader.cancel();
});

Deno.test("bytes that are no deflate stream end the connection", async () => {
  const reader = new FrameReader(inflateLayer(feed(new Uint8Array(100).fill(255)).readable));
  await assert.rejects(reader.line(100, PATIENCE), ConnectionEnd);
  await reader.cancel();
});

Deno.test("what came before the broken bytes is delivered", async () => {
  const source = feed(compressed("a NOOP\r\n"));
  const reader = new FrameReader(inflateLayer(source.readable));
  assert.equal(text(await reader.line(100, PATIENCE)), "a NOOP");
  source.send(new Uint8Array(100).fill(255));
  await assert.rejects(reader.line(100, PATIENCE), ConnectionEnd);
  assert(source.cancelled);
  await reader.cancel();
});

Deno.test("the end of the client's deflate stream is the end; what follows it is ignored", async () => {
  const source = feed(joined([new Uint8Array(deflateRawSync("bye\r\n")), bytes("garbage")]));
  const reader = new FrameReader(inflateLayer(source.readable));
  assert.equal(text(await reader.line(100, PATIENCE)), "bye");
  await assert.rejects(reader.line(100, PATIENCE), ConnectionEnd);
  await reader.cancel();
});

Deno.test("a connection that ends or breaks within the deflate stream is ConnectionEnd", async () => {
  for (const how of ["end", "fail"] as const) {
    const source = feed(compressed("half a li"));
    const reader = new FrameReader(inflateLayer(source.readable));
    const waiting = reader.line(100, PATIENCE);
    const ended = assert.rejects(waiting, ConnectionEnd);
    if (how === "end") source.end();
    else source.fail(new Deno.errors.ConnectionReset("reset"));
    await ended;
    await reader.cancel();
  }
});

Deno.test("cancel while the client is silent stops the stream below", async () => {
  const source = feed();
  const reader = new FrameReader(inflateLayer(source.readable));
  const ended = assert.rejects(reader.line(100, PATIENCE), ConnectionEnd);
  await reader.cancel();
  await ended;
  assert(source.cancelled);
});

Deno.test("each write can be inflated by itself (RFC 4978 §3)", async () => {
  const sink = drain();
  const writer = new FrameWriter(deflateLayer(sink.writable));
  const inflated = inflateRawSync;
  let all = "";
  for (const line of ["* 1 EXISTS\r\n", "a OK NOOP done\r\n", "b OK done\r\n"]) {
    await writer.write(bytes(line), PATIENCE);
    all += line;
    assert.equal(text(inflated(joined(sink.written), syncFlush)), all);
  }
  await writer.close(PATIENCE);
  assert.equal(sink.state, "closed");
});

for (
  const [name, whole] of [["noise", noise(1_000_000)], [
    "text",
    bytes("* 1 FETCH (FLAGS ())\r\n".repeat(50_000)),
  ]] as const
) {
  Deno.test(`a large write of ${name} comes out whole`, async () => {
    const sink = drain();
    const writer = new FrameWriter(deflateLayer(sink.writable));
    await writer.write(whole, PATIENCE);
    assert.deepEqual(new Uint8Array(inflateRawSync(joined(sink.written), syncFlush)), whole);
    await writer.close(PATIENCE);
  });
}

Deno.test("a peer that does not read stops the compressor, and an abort ends it", async () => {
  const sink = drain();
  const writer = new FrameWriter(deflateLayer(sink.writable));
  sink.stall();
  await assert.rejects(writer.write(noise(1_000_000), 5));
  assert.equal(sink.state, "aborted");
  await assert.rejects(writer.write(bytes("x"), PATIENCE), ConnectionEnd);
  await writer.close(PATIENCE);
});

Deno.test("a dead connection does not throw out of the compressor", async () => {
  const sink = drain();
  const writer = new FrameWriter(deflateLayer(sink.writable));
  sink.stall();
  const writing = assert.rejects(writer.write(noise(500_000), PATIENCE), ConnectionEnd);
  await new Promise((resolve) => setTimeout(resolve, 5));
  sink.fail(new Deno.errors.BrokenPipe("broken"));
  await writing;
  await assert.rejects(writer.write(bytes("x"), PATIENCE), ConnectionEnd);
  await writer.close(PATIENCE);
});

Deno.test("both layers, both ways, over one connection", async () => {
  const [server, client] = memoryPair();
  const ends = [server, client].map(({ readable, writable }) => ({
    reader: new FrameReader(readable),
    writer: new FrameWriter(writable),
  }));
  for (const { reader, writer } of ends) {
    reader.wrap(inflateLayer);
    writer.wrap(deflateLayer);
  }
  const [here, there] = ends;
  const literal = noise(300_000);
  for (let round = 0; round < 20; round++) {
    await Promise.all([
      there.writer.write(bytes(`a${round} APPEND\r\n`), PATIENCE),
      here.reader.line(100, PATIENCE).then((line) => assert.equal(text(line), `a${round} APPEND`)),
    ]);
    await Promise.all([
      here.writer.write(literal, PATIENCE),
      there.reader.exactly(literal.length, PATIENCE).then((got) => assert.deepEqual(got, literal)),
    ]);
  }
  await Promise.all(ends.map(({ writer }) => writer.close(PATIENCE)));
  for (const { reader } of ends) {
    await assert.rejects(reader.line(10, PATIENCE), ConnectionEnd);
    await reader.cancel();
  }
});
