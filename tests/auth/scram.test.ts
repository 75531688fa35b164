import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { CredentialUse } from "../../auth/credentialuse.ts";
import { Gate } from "../../auth/gate.ts";
import { Turns } from "../../auth/turns.ts";
import { RecentPasswords } from "../../auth/recent.ts";
import { scramMechanism } from "../../auth/scram.ts";
import { deriveCredentials, type ScramHash, SHA1, SHA256 } from "../../auth/secrets.ts";
import { Throttle } from "../../auth/throttle.ts";
import type { Directory } from "../../store/store.ts";
import { ALICE, authTest, bytes, challenge, client, LIMITS, PASSWORD, refused, scramClient } from "./testing.ts";

/** An exchange with "user", whose password is "pencil", with the RFC's salt and nonce. */
async function example(directory: Directory, hash: ScramHash, salt: string, serverNonce: string) {
  const kept = { salt: new Uint8Array(Buffer.from(salt, "base64")), iterations: 4096 };
  const credentials = await deriveCredentials("pencil", { salts: { "scram-sha-256": kept, "scram-sha-1": kept } });
  const [account] = await directory.add([{ address: "user", credentials }]);
  const gate = new Gate(client, {
    directory,
    throttle: new Throttle(LIMITS),
    recent: new RecentPasswords(),
    derivations: new Turns(1),
    uses: new CredentialUse(directory, () => 0),
    secret: async () => "secret",
    sleep: async () => {},
  });
  return { exchange: { ...scramMechanism(gate, { hash, plus: false, serverNonce }), tried: {} }, account };
}

authTest("the example exchange of SCRAM-SHA-1 (RFC 5802 §5)", async ({ directory }) => {
  const { exchange, account } = await example(directory, SHA1, "QSXCR+Q6sek8bf92", "3rfcNHYJY1ZVvWVs7j");
  assert.equal(
    await challenge(exchange, "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"),
    "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
  );
  assert.deepEqual(
    await exchange.next(bytes("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")),
    { done: true, login: { account, appPassword: undefined }, data: bytes("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=") },
  );
});

authTest("the example exchange of SCRAM-SHA-256 (RFC 7677 §3)", async ({ directory }) => {
  const { exchange, account } = await example(
    directory,
    SHA256,
    "W22ZaJ0SNY7soEsUEjb6gQ==",
    "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
  );
  assert.equal(
    await challenge(exchange, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"),
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  );
  const final =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
  assert.deepEqual(await exchange.next(bytes(final)), {
    done: true,
    login: { account, appPassword: undefined },
    data: bytes("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="),
  });
});

for (const [mechanism, hash] of [["SCRAM-SHA-256", "sha256"], ["SCRAM-SHA-1", "sha1"]] as const) {
  authTest(`${mechanism} logs in, and the server proves itself (RFC 5802 §3)`, async ({ auth }) => {
    const exchange = auth.begin(mechanism, client)!;
    assert.equal(await challenge(exchange), "");
    const bare = `n=${ALICE},r=abcdef`;
    const answer = scramClient(hash, PASSWORD, "n,,", bare, await challenge(exchange, `n,,${bare}`));
    const step = await exchange.next(bytes(answer.final));
    assert.ok(step.done);
    assert.equal(step.login.account.address, ALICE);
    assert.equal(new TextDecoder().decode(step.data), answer.verifier);
  });

  authTest(`${mechanism} refuses a wrong password and an unknown user alike`, async ({ auth }) => {
    for (const [user, password] of [[ALICE, "pencil2"], ["bob@example.org", PASSWORD]]) {
      const exchange = auth.begin(mechanism, client)!;
      const bare = `n=${user},r=abcdef`;
      const { final } = scramClient(hash, password, "n,,", bare, await challenge(exchange, `n,,${bare}`));
      await refused(exchange.next(bytes(final)), "credentials");
    }
  });
}

authTest("a client that could bind channels but sees no -PLUS says y (RFC 5802 §6)", async ({ auth }) => {
  const exchange = auth.begin("scram-sha-256", client)!;
  const bare = `n=${ALICE},r=abcdef`;
  const { final } = scramClient("sha256", PASSWORD, "y,,", bare, await challenge(exchange, `y,,${bare}`));
  assert.ok((await exchange.next(bytes(final))).done);
});

authTest("the header that the proof covers must be the one that was sent (RFC 5802 §5.1, c)", async ({ auth }) => {
  const exchange = auth.begin("SCRAM-SHA-256", client)!;
  const bare = `n=${ALICE},r=abcdef`;
  const { final } = scramClient("sha256", PASSWORD, "n,,", bare, await challenge(exchange, `y,,${bare}`));
  await refused(exchange.next(bytes(final)), "binding", /channel-bindings-dont-match/);
});

authTest("channel binding is refused where no -PLUS is announced (RFC 5802 §6)", async ({ auth }) => {
  const exchange = auth.begin("SCRAM-SHA-256", client)!;
  await refused(exchange.next(bytes(`p=tls-exporter,,n=${ALICE},r=x`)), "malformed", /channel-binding-not-supported/);
});

authTest("the nonce must come back whole (RFC 5802 §5.1, r)", async ({ auth }) => {
  for (const change of [(nonce: string) => nonce.slice(0, -1), (nonce: string) => `${nonce}x`, () => "abcdef"]) {
    const exchange = auth.begin("SCRAM-SHA-256", client)!;
    const serverFirst = await challenge(exchange, `n,,n=${ALICE},r=abcdef`);
    const nonce = /^r=([^,]+)/.exec(serverFirst)![1];
    assert.ok(nonce.startsWith("abcdef") && nonce.length >= "abcdef".length + 24);
    await refused(exchange.next(bytes(`c=biws,r=${change(nonce)},p=${"A".repeat(43)}=`)), "malformed");
  }
});

authTest("commas and equals signs in user names (RFC 5802 §5.1, n)", async ({ auth, directory }) => {
  const account = (await directory.find(ALICE))!;
  await directory.add([{ address: "a=b,c", credentials: await directory.credentials(account.id) }]);
  const exchange = auth.begin("SCRAM-SHA-256", client)!;
  const bare = "n=a=3Db=2Cc,r=abcdef";
  const { final } = scramClient("sha256", PASSWORD, "n,,", bare, await challenge(exchange, `n,,${bare}`));
  const step = await exchange.next(bytes(final));
  assert.ok(step.done && step.login.account.address === "a=b,c");
});

authTest("acting for another is refused, for oneself is not (RFC 5802 §5.1, a)", async ({ auth }) => {
  for (const [authzid, allowed] of [[ALICE, true], ["bob@example.org", false]] as const) {
    const exchange = auth.begin("SCRAM-SHA-256", client)!;
    const [header, bare] = [`n,a=${authzid},`, `n=${ALICE},r=abcdef`];
    const { final } = scramClient("sha256", PASSWORD, header, bare, await challenge(exchange, header + bare));
    if (allowed) assert.ok((await exchange.next(bytes(final))).done);
    else await refused(exchange.next(bytes(final)), "authorization");
  }
});

authTest(
  "extensions that the client adds are covered by the proof and otherwise ignored (RFC 5802 §5.1)",
  async ({ auth }) => {
    const exchange = auth.begin("SCRAM-SHA-256", client)!;
    const bare = `n=${ALICE},r=abcdef,x=extra`;
    const { final } = scramClient("sha256", PASSWORD, "n,,", bare, await challenge(exchange, `n,,${bare}`));
    assert.ok((await exchange.next(bytes(final))).done);
  },
);

authTest("an unknown user is shown the same salt each time, and another than anybody else", async ({ auth }) => {
  const salt = async (user: string) =>
    (await challenge(auth.begin("SCRAM-SHA-256", client)!, `n,,n=${user},r=abc`)).replace(/^r=[^,]+,/, "");
  assert.equal(await salt("nobody"), await salt("NOBODY"));
  assert.notEqual(await salt("nobody"), await salt("somebody"));
  assert.equal((await salt("nobody")).length, (await salt(ALICE)).length);
});

authTest("first messages that are none (RFC 5802 §7)", async ({ auth }) => {
  const wrong = {
    "": /other-error/,
    "n": /other-error/,
    "n,,": /other-error/,
    "n,,n=a": /other-error/,
    "n,,r=x,n=a": /other-error/,
    "n,,n=,r=x": /invalid-username-encoding/,
    "n,,n=a=2c,r=x": /invalid-username-encoding/,
    "n,,n=a=,r=x": /invalid-username-encoding/,
    "n,,n=a\0,r=x": /invalid-username-encoding/,
    "n,,n=a,r=": /other-error/,
    "n,,n=a,r=with space": /other-error/,
    "x,,n=a,r=x": /other-error/,
    "n,b,n=a,r=x": /other-error/,
    "n,,m=ext,n=a,r=x": /extensions-not-supported/,
    [`n,,n=a,r=${"x".repeat(600)}`]: /other-error/,
    [`n,,n=a,r=x,y=${"x".repeat(9000)}`]: /other-error/,
  };
  for (const [message, error] of Object.entries(wrong)) {
    await refused(auth.begin("SCRAM-SHA-256", client)!.next(bytes(message)), "malformed", error);
  }
  await refused(auth.begin("SCRAM-SHA-256", client)!.next(Uint8Array.of(0x6e, 0xff)), "malformed", /UTF-8/);
});

authTest("last messages that are none; there is no second try", async ({ auth }) => {
  for (
    const message of [
      undefined,
      "",
      "c=biws",
      "p=x",
      "c=biws,p=AAAA",
      "r=x,c=biws,p=A",
      "c=biws,r=NONCE,p=",
      "c=biws,r=NONCE,p=AAAA",
    ]
  ) {
    const exchange = auth.begin("SCRAM-SHA-256", client)!;
    const serverFirst = await challenge(exchange, `n,,n=${ALICE},r=abcdef`);
    const text = message?.replace("NONCE", /^r=([^,]+)/.exec(serverFirst)![1]);
    await refused(exchange.next(text === undefined ? undefined : bytes(text)), "malformed");
    const { final } = scramClient("sha256", PASSWORD, "n,,", `n=${ALICE},r=abcdef`, serverFirst);
    await refused(exchange.next(bytes(final)), "malformed", /over/);
  }
});
