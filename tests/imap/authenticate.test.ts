import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { protocolTest, type TestClient, TestServer } from "../support/protocol.ts";
import { tlsClient } from "../auth/testing.ts";
import { Issuer } from "../auth/oauth/issuer.ts";

const b64 = (text: string) => Buffer.from(text).toString("base64");
const EXPORTED = Buffer.from("exported");
const KEY = "ab".repeat(32);

/** What a TLS connection says of itself. */
const bound = tlsClient({ "tls-exporter": EXPORTED }).tls!;
const keyed = tlsClient({}, { clientKey: KEY }).tls!;

protocolTest("-PLUS is announced where the connection can be bound, EXTERNAL where a key was shown", async (t) => {
  const words = async (tls?: typeof bound) => (await t.connect({ tls, secure: true })).greeting.match(/AUTH=[\w-]+/g);
  assert.deepEqual((await words(bound))?.slice(0, 2), ["AUTH=SCRAM-SHA-256-PLUS", "AUTH=SCRAM-SHA-1-PLUS"]);
  for (const tls of [keyed, undefined]) assert.ok(!(await words(tls))?.some((word) => word.endsWith("-PLUS")));
  assert.ok((await words(keyed))?.includes("AUTH=EXTERNAL"));
  assert.ok(!(await words(bound))?.includes("AUTH=EXTERNAL"));
});

/** SCRAM-SHA-256-PLUS up to its tagged answer. */
async function scramPlus(client: TestClient, binding: Uint8Array): Promise<string> {
  const [header, bare] = ["p=tls-exporter,,", "n=alice@example.org,r=abc"];
  await client.send(`a AUTHENTICATE SCRAM-SHA-256-PLUS ${b64(header + bare)}\r\n`);
  const first = Buffer.from((await client.line()).slice(2), "base64").toString();
  const [, r, s, i] = /^r=(.+),s=(.+),i=(\d+)$/.exec(first)!;
  const hmac = (key: Uint8Array, text: string) => createHmac("sha256", key).update(text).digest();
  const clientKey = hmac(pbkdf2Sync("secret", Buffer.from(s, "base64"), Number(i), 32, "sha256"), "Client Key");
  const withoutProof = `c=${Buffer.concat([Buffer.from(header), binding]).toString("base64")},r=${r}`;
  const signature = hmac(createHash("sha256").update(clientKey).digest(), `${bare},${first},${withoutProof}`);
  const proof = Buffer.from(clientKey.map((byte, at) => byte ^ signature[at])).toString("base64");
  await client.send(`${b64(`${withoutProof},p=${proof}`)}\r\n`);
  const answer = await client.line();
  if (!answer.startsWith("+ ")) return answer;
  await client.send("\r\n");
  return await client.line();
}

protocolTest(
  "SCRAM-SHA-256-PLUS: the same channel is let in, another is told so in the tagged NO (RFC 5802 §6)",
  async (t) => {
    await t.account();
    assert.match(await scramPlus(await t.connect({ tls: bound }), EXPORTED), /^a OK \[CAPABILITY /);
    const between = await scramPlus(await t.connect({ tls: bound }), Buffer.from("another"));
    assert.match(between, /^a NO \[AUTHENTICATIONFAILED\] SCRAM channel-bindings-dont-match/);
  },
);

protocolTest(
  "SCRAM: y where -PLUS is offered is refused by NO, a message that is none by BAD (RFC 5802 §6)",
  async (t) => {
    await t.account();
    const client = await t.connect({ tls: bound });
    await client.exchange(`
    C: a AUTHENTICATE SCRAM-SHA-256 ${b64("y,,n=alice@example.org,r=abc")}
    S: a NO [AUTHENTICATIONFAILED] SCRAM server-does-support-channel-binding...
    C: b AUTHENTICATE SCRAM-SHA-256 ${b64("q,,n=alice@example.org,r=abc")}
    S: b BAD ...
  `);
  },
);

protocolTest("AUTHENTICATE LOGIN asks twice (draft-murchison-sasl-login)", async (t) => {
  await t.account();
  const client = await t.connect();
  await client.exchange(`
    C: a AUTHENTICATE LOGIN
    S: + ${b64("Username:")}
    C: ${b64("alice@example.org")}
    S: + ${b64("Password:")}
    C: ${b64("wrong")}
    S: a NO [AUTHENTICATIONFAILED] ...
    C: b AUTHENTICATE LOGIN ${b64("alice@example.org")}
    S: + ${b64("Password:")}
    C: ${b64("secret")}
    S: b OK [CAPABILITY ...] ...
  `);
  const clear = await t.connect({ cleartextLogin: false });
  assert.doesNotMatch(clear.greeting, /AUTH=LOGIN/);
  await clear.exchange(`
    C: a AUTHENTICATE LOGIN
    S: a NO [PRIVACYREQUIRED] ...
  `);
});

protocolTest("nobody acts for another: AUTHORIZATIONFAILED behind the right password only (RFC 5530 §3)", async (t) => {
  await t.account();
  await t.account("bob@example.org");
  const client = await t.connect();
  await client.exchange(`
    C: a AUTHENTICATE PLAIN ${b64("bob@example.org\0alice@example.org\0secret")}
    S: a NO [AUTHORIZATIONFAILED] ...
    C: b AUTHENTICATE PLAIN ${b64("bob@example.org\0alice@example.org\0wrong")}
    S: b NO [AUTHENTICATIONFAILED] ...
  `);
});

protocolTest("AUTHENTICATE EXTERNAL (RFC 4422 appendix A)", async (t) => {
  const { id } = await t.account();
  await (await t.connect({ tls: keyed })).exchange(`
    C: a AUTHENTICATE EXTERNAL =
    S: a NO [AUTHENTICATIONFAILED] ...
  `);
  await t.store.directory.addClientKey({ account: id, fingerprint: KEY, name: "laptop", preauth: false });
  await (await t.connect({ tls: keyed })).exchange(`
    C: a AUTHENTICATE EXTERNAL ${b64("bob@example.org")}
    S: a NO [AUTHORIZATIONFAILED] ...
    C: b AUTHENTICATE EXTERNAL
    S: +...
    C: 
    S: b OK [CAPABILITY ...] ...
  `);
  await (await t.connect({ tls: bound })).exchange(`
    C: a AUTHENTICATE EXTERNAL =
    S: a NO [CANNOT] ...
  `);
});

function oauthTest(name: string, run: (server: TestServer, issuer: Issuer) => Promise<void>): void {
  Deno.test(name, async () => {
    const issuer = await Issuer.start();
    const server = await TestServer.start({
      config: { oauth: { issuer: issuer.url, audience: ["imap.example.org"], scope: "mail" } },
    });
    try {
      await server.account();
      await run(server, issuer);
    } finally {
      await server.stop();
      await issuer.stop();
    }
  });
}

const bearer = (token: string) => b64(`n,a=alice@example.org,\x01auth=Bearer ${token}\x01\x01`);
const REFUSAL = b64('{"status":"invalid_token","scope":"mail"}');

oauthTest("AUTHENTICATE OAUTHBEARER and XOAUTH2 (RFC 7628 §4)", async (t, issuer) => {
  const token = await issuer.token({ scope: "mail" });
  const client = await t.connect();
  assert.match(client.greeting, /AUTH=OAUTHBEARER AUTH=XOAUTH2/);
  await client.exchange(`
    C: a AUTHENTICATE OAUTHBEARER ${bearer(token)}
    S: a OK [CAPABILITY ...] ...
  `);
  await (await t.connect()).exchange(`
    C: a AUTHENTICATE XOAUTH2 ${b64(`user=alice@example.org\x01auth=Bearer ${token}\x01\x01`)}
    S: a OK [CAPABILITY ...] ...
  `);
  const clear = await t.connect({ cleartextLogin: false });
  await clear.exchange(`
    C: a AUTHENTICATE OAUTHBEARER ${bearer(token)}
    S: a NO [PRIVACYREQUIRED] ...
  `);
});

oauthTest("a refused token: the reason, the client's ^A, then NO (RFC 7628 §4.3)", async (t) => {
  await (await t.connect()).exchange(`
    C: a AUTHENTICATE OAUTHBEARER ${bearer("x.y.z")}
    S: + ${REFUSAL}
    C: ${b64("\x01")}
    S: a NO [AUTHENTICATIONFAILED] ...
    C: b AUTHENTICATE XOAUTH2 ${b64("user=alice@example.org\x01auth=Bearer x\x01\x01")}
    S: + ${b64('{"status":"401","schemes":"bearer","scope":"mail"}')}
    C: 
    S: b NO [AUTHENTICATIONFAILED] ...
  `);
});

oauthTest(
  "who gives up on hearing the reason is answered BAD, and has failed all the same (RFC 9051 §6.2.2)",
  async (t) => {
    await (await t.connect()).exchange(`
    C: a AUTHENTICATE OAUTHBEARER ${bearer("x.y.z")}
    S: + ${REFUSAL}
    C: *
    S: a BAD ...
    C: b AUTHENTICATE OAUTHBEARER ${bearer("x.y.z")}
    S: + ${REFUSAL}
    C: no base64
    S: b BAD ...
  `);
    await t.context.attempts.close();
    const [group] = await t.store.directory.attempts({});
    assert.deepEqual([group.result, group.count, group.user], ["credentials", 2, "alice@example.org"]);
  },
);

oauthTest("while the issuer cannot be asked: UNAVAILABLE (RFC 5530 §3)", async (t, issuer) => {
  issuer.instead.set("/keys", () => new Response("down", { status: 503 }));
  await (await t.connect()).exchange(`
    C: a AUTHENTICATE OAUTHBEARER ${bearer(await issuer.token())}
    S: a NO [UNAVAILABLE] ...
  `);
});
