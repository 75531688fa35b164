/** Broken handshakes and records from fixed seeds: whatever comes, every fault is the end of one connection and its memory is freed. */
import assert from "node:assert/strict";
import type { Endpoint } from "../../../server/net/duplex.ts";
import { ConnectionEnd } from "../../../server/net/faults.ts";
import { liveConnections, type TlsEngine } from "../../../server/net/tls/engine.ts";
import { type ClientOptions, TlsClient } from "./client.ts";
import { pairFor, written } from "./pairs.ts";
import { endpoints, engineWith, IMAP } from "./support.ts";

/** Numbers below `limit`, the same for a seed. */
function random(seed: number): (limit: number) => number {
  let state = seed * 2654435761 + 1 >>> 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

type Mutation = (bytes: Uint8Array, below: (limit: number) => number) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  (bytes, below) => changed(bytes, below(bytes.length), below(256)),
  (bytes, below) => changed(bytes, Math.min(below(12), bytes.length - 1), below(256)),
  (bytes, below) => bytes.slice(0, below(bytes.length)),
  (bytes, below) => bytes.slice(below(bytes.length)),
  (bytes, below) => {
    const at = below(bytes.length);
    return new Uint8Array([...bytes.subarray(0, at), ...noise(below, below(300)), ...bytes.subarray(at)]);
  },
  (bytes) => new Uint8Array([...bytes, ...bytes]),
  (_bytes, below) => noise(below, 1 + below(2000)),
  // A well-formed record of any kind.
  (bytes, below) => {
    const body = noise(below, 1 + below(600));
    return new Uint8Array([...bytes, 20 + below(6), 3, below(5), body.length >> 8, body.length & 255, ...body]);
  },
];

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  if (at >= 0) copy[at] = value;
  return copy;
}

function noise(below: (limit: number) => number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, () => below(256));
}

/** The client's end of a connection, whose `nth` write is changed; after it the client says no more. */
function mutating(there: Endpoint, nth: number, mutate: (bytes: Uint8Array) => Uint8Array): Endpoint {
  let writes = 0;
  return {
    read: (into) => there.read(into),
    async write(bytes) {
      writes++;
      if (writes === nth) {
        const wrong = mutate(bytes);
        if (wrong.length > 0) await there.write(wrong);
        await there.closeWrite?.();
      } else if (writes < nth) await there.write(bytes);
      return bytes.length;
    },
    close: () => there.close(),
  };
}

/** One connection: whether its handshake was done all the same. */
async function attempt(engine: TlsEngine, options: ClientOptions, seed: number): Promise<boolean> {
  const below = random(seed);
  const mutation = MUTATIONS[seed % MUTATIONS.length];
  const [ours, theirs] = endpoints();
  const nth = 1 + below(options.version === "TLSv1.2" ? 5 : 4);
  const client = new TlsClient(mutating(theirs, nth, (bytes) => mutation(bytes, below)), options);
  const talking = (async () => {
    await client.handshake();
    for (let round = 0; round < 3; round++) await client.write("some data that is sent");
    while (await client.read());
  })().catch(() => {}); // What the client makes of it does not matter.
  let done = false;
  try {
    const connection = await engine.accept(ours, IMAP);
    done = true;
    try {
      const into = new Uint8Array(100);
      for (let count; (count = await connection.read(into)) !== null;) await connection.write(into.subarray(0, count));
    } finally {
      connection.close();
    }
  } catch (fault) {
    assert.ok(fault instanceof ConnectionEnd, `seed ${seed}: ${fault}`);
  }
  assert.ok(ours.closed);
  await talking;
  client.free();
  return done;
}

const OWN = await pairFor(["alice"]);

for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
  Deno.test(`${version}: broken handshakes and records end their connections and leave nothing`, async () => {
    const engine = engineWith(await pairFor(["localhost"]));
    await using files = await written(OWN);
    let done = 0;
    const connections = 400;
    for (let seed = 1; seed <= connections; seed++) {
      const certificate = seed % 3 === 0 ? files : undefined;
      if (await attempt(engine, { version, certificate, alpn: ["imap"], serverName: "localhost" }, seed)) done++;
    }
    // Neither did all of them fail for one simple reason, nor did none.
    assert.ok(done > connections / 20 && done < connections * 19 / 20, `${done} handshakes were done`);
    assert.equal(liveConnections(), 0);
  });
}

Deno.test("random bytes end their connections and leave nothing", async () => {
  const engine = engineWith(await pairFor(["localhost"]));
  for (let seed = 1; seed <= 500; seed++) {
    const below = random(seed);
    const [ours, theirs] = endpoints();
    const bytes = noise(below, 1 + below(1000));
    // Every other one begins like a handshake.
    if (seed % 2 === 0) bytes.set([22, 3, 1, below(3), below(256), 1, 0].slice(0, bytes.length));
    await theirs.write(bytes);
    await theirs.closeWrite();
    await assert.rejects(engine.accept(ours, IMAP), ConnectionEnd);
    assert.ok(ours.closed);
  }
  assert.equal(liveConnections(), 0);
});

Deno.test("a connection closed at any moment leaves nothing", async () => {
  const engine = engineWith(await pairFor(["localhost"]));
  for (let seed = 1; seed <= 300; seed++) {
    const below = random(seed);
    const [ours, theirs] = endpoints(1 + below(5000));
    const client = new TlsClient(theirs, { version: seed % 2 ? "TLSv1.3" : "TLSv1.2" });
    const abort = new AbortController();
    const talking = (async () => {
      await client.handshake();
      await client.write(new Uint8Array(below(30_000)));
      while (await client.read());
    })().catch(() => {});
    const serving = (async () => {
      const connection = await engine.accept(ours, { ...IMAP, signal: abort.signal });
      abort.signal.addEventListener("abort", () => connection.close());
      if (abort.signal.aborted) connection.close();
      const into = new Uint8Array(1000);
      await Promise.all([
        connection.write(new Uint8Array(below(100_000))).then(() => connection.closeWrite?.()),
        (async () => {
          while (await connection.read(into));
        })(),
      ]);
    })().catch((fault) => assert.ok(fault instanceof ConnectionEnd, `seed ${seed}: ${fault}`));
    for (let turns = below(200); turns > 0; turns--) await Promise.resolve();
    abort.abort();
    await serving;
    assert.ok(ours.closed, `${seed}`);
    await talking;
    client.free();
  }
  assert.equal(liveConnections(), 0);
});
