import assert from "node:assert/strict";
import { createHmac, pbkdf2Sync } from "node:crypto";
import {
  deriveAllCredentials,
  deriveCredentials,
  ITERATIONS,
  madeUpSecret,
  SHA1,
  SHA256,
  unpackScramSecret,
  verifyPassword,
} from "../../auth/secrets.ts";
import { cramDigest, unpackCramSecret } from "../../auth/crammd5.ts";

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
    const secret = unpackScramSecret(credentials[hash.secret]);
    assert.ok(await verifyPassword(hash, secret, "pencil"));
    for (const wrong of ["Pencil", "pencil ", ""]) assert.ok(!await verifyPassword(hash, secret, wrong));
  }
});

Deno.test("passwords are prepared by SASLprep (RFC 4013 §3), for verifying too", async () => {
  const secret = unpackScramSecret((await deriveCredentials("I\u00adX \u2168"))["scram-sha-256"]);
  for (const same of ["IX IX", "I\u00adX \u2168", "IX\u00a0IX"]) assert.ok(await verifyPassword(SHA256, secret, same));
  assert.ok(!await verifyPassword(SHA256, secret, "ix ix"));
});

Deno.test("passwords that SASLprep forbids, and newer characters, work all the same", async () => {
  for (const password of ["tab\there", "\u0627a1", "\u{1f511}\u{1f9c0}"]) {
    const secret = unpackScramSecret((await deriveCredentials(password))["scram-sha-256"]);
    assert.ok(await verifyPassword(SHA256, secret, password));
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
