import assert from "node:assert/strict";
import { ConnectionEnd } from "../../../server/net/faults.ts";
import { liveConnections } from "../../../server/net/tls/engine.ts";
import { TlsClient } from "./client.ts";
import { keyOf, pairFor, written } from "./pairs.ts";
import { newTicketSecret } from "../../../server/net/tls/ticketsecret.ts";
import { bytes, connected, endpoints, engineWith, IMAP, take } from "./support.ts";

const PAIR = await pairFor(["localhost"]);
const VERSIONS = ["TLSv1.3", "TLSv1.2"] as const;

for (const version of VERSIONS) {
  Deno.test(`${version}: what a handshake agreed on, and bytes both ways`, async () => {
    using pair = await connected(engineWith(PAIR), { version, serverName: "localhost", alpn: ["x", "imap"] });
    const { facts } = pair.server;
    assert.equal(facts.version, version);
    assert.match(facts.cipher, version === "TLSv1.3" ? /^TLS_\w+$/ : /^TLS_ECDHE_ECDSA_WITH_\w+$/);
    assert.deepEqual(
      [facts.resumed, facts.serverName, facts.alpn, facts.clientKey],
      [false, "localhost", "imap", undefined],
    );
    await pair.client.write("hello");
    assert.equal(await take(pair.server, 5), "hello");
    assert.equal(await pair.server.write(bytes("world")), 5);
    assert.deepEqual(await pair.client.read(), bytes("world"));
  });

  Deno.test(`${version}: a session is taken up again, with the client's key`, async () => {
    const engine = engineWith(PAIR);
    const own = await pairFor(["alice"], "p384");
    await using files = await written(own);
    using first = await connected(engine, { version, certificate: files });
    assert.equal(first.server.facts.clientKey, keyOf(own));
    await first.server.write(bytes("x"));
    await first.client.read();
    using session = first.client.session();
    using second = await connected(engine, { version, session });
    assert.deepEqual([second.server.facts.resumed, second.client.resumed], [true, true]);
    assert.equal(second.server.facts.clientKey, keyOf(own));
    // The ticket of a resumption is as good as the first.
    await second.server.write(bytes("x"));
    await second.client.read();
    using next = second.client.session();
    using third = await connected(engine, { version, session: next });
    assert.deepEqual([third.server.facts.resumed, third.server.facts.clientKey], [true, keyOf(own)]);
  });

  Deno.test(`${version}: keys of tickets rotate, a ticket lives through one rotation`, async () => {
    const now = performance.now;
    let ahead = 0;
    performance.now = () => now.call(performance) + ahead;
    try {
      const engine = engineWith(PAIR, 1000);
      using first = await connected(engine, { version });
      await first.server.write(bytes("x"));
      await first.client.read();
      using session = first.client.session();
      for (const [seconds, resumed] of [[999, true], [1001, true], [2001, false]] as const) {
        ahead = seconds * 1000;
        using again = await connected(engine, { version, session });
        assert.equal(again.server.facts.resumed, resumed, `after ${seconds} s`);
      }
    } finally {
      performance.now = now;
    }
  });

  Deno.test(`${version}: engines with one secret take up each other's sessions, also after a rotation`, async () => {
    const now = performance.now;
    let ahead = 0;
    performance.now = () => now.call(performance) + ahead;
    try {
      const secret = newTicketSecret();
      const [one, two, three] = [1, 2, 3].map(() => engineWith(PAIR, 1000, secret));
      using first = await connected(one, { version });
      await first.server.write(bytes("x"));
      await first.client.read();
      using session = first.client.session();
      for (const [engine, seconds, resumed] of [[two, 1, true], [two, 1500, true], [three, 1500, true]] as const) {
        ahead = seconds * 1000;
        using again = await connected(engine, { version, session });
        assert.equal(again.server.facts.resumed, resumed, `after ${seconds} s`);
      }
      using late = await connected(two, { version });
      await late.server.write(bytes("x"));
      await late.client.read();
      using lateSession = late.client.session();
      using back = await connected(one, { version, session: lateSession });
      assert.equal(back.server.facts.resumed, true);
    } finally {
      performance.now = now;
    }
  });

  Deno.test(`${version}: tickets are for one engine's keys; a strange one means a whole handshake`, async () => {
    using first = await connected(engineWith(PAIR), { version });
    await first.server.write(bytes("x"));
    await first.client.read();
    using session = first.client.session();
    using second = await connected(engineWith(PAIR), { version, session });
    assert.equal(second.server.facts.resumed, false);
  });

  Deno.test(`${version}: the server's order of protocols counts (RFC 7301 §3.2)`, async () => {
    const engine = engineWith(PAIR);
    using pair = await connected(engine, { version, alpn: ["http/1.1", "imap"] }, { alpn: ["imap", "http/1.1"] });
    assert.equal(pair.server.facts.alpn, "imap");
  });

  Deno.test(`${version}: protocols without one in common are refused, or passed over`, async () => {
    const engine = engineWith(PAIR);
    await assert.rejects(connected(engine, { version, alpn: ["h2"] }), /no application protocol/);
    using passed = await connected(engine, { version, alpn: ["h2"] }, { alpn: ["imap"], alpnOptional: true });
    assert.equal(passed.server.facts.alpn, undefined);
    using none = await connected(engine, { version, alpn: ["h2"] }, { alpn: [] });
    assert.equal(none.server.facts.alpn, undefined);
  });
}

Deno.test("the ticket of TLS 1.3 goes out with the first data, or when the server waits", async () => {
  const engine = engineWith(PAIR);
  using pair = await connected(engine, { version: "TLSv1.3" });
  const before = pair.below.writes;
  await pair.server.write(bytes("* OK\r\n"));
  assert.equal(pair.below.writes, before + 1);
  using other = await connected(engine, { version: "TLSv1.3" });
  const idle = other.below.writes;
  assert.equal(idle, before);
  const reading = other.server.read(new Uint8Array(10));
  await other.client.write("x");
  assert.equal(await reading, 1);
  assert.equal(other.below.writes, idle + 1);
});

Deno.test("a handshake is given up by its signal, at once and wherever it stands", async () => {
  const engine = engineWith(PAIR);
  for (const sent of [0, 1, 100, 100_000]) {
    const abort = new AbortController();
    const [below, there] = endpoints();
    const client = new TlsClient(there);
    await there.write(client.hello().subarray(0, sent));
    const accepting = engine.accept(below, { ...IMAP, signal: abort.signal });
    abort.abort(new Error("too late"));
    await assert.rejects(accepting, (fault) => fault instanceof ConnectionEnd && /given up/.test(fault.message));
    assert.ok(below.closed);
    client.free();
  }
  const [below] = endpoints();
  await assert.rejects(engine.accept(below, { ...IMAP, signal: AbortSignal.abort() }), ConnectionEnd);
  assert.ok(below.closed);
  assert.equal(liveConnections(), 0);
});

Deno.test("a client that goes away within its handshake leaves nothing", async () => {
  const engine = engineWith(PAIR);
  for (const version of VERSIONS) {
    for (let flights = 0; flights < 3; flights++) {
      const [below, there] = endpoints();
      const client = new TlsClient(there, { version });
      const accepting = engine.accept(below, IMAP);
      accepting.catch(() => {});
      client.handshake().catch(() => {});
      for (let turn = 0; turn < flights; turn++) await Promise.resolve();
      there.close();
      await accepting.then((connection) => connection.close(), (fault) => assert.ok(fault instanceof ConnectionEnd));
      assert.ok(below.closed);
      client.free();
    }
  }
  assert.equal(liveConnections(), 0);
});

Deno.test("what is no TLS is refused, the endpoint closed", async () => {
  const engine = engineWith(PAIR);
  for (const what of ["GET / HTTP/1.1\r\n\r\n", "a1 CAPABILITY\r\n", "\x16\x03\x01\x00\x00", "\x80\x2e\x01\x03\x01"]) {
    const [below, there] = endpoints();
    await there.write(Uint8Array.from(what, (c) => c.charCodeAt(0)));
    await there.closeWrite();
    await assert.rejects(
      engine.accept(below, IMAP),
      (fault) => fault instanceof ConnectionEnd && /^TLS: /.test(fault.message),
    );
    assert.ok(below.closed);
  }
  assert.equal(liveConnections(), 0);
});

Deno.test("what a client may send before its handshake is done is bounded", async () => {
  const engine = engineWith(PAIR);
  const [below, there] = endpoints(1000);
  const accepting = engine.accept(below, IMAP);
  accepting.catch(() => {});
  let sent = 0;
  // A ClientHello of 128 KB, all in order so far.
  const record = new Uint8Array([22, 3, 1, 0x03, 0xe8, ...new Uint8Array(1000)]);
  record.set([1, 1, 0xf0, 0], 5);
  try {
    for (;; record.fill(0, 5)) sent += await there.write(record);
  } catch {
    // Closed by the server.
  }
  await assert.rejects(accepting, ConnectionEnd);
  assert.ok(sent < 100_000, `${sent}`);
  assert.equal(liveConnections(), 0);
});

Deno.test("a client's certificates may not be endless", async () => {
  const own = await pairFor(Array.from({ length: 2000 }, (_, n) => `name${n}.example.org`));
  await using files = await written(own);
  for (const version of VERSIONS) {
    const [below, there] = endpoints();
    const client = new TlsClient(there, { version, certificate: files });
    const shaking = client.handshake().then(() => client.read()).catch(() => {});
    await assert.rejects(engineWith(PAIR).accept(below, IMAP), /excessive message size/);
    await shaking;
    client.free();
  }
});
