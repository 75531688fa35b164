import { strict as assert } from "node:assert";
import { ConnectionEnd, FrameWriter, WriteTimeout } from "../../server/net/writer.ts";
import { bytes, drain, joined, noise, PATIENCE, text } from "./support.ts";

Deno.test("writes go out in the order of the calls, large ones whole", async () => {
  const sink = drain();
  const writer = new FrameWriter(sink.writable);
  const large = noise(1_000_000);
  await Promise.all([
    writer.write(large, PATIENCE),
    writer.write(bytes("a"), PATIENCE),
    writer.write(bytes("b"), PATIENCE),
  ]);
  assert.deepEqual(joined(sink.written), joined([large, bytes("ab")]));
  await writer.close(PATIENCE);
  assert.equal(sink.state, "closed");
});

Deno.test("writing nothing writes nothing", async () => {
  const sink = drain();
  const writer = new FrameWriter(sink.writable);
  await writer.write(new Uint8Array(0), PATIENCE);
  assert.equal(sink.written.length, 0);
  await writer.close(PATIENCE);
});

Deno.test("a client that does not read is a WriteTimeout, and the connection is aborted", async () => {
  const sink = drain();
  const writer = new FrameWriter(sink.writable);
  sink.stall();
  await assert.rejects(writer.write(bytes("x"), 1), WriteTimeout);
  assert.equal(sink.state, "aborted");
  await assert.rejects(writer.write(bytes("y"), PATIENCE), ConnectionEnd);
  await writer.close(PATIENCE);
});

Deno.test("writes that wait behind one that failed fail too, and leave nothing behind", async () => {
  const sink = drain();
  const writer = new FrameWriter(sink.writable);
  sink.stall();
  const results = await Promise.allSettled([
    writer.write(bytes("x"), 1),
    writer.write(bytes("y"), PATIENCE),
    writer.write(bytes("z"), PATIENCE),
  ]);
  assert.deepEqual(results.map(({ status }) => status), ["rejected", "rejected", "rejected"]);
  assert.equal(sink.written.length, 0);
  await writer.close(PATIENCE);
});

Deno.test("the time starts anew for each part of a large write", async () => {
  const parts: number[] = [];
  const slow = {
    ...drain().writable,
    async write(chunk: Uint8Array) {
      parts.push(chunk.length);
      await new Promise((resolve) => setTimeout(resolve, 25));
    },
  };
  const writer = new FrameWriter(slow);
  await writer.write(new Uint8Array(20 * 128 * 1024), 400);
  assert.equal(parts.length, 20);
  await writer.close(PATIENCE);
});

Deno.test("a broken pipe is ConnectionEnd with its cause", async () => {
  const sink = drain();
  const writer = new FrameWriter(sink.writable);
  sink.stall();
  const writing = writer.write(bytes("x"), PATIENCE);
  const broken = new Deno.errors.BrokenPipe("broken");
  sink.fail(broken);
  await assert.rejects(writing, (error) => error instanceof ConnectionEnd && error.cause === broken);
  await assert.rejects(writer.write(bytes("y"), PATIENCE), ConnectionEnd);
  await writer.close(PATIENCE);
});

Deno.test("close waits for what is being written", async () => {
  const sink = drain();
  const writer = new FrameWriter(sink.writable);
  sink.stall();
  const writing = writer.write(bytes("last words"), PATIENCE);
  const closing = writer.close(PATIENCE);
  sink.release();
  await closing;
  await writing;
  assert.equal(text(joined(sink.written)), "last words");
  assert.equal(sink.state, "closed");
  await assert.rejects(writer.write(bytes("more"), PATIENCE), ConnectionEnd);
});

Deno.test("a close that takes too long becomes an abort", async () => {
  const sink = drain();
  const writer = new FrameWriter({ ...sink.writable, close: () => new Promise(() => {}) });
  await writer.close(1);
  assert.equal(sink.state, "aborted");
});

Deno.test("a layer gets what is written after it came", async () => {
  const sink = drain();
  const writer = new FrameWriter(sink.writable);
  await writer.write(bytes("clear "), PATIENCE);
  writer.wrap((below) => ({ ...below, write: (chunk) => below.write(bytes(text(chunk).toUpperCase())) }));
  await writer.write(bytes("loud"), PATIENCE);
  await writer.close(PATIENCE);
  assert.equal(text(joined(sink.written)), "clear LOUD");
  assert.equal(sink.state, "closed");
});
