import assert from "node:assert/strict";
import { createHmac, pbkdf2Sync } from "node:crypto";
import {
  deriveAllCredentials,
  deriveCredentials,
  ITERATIONS,
  madeUpSecret,
  matchingSecret,
  saltsOf,
  type ScramHash,
  SHA1,
  SHA256,
  unpackScramSecret,
} from "../../auth/secrets.ts";
import { cramDigest, unpackCramSecret } from "../../auth/crammd5.ts";

/** Whether the password is the one that a secret was made of. */
async function fits(hash: ScramHash, secret: string, password: string): Promise<boolean> {
  return await matchingSecret(hash, [{ secret, admits: true }], password) !== undefined;
}

Deno.test("a new password has a secret for each mechanism, and stands in none", async () => {
  const credentials = await deriveCredentials("correct horse");
  assert.deepEqual(Object.keys(credentials), ["scram-sha-256", "scram-sha-1", "cram-md5"]);
  assert.ok(!JSON.stringify(credentials).includes("correct horse"));
});

Deno.test("SCRAM secrets: PBKDF2 with at least 4096 rounds (RFC 7677 §4), 16 bytes of salt, never the same twice", async () => {
  const [one, two] = await deriveAllCredentials(["pencil", "pencil"]);
  const secret = unpackScramSecret(one["scram-sha-256"]);
  assert.ok(secret.iterations >= 4096);
  assert.equal(secret.salt.length, 16);
  assert.notDeepEqual(unpackScramSecret(two["scram-sha-256"]).salt, secret.salt);
  const salted = pbkdf2Sync("pencil", secret.salt, secret.iterations, 32, "sha256");
  assert.deepEqual(secret.serverKey, new Uint8Array(createHmac("sha256", salted).update("Server Key").digest()));
});

Deno.test("a password is verified for both hashes", async () => {
  const credentials = await deriveCredentials("pencil");
  for (const hash of [SHA256, SHA1]) {
    const secret = credentials[hash.secret];
    assert.ok(await fits(hash, secret, "pencil"));
    for (const wrong of ["Pencil", "pencil ", ""]) assert.ok(!await fits(hash, secret, wrong));
  }
});

Deno.test("passwords are prepared by SASLprep (RFC 4013 §3), for verifying too", async () => {
  const secret = (await deriveCredentials("I\u00adX \u2168"))["scram-sha-256"];
  for (const same of ["IX IX", "I\u00adX \u2168", "IX\u00a0IX"]) assert.ok(await fits(SHA256, secret, same));
  assert.ok(!await fits(SHA256, secret, "ix ix"));
});

Deno.test("passwords that SASLprep forbids, and newer characters, work all the same", async () => {
  for (const password of ["tab\there", "\u0627a1", "\u{1f511}\u{1f9c0}"]) {
    const secret = (await deriveCredentials(password))["scram-sha-256"];
    assert.ok(await fits(SHA256, secret, password));
  }
});

Deno.test("a password that nobody could log in with is refused", async () => {
  for (const password of ["", "a\0b", "x".repeat(1001)]) {
    await assert.rejects(deriveCredentials(password), RangeError);
  }
});

Deno.test("many passwords keep their order", async () => {
  const passwords = Array.from({ length: 5 }, (_, i) => `password ${i}`);
  const derived = await deriveAllCredentials(passwords);
  const message = new TextEncoder().encode("<1@x>");
  passwords.forEach((password, i) => {
    const digest = cramDigest(unpackCramSecret(derived[i]["cram-md5"]), message);
    assert.deepEqual(digest, new Uint8Array(createHmac("md5", password).update(message).digest()));
  });
  assert.deepEqual(await deriveAllCredentials([]), []);
});

Deno.test("an unknown user's secret looks like a real one and is the same each time", async () => {
  const real = await deriveCredentials("pencil");
  for (const mechanism of ["scram-sha-256", "scram-sha-1", "cram-md5"] as const) {
    const made = madeUpSecret("key", mechanism, "nobody");
    assert.equal(made, madeUpSecret("key", mechanism, "nobody"));
    assert.notEqual(made, madeUpSecret("key", mechanism, "nobody2"));
    assert.notEqual(made, madeUpSecret("key2", mechanism, "nobody"));
    assert.equal(made.length, real[mechanism].length);
  }
  assert.equal(unpackScramSecret(madeUpSecret("key", "scram-sha-1", "x".repeat(100_000))).iterations, ITERATIONS);
});

Deno.test("passwords that share salts and iterations, for each hash", async () => {
  const first = await deriveCredentials("one");
  const salts = saltsOf(first);
  const second = await deriveCredentials("two", { salts });
  assert.deepEqual(saltsOf(second), salts);
  for (const name of ["scram-sha-256", "scram-sha-1"]) {
    const [one, two] = [unpackScramSecret(first[name]), unpackScramSecret(second[name])];
    assert.deepEqual([one.salt, one.iterations], [two.salt, two.iterations]);
    assert.notDeepEqual(one.storedKey, two.storedKey);
  }
  assert.equal(saltsOf({ "cram-md5": first["cram-md5"] }), undefined);
});

Deno.test("among several secrets the one that fits is found, and one that does not admit is as none", async () => {
  const salts = saltsOf(await deriveCredentials("any"));
  const secrets = await Promise.all(["one", "two", "three"].map((password) => deriveCredentials(password, { salts })));
  const candidates = secrets.map((secret, at) => ({ secret: secret["scram-sha-256"], admits: at !== 1 }));
  assert.equal(await matchingSecret(SHA256, candidates, "three"), candidates[2]);
  assert.equal(await matchingSecret(SHA256, candidates, "one"), candidates[0]);
  assert.equal(await matchingSecret(SHA256, candidates, "two"), undefined);
});
