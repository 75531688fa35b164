import assert from "node:assert/strict";
import { ConnectionEnd } from "../../../server/net/faults.ts";
import { liveConnections } from "../../../server/net/tls/engine.ts";
import { joined, noise } from "../support.ts";
import { pairFor } from "./pairs.ts";
import { bytes, connected, endpoints, engineWith, take } from "./support.ts";

const engine = engineWith(await pairFor(["localhost"]));
const VERSIONS = ["TLSv1.3", "TLSv1.2"] as const;
const MIB = 1024 * 1024;
const ended = (fault: unknown) => fault instanceof ConnectionEnd;

for (const version of VERSIONS) {
  Deno.test(`${version}: 10 MiB both ways at once`, async () => {
    using pair = await connected(engine, { version });
    const data = noise(10 * MIB);
    const fromClient: Uint8Array[] = [];
    const fromServer: Uint8Array[] = [];
    await Promise.all([
      pair.client.write(data),
      pair.server.write(data),
      (async () => {
        for (let got = 0; got < data.length;) {
          const part = (await pair.client.read())!;
          fromServer.push(part);
          got += part.length;
        }
      })(),
      (async () => {
        for (let got = 0; got < data.length;) {
          const into = new Uint8Array(50_000);
          const count = (await pair.server.read(into))!;
          fromClient.push(into.subarray(0, count));
          got += count;
        }
      })(),
    ]);
    assert.deepEqual(joined(fromClient), data);
    assert.deepEqual(joined(fromServer), data);
  });

  Deno.test(`${version}: buffers of any size get every byte once`, async () => {
    using pair = await connected(engine, { version });
    const data = noise(40_000);
    const sending = pair.client.write(data);
    const got: Uint8Array[] = [];
    for (let total = 0, size = 1; total < data.length; size = size * 3 % 20_011) {
      const into = new Uint8Array(size);
      const count = (await pair.server.read(into))!;
      assert.ok(count > 0 && count <= size);
      got.push(into.subarray(0, count));
      total += count;
    }
    assert.deepEqual(joined(got), data);
    await sending;
    assert.equal(await pair.server.read(new Uint8Array(0)), 0);
  });

  Deno.test(`${version}: close_notify ends each direction by itself (RFC 8446 §6.1)`, async () => {
    using pair = await connected(engine, { version });
    await pair.client.shutdown();
    const into = new Uint8Array(10);
    assert.equal(await pair.server.read(into), null);
    assert.equal(await pair.server.read(into), null);
    await pair.server.write(bytes("last words"));
    await pair.server.closeWrite!();
    assert.deepEqual(await pair.client.read(), bytes("last words"));
    assert.equal(await pair.client.read(), null);
    await assert.rejects(pair.server.write(bytes("more")), ended);
  });

  Deno.test(`${version}: an end without close_notify is an end`, async () => {
    using pair = await connected(engine, { version });
    await pair.client.write("bye");
    pair.client.close();
    assert.equal(await take(pair.server, 3), "bye");
    assert.equal(await pair.server.read(new Uint8Array(10)), null);
    await assert.rejects(pair.server.write(bytes("x")), ended);
  });

  Deno.test(`${version}: a broken record is the end, said with an alert, after what came before it`, async () => {
    const [below, there] = endpoints();
    using pair = await connected(engine, { version }, undefined, [below, there]);
    await pair.client.write("good");
    await there.write(new Uint8Array([23, 3, 3, 0, 40, ...noise(40)]));
    assert.equal(await take(pair.server, 4), "good");
    await assert.rejects(
      pair.server.read(new Uint8Array(10)),
      (fault) => ended(fault) && /decryption failed or bad record mac/.test((fault as Error).message),
    );
    await assert.rejects(pair.client.read(), /bad record mac/);
    await assert.rejects(pair.server.write(bytes("x")), ended);
    await assert.rejects(pair.server.read(new Uint8Array(10)), ended);
    await assert.rejects(pair.server.closeWrite!(), ended);
  });

  Deno.test(`${version}: a peer that does not read holds writing up, not reading`, async () => {
    const [below, there] = endpoints(10_000);
    using pair = await connected(engine, { version }, undefined, [below, there]);
    const data = noise(MIB);
    let done = false;
    const writing = pair.server.write(data).then(() => done = true);
    for (let round = 0; round < 100; round++) {
      await pair.client.write("ping");
      assert.equal(await take(pair.server, 4), "ping");
    }
    assert.equal(done, false);
    assert.ok(below.unread < 200_000, `${below.unread}`);
    const got: Uint8Array[] = [];
    for (let total = 0; total < data.length;) {
      const part = (await pair.client.read())!;
      got.push(part);
      total += part.length;
    }
    await writing;
    assert.deepEqual(joined(got), data);
  });
}

Deno.test("closing ends what is under way, and everything after it", async () => {
  const [below, there] = endpoints(1000);
  using pair = await connected(engine, {}, undefined, [below, there]);
  assert.equal(pair.server.facts.binding("tls-exporter")?.length, 32);
  const reading = pair.server.read(new Uint8Array(10));
  const writing = pair.server.write(noise(MIB));
  const outcome = Promise.allSettled([reading, writing]);
  pair.server.close();
  pair.server.close();
  for (const { status, reason } of await outcome as PromiseRejectedResult[]) {
    assert.equal(status, "rejected");
    assert.ok(ended(reason));
  }
  assert.ok(below.closed);
  assert.equal(liveConnections(), 0);
  await assert.rejects(pair.server.read(new Uint8Array(10)), ended);
  await assert.rejects(pair.server.write(bytes("x")), ended);
  await assert.rejects(pair.server.closeWrite!(), ended);
  assert.equal(pair.server.facts.binding("tls-exporter"), undefined);
  assert.equal(pair.server.facts.binding("tls-server-end-point"), undefined);
});

Deno.test("key updates in between are answered (RFC 8446 §4.6.3)", async () => {
  using pair = await connected(engine, { version: "TLSv1.3" });
  for (let round = 0; round < 5; round++) {
    pair.client.keyUpdate();
    await pair.client.write("ping");
    assert.equal(await take(pair.server, 4), "ping");
    await pair.server.write(bytes("pong"));
    assert.deepEqual(await pair.client.read(), bytes("pong"));
  }
});

Deno.test("a flood of key updates is the end", async () => {
  using pair = await connected(engine, { version: "TLSv1.3" });
  const flood = (async () => {
    for (;;) {
      pair.client.keyUpdate();
      await pair.client.flush();
    }
  })();
  await assert.rejects(pair.server.read(new Uint8Array(1024)), /too much without data/);
  pair.server.close();
  await assert.rejects(flood);
});

Deno.test("answers that a peer calls for and does not read are bounded", async () => {
  const [below, there] = endpoints(10_000);
  using pair = await connected(engine, { version: "TLSv1.3" }, undefined, [below, there]);
  let rounds = 0;
  let stalled = false;
  const calling = (async () => {
    for (; !stalled; rounds++) {
      pair.client.keyUpdate();
      await pair.client.write("x");
    }
  })();
  calling.catch(() => {});
  const serving = (async () => {
    const into = new Uint8Array(1024);
    while (await pair.server.read(into));
  })();
  // The server stops reading, so the pair fills up in that direction, too.
  while (there.unread <= 10_000 || below.unread <= 10_000) await new Promise((resolve) => setTimeout(resolve, 1));
  const before = rounds;
  stalled = true;
  assert.ok(before < 20_000, `${before}`);
  pair.server.close();
  await assert.rejects(serving, ended);
  await assert.rejects(calling);
});

Deno.test("nobody renegotiates in TLS 1.2", async () => {
  using pair = await connected(engine, { version: "TLSv1.2" });
  pair.client.renegotiate();
  await pair.client.flush();
  const reading = assert.rejects(pair.server.read(new Uint8Array(10)), ended);
  await assert.rejects(pair.client.read(), /no renegotiation/);
  pair.server.close();
  await reading;
});
