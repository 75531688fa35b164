import assert from "node:assert/strict";
import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";
import { Buffer } from "node:buffer";
import { mail, protocolTest } from "../support/protocol.ts";
import { TestClient } from "../support/protocol.ts";
import type { ByteSink } from "../../server/net/bytes.ts";
import type { Transport } from "../../server/net/transport.ts";
import { sourceOf } from "../net/support.ts";

/** The client's side of RFC 4978 over a connection that has just been told OK. */
function compressed(transport: Pick<TestClient, "send">, read: () => Promise<Uint8Array>): TestClient {
  const deflate = createDeflateRaw();
  const inflate = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
  const readable = new ReadableStream<Uint8Array>({
    start(controller) {
      inflate.on("data", (chunk: Uint8Array) => controller.enqueue(new Uint8Array(chunk)));
    },
  });
  void (async () => {
    for (;;) {
      const chunk = await read();
      if (chunk.length === 0) return;
      inflate.write(chunk);
    }
  })();
  const writable: ByteSink = {
    async close() {},
    abort() {},
    async write(chunk) {
      const parts: Uint8Array[] = [];
      const collect = (part: Uint8Array) => parts.push(part);
      deflate.on("data", collect);
      deflate.write(chunk);
      await new Promise<void>((done) => deflate.flush(constants.Z_PARTIAL_FLUSH, done));
      deflate.off("data", collect);
      await transport.send(Buffer.concat(parts));
    },
  };
  const wrapped: Transport = { readable: sourceOf(readable), writable, remote: "", secure: false, abort() {} };
  return new TestClient(wrapped);
}

protocolTest("COMPRESS=DEFLATE with partial flushes (RFC 4978)", async (t) => {
  const plain = await t.login({ inbox: [mail("one", "hello hello hello\r\n".repeat(1000))] });
  await plain.exchange(`
    C: a COMPRESS LZ4
    S: a NO ...
    C: b COMPRESS DEFLATE
    S: b OK ...
  `);
  const client = compressed(plain, () => plain.bytes());
  await client.exchange(`
    C: c COMPRESS DEFLATE
    S: c NO [COMPRESSIONACTIVE] ...
    C: d SELECT INBOX
    S: d OK ...
    C: e CAPABILITY
    S: e OK ...
    C: f IDLE
    S: + idling
    C: DONE
    S: f OK ...
  `);
  const lines = await client.ok("FETCH 1 BODY[]");
  assert.equal(lines.filter((line) => line === "hello hello hello").length, 1000);
  const capability = await client.ok("CAPABILITY");
  assert(!capability.join().includes("COMPRESS"));
  await client.ok("LOGOUT");
});

protocolTest("garbage instead of deflate data ends the connection, nothing else", async (t) => {
  const client = await t.login();
  await client.ok("COMPRESS DEFLATE");
  await client.send(new Uint8Array(1000).fill(0xff));
  await client.rest();
  await (await t.login()).ok("NOOP");
});

protocolTest("a client that dies while compressed harms nobody", async (t) => {
  const client = await t.login();
  await client.ok("COMPRESS DEFLATE");
  client.vanish();
  await (await t.login()).ok("NOOP");
});
