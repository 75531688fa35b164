import assert from "node:assert/strict";
import { ALICE, authTest, bytes, challenge, client, LIMITS, PASSWORD, refused } from "./testing.ts";
import { scramClient, scramLogin, tlsClient } from "./testing.ts";

const EXPORTED = bytes("what both ends exported, 32 byte");
const FINISHED = bytes("finished 12b");
const CERTIFICATE = bytes("hash of the server's certificate");

const channel = tlsClient({ "tls-exporter": EXPORTED, "tls-server-end-point": CERTIFICATE });
const MECHANISMS = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"];

for (const mechanism of MECHANISMS) {
  authTest(
    `${mechanism} binds by each type that the connection has (RFC 5802 §6, RFC 9266, RFC 5929)`,
    async ({ auth }) => {
      const old = tlsClient({ "tls-unique": FINISHED, "tls-server-end-point": CERTIFICATE }, { version: "TLSv1.2" });
      for (
        const [client, type, binding] of [
          [channel, "tls-exporter", EXPORTED],
          [channel, "tls-server-end-point", CERTIFICATE],
          [old, "tls-unique", FINISHED],
        ] as const
      ) {
        const login = await scramLogin(auth, { mechanism, header: `p=${type},,`, binding, client });
        assert.equal(login.account.address, ALICE);
      }
    },
  );

  authTest(`${mechanism} with somebody in between: refused, and counted as a failed login`, async ({ auth, slept }) => {
    const login = () =>
      scramLogin(auth, { mechanism, header: "p=tls-exporter,,", binding: bytes("another"), client: channel });
    for (let i = 0; i < 3; i++) await refused(login(), "binding", /channel-bindings-dont-match/);
    assert.deepEqual(slept, [1000]);
    for (let i = 3; i < LIMITS.failuresPerMinute; i++) await refused(login(), "binding");
    await refused(login(), "throttled");
  });
}

authTest("binding data of one type is none of another, nor longer, shorter or missing", async ({ auth }) => {
  const wrong = [CERTIFICATE, EXPORTED.subarray(1), Uint8Array.of(...EXPORTED, 0), new Uint8Array()];
  for (const binding of wrong) {
    const options = { mechanism: "SCRAM-SHA-256-PLUS", header: "p=tls-exporter,,", binding };
    await refused(scramLogin(auth, { ...options, client: { ...channel, remote: "local" } }), "binding");
  }
});

authTest("the wrong channel is told before the wrong password, for somebody and nobody alike", async ({ auth }) => {
  const words = async (user: string, password: string) =>
    await scramLogin(auth, {
      mechanism: "SCRAM-SHA-256-PLUS",
      ...{ user, password, header: "p=tls-exporter,,", binding: bytes("another") },
      client: { ...channel, remote: "local" },
    }).then(() => assert.fail("let in"), (error) => `${error.kind} ${error.message}`);
  const told = await words(ALICE, PASSWORD);
  assert.equal(await words(ALICE, "wrong"), told);
  assert.equal(await words("nobody", "wrong"), told);
});

authTest("y where -PLUS is announced: somebody took the offer away (RFC 5802 §6)", async ({ auth, slept }) => {
  for (const mechanism of [...MECHANISMS, "SCRAM-SHA-256", "SCRAM-SHA-1"]) {
    const work = auth.begin(mechanism, channel)!.next(bytes(`y,,n=${ALICE},r=x`));
    await refused(work, "binding", /server-does-support-channel-binding/);
  }
  assert.deepEqual(slept, []);
});

authTest("n where -PLUS is announced: a client that cannot bind logs in without (RFC 5802 §6)", async ({ auth }) => {
  assert.ok(await scramLogin(auth, { client: channel }));
});

authTest("types that there are not, or not on this connection (RFC 5802 §7)", async ({ auth }) => {
  for (const type of ["tls-unique", "tls-server-end-poin", "TLS-EXPORTER", "constructor", "x"]) {
    const work = auth.begin("SCRAM-SHA-256-PLUS", channel)!.next(bytes(`p=${type},,n=${ALICE},r=x`));
    await refused(work, "binding", /unsupported-channel-binding-type/);
  }
});

authTest("p= binds under the name without -PLUS too, as Cyrus SASL does it (RFC 5802 §6)", async ({ auth }) => {
  for (const mechanism of ["SCRAM-SHA-256", "SCRAM-SHA-1"]) {
    const options = { mechanism, header: "p=tls-exporter,,", client: channel };
    assert.ok(await scramLogin(auth, { ...options, binding: EXPORTED }));
    await refused(scramLogin(auth, { ...options, binding: bytes("another") }), "binding");
  }
});

authTest("-PLUS without p=, and p= without a type (RFC 5802 §6)", async ({ auth }) => {
  await refused(
    auth.begin("SCRAM-SHA-256-PLUS", channel)!.next(bytes(`n,,n=${ALICE},r=x`)),
    "malformed",
    /other-error/,
  );
  for (const flag of ["p=", "p", "p=a b", "p=tls_exporter", "P=tls-exporter"]) {
    await refused(auth.begin("SCRAM-SHA-256-PLUS", channel)!.next(bytes(`${flag},,n=${ALICE},r=x`)), "malformed");
  }
});

authTest("no -PLUS where nothing can be bound: in clear, or by an engine that cannot", async ({ auth }) => {
  for (const name of MECHANISMS) {
    assert.equal(auth.begin(name, client), undefined);
    assert.equal(auth.begin(name, tlsClient({})), undefined);
  }
});

authTest(
  "a proof made for one channel is none for another, whatever the header says (RFC 5802 §6)",
  async ({ auth }) => {
    // Who sits in between knows both channels' data and may rewrite all but what the proof covers.
    const exchange = auth.begin("SCRAM-SHA-256-PLUS", channel)!;
    const [header, bare] = ["p=tls-exporter,,", `n=${ALICE},r=abcdef`];
    const serverFirst = await challenge(exchange, header + bare);
    const victim = scramClient("sha256", PASSWORD, header, bare, serverFirst, bytes("the other channel"));
    const forged = scramClient("sha256", "unknown", header, bare, serverFirst, EXPORTED);
    await refused(exchange.next(bytes(`${forged.withoutProof},p=${victim.proof}`)), "credentials");
  },
);

authTest("a proof of SCRAM-SHA-256 without binding is none for -PLUS", async ({ auth }) => {
  const exchange = auth.begin("SCRAM-SHA-256-PLUS", channel)!;
  const bare = `n=${ALICE},r=abcdef`;
  const serverFirst = await challenge(exchange, `p=tls-exporter,,${bare}`);
  const { final } = scramClient("sha256", PASSWORD, "n,,", bare, serverFirst);
  await refused(exchange.next(bytes(final)), "binding");
});
