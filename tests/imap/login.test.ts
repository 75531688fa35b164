import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { protocolTest, type TestClient } from "../support/protocol.ts";

protocolTest("LOGIN with quoted strings and literals (RFC 9051 §6.2.3)", async (t) => {
  await t.account();
  const one = await t.connect();
  await one.exchange(`
    C: a LOGIN "alice@example.org" "secret"
    S: a OK [CAPABILITY ...] ...
  `);
  const two = await t.connect();
  await two.exchange(`
    C: a LOGIN {17}
    S: + ...
    C: alice@example.org {6}
    S: + ...
    C: secret
    S: a OK ...
  `);
});

protocolTest("a wrong password and an unknown user are answered alike (RFC 5530)", async (t) => {
  await t.account();
  const client = await t.connect();
  const [wrong] = await client.command("LOGIN alice@example.org wrong");
  const [unknown] = await client.command("LOGIN nobody@example.org wrong");
  assert.match(wrong, /^t1 NO \[AUTHENTICATIONFAILED\] /);
  assert.equal(unknown.replace("t2", "t1"), wrong);
});

protocolTest("a disabled account gets its message after the right password only", async (t) => {
  const { id } = await t.account();
  await t.store.directory.setDisabled(id, "moved to example.net");
  const client = await t.connect();
  const [wrong] = await client.command("LOGIN alice@example.org wrong");
  assert.match(wrong, /NO \[AUTHENTICATIONFAILED\]/);
  const [right] = await client.command("LOGIN alice@example.org secret");
  assert.match(right, /NO \[CONTACTADMIN\] .*moved to example\.net/);
});

protocolTest("no password in clear text where it is not allowed (RFC 9051 §6.2.3 LOGINDISABLED)", async (t) => {
  await t.account();
  const client = await t.connect({ cleartextLogin: false });
  assert.match(client.greeting, /LOGINDISABLED/);
  assert.doesNotMatch(client.greeting, /AUTH=PLAIN/);
  await client.exchange(`
    C: a LOGIN alice@example.org secret
    S: a NO [PRIVACYREQUIRED] ...
    C: b AUTHENTICATE PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==
    S: b NO [PRIVACYREQUIRED] ...
  `);
});

protocolTest("AUTHENTICATE PLAIN with and without initial response (RFC 4616, SASL-IR: RFC 4959)", async (t) => {
  await t.account();
  const message = Buffer.from("\0alice@example.org\0secret").toString("base64");
  const one = await t.connect();
  await one.exchange(`
    C: a AUTHENTICATE PLAIN ${message}
    S: a OK [CAPABILITY ...] ...
  `);
  const two = await t.connect();
  await two.exchange(`
    C: a AUTHENTICATE PLAIN
    S: + ...
    C: ${message}
    S: a OK [CAPABILITY ...] ...
  `);
});

protocolTest("AUTHENTICATE: given up, wrong base64, unknown mechanism (RFC 9051 §6.2.2)", async (t) => {
  const client = await t.connect();
  await client.exchange(`
    C: a AUTHENTICATE PLAIN
    S: + ...
    C: *
    S: a BAD authentication given up
    C: b AUTHENTICATE PLAIN
    S: + ...
    C: =not base64=
    S: b BAD invalid base64
    C: c AUTHENTICATE KERBEROS_V4
    S: c NO ...
  `);
});

protocolTest("AUTHENTICATE CRAM-MD5 (RFC 2195)", async (t) => {
  await t.account();
  const client = await t.connect();
  await client.send("a AUTHENTICATE CRAM-MD5\r\n");
  const challenge = Buffer.from((await client.line()).slice(2), "base64");
  const digest = createHmac("md5", "secret").update(challenge).digest("hex");
  await client.send(`${Buffer.from(`alice@example.org ${digest}`).toString("base64")}\r\n`);
  assert.match(await client.line(), /^a OK/);
});

async function scram(client: TestClient, hash: "sha256" | "sha1", password: string): Promise<string> {
  const name = hash === "sha256" ? "SCRAM-SHA-256" : "SCRAM-SHA-1";
  const bare = "n=alice@example.org,r=clientnonce";
  await client.send(`a AUTHENTICATE ${name} ${Buffer.from(`n,,${bare}`).toString("base64")}\r\n`);
  const first = Buffer.from((await client.line()).slice(2), "base64").toString();
  const { r, s, i } = Object.fromEntries(first.split(",").map((field) => [field[0], field.slice(2)]));
  assert(r.startsWith("clientnonce"));
  const length = hash === "sha256" ? 32 : 20;
  const salted = pbkdf2Sync(password, Buffer.from(s, "base64"), Number(i), length, hash);
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  const clientKey = hmac(salted, "Client Key");
  const withoutProof = `c=biws,r=${r}`;
  const message = `${bare},${first},${withoutProof}`;
  const signature = hmac(createHash(hash).update(clientKey).digest(), message);
  const proof = Buffer.from(clientKey.map((byte, at) => byte ^ signature[at])).toString("base64");
  await client.send(`${Buffer.from(`${withoutProof},p=${proof}`).toString("base64")}\r\n`);
  const answer = await client.line();
  if (!answer.startsWith("+ ")) return answer;
  const final = Buffer.from(answer.slice(2), "base64").toString();
  assert.equal(final, `v=${hmac(hmac(salted, "Server Key"), message).toString("base64")}`);
  await client.send("\r\n");
  return await client.line();
}

for (const hash of ["sha256", "sha1"] as const) {
  protocolTest(`AUTHENTICATE SCRAM with ${hash} proves both sides (RFC 5802 §3)`, async (t) => {
    await t.account();
    assert.match(await scram(await t.connect(), hash, "secret"), /^a OK \[CAPABILITY/);
    assert.match(await scram(await t.connect(), hash, "wrong"), /^a NO \[AUTHENTICATIONFAILED\]/);
  });
}

protocolTest("too many sessions of one account from one address", async (t) => {
  await t.login();
  await t.login();
  const third = await t.connect();
  await third.send("a LOGIN alice@example.org secret\r\n");
  assert.match(await third.line(), /^\* BYE \[LIMIT\]/);
}, { config: { limits: { connectionsPerAccount: 2 } } });
