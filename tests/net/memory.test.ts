import { strict as assert } from "node:assert";
import { ConnectionEnd, FrameReader } from "../../server/net/framing.ts";
import { memoryPair } from "../../server/net/memory.ts";
import { FrameWriter } from "../../server/net/writer.ts";
import { bytes, PATIENCE, text } from "./support.ts";

Deno.test("what one end writes the other reads, both ways", async () => {
  const [a, b] = memoryPair();
  const [aReader, aWriter] = [new FrameReader(a.readable), new FrameWriter(a.writable)];
  const [bReader, bWriter] = [new FrameReader(b.readable), new FrameWriter(b.writable)];
  await aWriter.write(bytes("* OK\r\n"), PATIENCE);
  await bWriter.write(bytes("a NOOP\r\n"), PATIENCE);
  assert.equal(text(await bReader.line(10, PATIENCE)), "* OK");
  assert.equal(text(await aReader.line(10, PATIENCE)), "a NOOP");
  await aWriter.close(PATIENCE);
  await assert.rejects(bReader.line(10, PATIENCE), ConnectionEnd);
  await bWriter.close(PATIENCE);
  await assert.rejects(aReader.line(10, PATIENCE), ConnectionEnd);
  await Promise.all([aReader.cancel(), bReader.cancel()]);
});

Deno.test("an abort of one end is the end for both, whatever they wait for", async () => {
  const [a, b] = memoryPair();
  assert.equal(a.remote, "local");
  assert(a.secure);
  const [reader, writer] = [new FrameReader(b.readable), new FrameWriter(b.writable)];
  const reading = assert.rejects(reader.line(10, PATIENCE), ConnectionEnd);
  a.abort();
  a.abort();
  await reading;
  await assert.rejects(writer.write(bytes("x"), PATIENCE), ConnectionEnd);
  await writer.close(PATIENCE);
  await reader.cancel();
});
