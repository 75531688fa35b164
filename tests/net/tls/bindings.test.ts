import assert from "node:assert/strict";
import { digestOf, pairFor } from "./pairs.ts";
import { bytes, connected, engineWith } from "./support.ts";

Deno.test("what can be bound to, the preferred first (RFC 9266 §3, RFC 5929)", async () => {
  const engine = engineWith(await pairFor(["localhost"]));
  using new13 = await connected(engine, { version: "TLSv1.3" });
  assert.deepEqual(new13.server.facts.bindings, ["tls-exporter", "tls-server-end-point", "tls-unique"]);
  using new12 = await connected(engine, { version: "TLSv1.2" });
  assert.deepEqual(new12.server.facts.bindings, ["tls-exporter", "tls-unique", "tls-server-end-point"]);
});

Deno.test("without the extended master secret only a first handshake's Finished is its own (RFC 7627 §1, RFC 9266 §4.2)", async () => {
  const engine = engineWith(await pairFor(["localhost"]));
  const options = { version: "TLSv1.2", extendedMasterSecret: false } as const;
  using first = await connected(engine, options);
  assert.deepEqual(first.server.facts.bindings, ["tls-unique", "tls-server-end-point"]);
  await first.server.write(bytes("x"));
  await first.client.read();
  using session = first.client.session();
  using second = await connected(engine, { ...options, session });
  assert.equal(second.server.facts.resumed, true);
  assert.deepEqual(second.server.facts.bindings, ["tls-server-end-point"]);
  assert.equal(second.server.facts.binding("tls-exporter"), undefined);
});

Deno.test("tls-server-end-point hashes as the certificate's signature does (RFC 5929 §4.1)", async () => {
  for (const [kind, algorithm] of [["p256", "sha256"], ["p384", "sha384"], ["pss", "sha512"]] as const) {
    const pair = await pairFor(["localhost"], kind);
    using connection = await connected(engineWith(pair));
    assert.equal(connection.server.facts.binding("tls-server-end-point")?.toHex(), digestOf(pair, algorithm), kind);
  }
});

Deno.test("a certificate signed with Ed25519 has no tls-server-end-point: there is no hash function (RFC 5929 §4.1)", async () => {
  using connection = await connected(engineWith(await pairFor(["localhost"], "ed25519")));
  assert.deepEqual(connection.server.facts.bindings, ["tls-exporter", "tls-unique"]);
  assert.equal(connection.server.facts.binding("tls-server-end-point"), undefined);
});

Deno.test("the binding's bytes are a copy each time", async () => {
  using connection = await connected(engineWith(await pairFor(["localhost"])));
  for (const type of connection.server.facts.bindings) {
    const before = connection.server.facts.binding(type)!;
    const value = before.toHex();
    before.fill(0);
    assert.equal(connection.server.facts.binding(type)?.toHex(), value);
  }
});
