import assert from "node:assert/strict";
import { ConnectionEnd } from "../../../server/net/faults.ts";
import { liveConnections, openSslEngine } from "../../../server/net/tls/engine.ts";
import { TlsClient } from "./client.ts";
import { digestOf, pairFor, Pairs } from "./pairs.ts";
import { echo, sClient } from "./tcp.ts";
import { bytes, connected, endpoints, engineWith, IMAP, take } from "./support.ts";

const [FIRST, SECOND, THIRD] = [
  await pairFor(["mail.example.org", "imap.example.org"]),
  await pairFor(["*.example.net", "example.net"], "p384"),
  await pairFor(["mail.example.com"], "ed25519"),
];

async function shown(engine: ReturnType<typeof engineWith>, serverName?: string): Promise<string> {
  using pair = await connected(engine, { serverName });
  return pair.client.serverCertificate();
}

Deno.test("the certificate is that of the name asked for, else the first (RFC 6066 §3, RFC 9525 §6.3)", async () => {
  const engine = engineWith(new Pairs([FIRST, SECOND, THIRD]));
  for (
    const [name, pair] of [
      ["mail.example.org", FIRST],
      ["IMAP.Example.ORG", FIRST],
      ["any.example.net", SECOND],
      ["example.net", SECOND],
      ["a.b.example.net", FIRST],
      ["mail.example.com", THIRD],
      ["elsewhere.example", FIRST],
      ["192.0.2.1", FIRST],
      [undefined, FIRST],
    ] as const
  ) assert.equal(await shown(engine, name), digestOf(pair), name);
});

Deno.test("new certificates serve new connections, those that are there go on", async () => {
  const source = new Pairs([FIRST]);
  const engine = engineWith(source);
  using old = await connected(engine);
  source.change(SECOND, FIRST);
  assert.equal(await shown(engine), digestOf(SECOND));
  assert.equal(await shown(engine, "mail.example.org"), digestOf(FIRST));
  source.change(THIRD);
  assert.equal(await shown(engine), digestOf(THIRD));
  await old.client.write("still here");
  assert.equal(await take(old.server, 10), "still here");
});

Deno.test("a broken new pair leaves the old one in its place", async () => {
  const source = new Pairs([FIRST, SECOND]);
  const engine = engineWith(source);
  for (const broken of [{ cert: FIRST.cert, key: SECOND.key }, { cert: "", key: "" }, { cert: "x", key: FIRST.key }]) {
    source.change(broken, THIRD);
    assert.equal(await shown(engine), digestOf(FIRST));
    assert.equal(await shown(engine, "mail.example.com"), digestOf(THIRD));
    source.change(FIRST, SECOND);
  }
});

Deno.test("a session is not taken up under another certificate", async () => {
  for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
    const source = new Pairs([FIRST]);
    const engine = engineWith(source);
    using first = await connected(engine, { version });
    await first.server.write(bytes("x"));
    await first.client.read();
    using session = first.client.session();
    source.change(SECOND);
    using second = await connected(engine, { version, session });
    assert.equal(second.server.facts.resumed, false);
    assert.equal(second.client.serverCertificate(), digestOf(SECOND));
  }
});

Deno.test("a pair that cannot be used at the start is an error that says what", () => {
  const engine = (cert: string, key: string) => () => openSslEngine(new Pairs([FIRST, { cert, key }]));
  assert.throws(engine("", FIRST.key), /^Error: certificate: /);
  assert.throws(engine(FIRST.cert, ""), /^Error: private key: /);
  assert.throws(engine(FIRST.cert, SECOND.key), /^Error: private key: key values mismatch$/);
  assert.throws(engine(FIRST.cert + SECOND.cert.slice(0, 200), FIRST.key), /^Error: certificate: /);
  assert.throws(engine(FIRST.cert + SECOND.cert.replace("MII", "MIJ"), FIRST.key), /^Error: certificate: /);
});

Deno.test("the whole chain is sent", async () => {
  const engine = engineWith({ cert: FIRST.cert + SECOND.cert + THIRD.cert, key: FIRST.key });
  await using server = echo(engine);
  const output = await sClient(server.port, "-showcerts");
  assert.equal(output.match(/-----BEGIN CERTIFICATE-----/g)?.length, 3);
});

Deno.test("a key with a passphrase is refused, nobody is asked for it", async () => {
  const openssl = new Deno.Command("openssl", {
    args: ["pkey", "-aes256", "-passout", "pass:secret"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = openssl.stdin.getWriter();
  await writer.write(bytes(FIRST.key));
  await writer.close();
  const key = new TextDecoder().decode((await openssl.output()).stdout);
  assert.match(key, /ENCRYPTED/);
  assert.throws(() => openSslEngine(new Pairs([{ cert: FIRST.cert, key }])), /^Error: private key: /);
});

Deno.test("without any certificate yet, handshakes fail until one is there", async () => {
  const source = new Pairs([]);
  const engine = engineWith(source);
  const [below, there] = endpoints();
  const client = new TlsClient(there);
  client.handshake().catch(() => {});
  await assert.rejects(engine.accept(below, IMAP), /no certificate/);
  client.free();
  source.change(FIRST);
  assert.equal(await shown(engine), digestOf(FIRST));
});

Deno.test("TLS-ALPN-01: the challenge's certificate is shown to acme-tls/1 alone, and the connection ends (RFC 8737 §3)", async () => {
  const source = new Pairs([FIRST]);
  const asked: string[] = [];
  source.challenge = (name) => {
    asked.push(name);
    return name === "new.example.org" ? SECOND : undefined;
  };
  const engine = engineWith(source);
  const [below, there] = endpoints();
  const client = new TlsClient(there, { serverName: "new.example.org", alpn: ["acme-tls/1"] });
  const accepting = engine.accept(below, IMAP);
  accepting.catch(() => {});
  await client.handshake();
  assert.equal(client.serverCertificate(), digestOf(SECOND));
  await assert.rejects(accepting, ConnectionEnd);
  assert.ok(below.closed);
  client.free();
  await assert.rejects(
    connected(engine, { serverName: "other.example.org", alpn: ["acme-tls/1"] }),
    /no application protocol/,
  );
  await assert.rejects(connected(engine, { alpn: ["acme-tls/1"] }), /no application protocol/);
  assert.equal(await shown(engine, "new.example.org"), digestOf(FIRST));
  assert.deepEqual(asked, ["new.example.org", "other.example.org"]);
  assert.equal(liveConnections(), 0);
});

Deno.test("a closed engine accepts nothing, its connections go on", async () => {
  const engine = engineWith(FIRST);
  using pair = await connected(engine);
  engine.close();
  await pair.client.write("still here");
  assert.equal(await take(pair.server, 10), "still here");
  await assert.rejects(connected(engine));
});
