import assert from "node:assert/strict";
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { fingerprintOf } from "../../server/admin/publickey.ts";
import { selfSigned } from "../support/certificate.ts";
import { cliTest, type Place } from "./cli.ts";

const ANN = "ann@example.org";
const DONE = { code: 0, stdout: "", stderr: "" };

async function addAccounts({ roost }: Place): Promise<void> {
  await roost(["account", "add", "--batch", "-"], `${ANN}\tsecret\nbob@example.org\tsecret\n`);
}

/** Fingerprint of the public key in a certificate, by another program's reading of it. */
function expected(certificate: string): string {
  const spki = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex");
}

function der(pem: string): Uint8Array {
  return Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, "")), (character) => character.charCodeAt(0));
}

Deno.test("a key has one fingerprint in all its forms: certificate or public key, PEM, DER or base64", async () => {
  const { cert } = await selfSigned();
  const spki = new X509Certificate(cert).publicKey.export({ type: "spki", format: "pem" }) as string;
  const utf8 = (text: string) => new TextEncoder().encode(text);
  const forms = [
    utf8(cert),
    utf8(`subject=CN = localhost\n\n${cert.replaceAll("\n", "\r\n")}`),
    utf8(cert + (await selfSigned()).cert),
    der(cert),
    utf8(spki),
    der(spki),
    utf8(spki.replace(/-----[^-]+-----/g, "")),
  ];
  for (const form of forms) assert.equal(fingerprintOf(form, "x"), expected(cert));
});

Deno.test("keys of every kind: RSA, ECDSA, Ed25519", async () => {
  const kinds = [
    { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 },
    { name: "ECDSA", namedCurve: "P-384" },
    { name: "Ed25519" },
  ];
  for (const kind of kinds) {
    const { publicKey } = await crypto.subtle.generateKey(kind, true, ["sign", "verify"]) as CryptoKeyPair;
    const spki = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
    assert.equal(fingerprintOf(spki, "x"), createHash("sha256").update(spki).digest("hex"));
  }
});

Deno.test("what is no public key is refused, a private key with a warning", async () => {
  const { key } = await selfSigned();
  assert.throws(() => fingerprintOf(new TextEncoder().encode(key), "key.pem"), /key\.pem is a private key/);
  for (const text of ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN "]) {
    assert.throws(() => fingerprintOf(new TextEncoder().encode(text), "x"), /no certificate and no public key/);
  }
  assert.throws(() => fingerprintOf(new Uint8Array(100_000).fill(0x30), "x"), /no certificate/);
});

cliTest("a key's life: added, listed, removed by its beginning", async (place) => {
  const { roost, write } = place;
  await addAccounts(place);
  const { cert } = await selfSigned();
  write("certificate.pem", cert);
  assert.deepEqual(await roost(["tlskey", "add", ANN, "certificate.pem", "--name", "laptop"]), DONE);
  const other = "AB:".repeat(31) + "CD";
  assert.deepEqual(await roost(["tlskey", "add", "bob@example.org", "--fingerprint", other, "--no-preauth"]), DONE);
  const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
  const annLine = `${expected(cert)}\t${ANN}\tlaptop\tyes\t${time}\tnever\n`;
  const bobLine = `${"ab".repeat(31)}cd\tbob@example.org\t-\tno\t${time}\tnever\n`;
  assert.match((await roost(["tlskey", "list"])).stdout, new RegExp(`^${annLine}${bobLine}$`));
  assert.match((await roost(["tlskey", "list", "BOB@example.org"])).stdout, new RegExp(`^${bobLine}$`));
  const [{ created, ...listed }] = JSON.parse((await roost(["tlskey", "list", ANN, "--json"])).stdout);
  assert.deepEqual(listed, {
    fingerprint: expected(cert),
    account: ANN,
    name: "laptop",
    preauth: true,
    lastUsed: null,
    lastRemote: null,
  });
  assert.match(created, new RegExp(`^${time}$`));
  assert.deepEqual(await roost(["tlskey", "remove", expected(cert).slice(0, 8)]), DONE);
  assert.match((await roost(["tlskey", "list"])).stdout, new RegExp(`^${bobLine}$`));
});

cliTest("a key from standard input", async (place) => {
  await addAccounts(place);
  const { cert } = await selfSigned();
  assert.deepEqual(await place.roost(["tlskey", "add", ANN, "-"], cert), DONE);
  assert.ok((await place.roost(["tlskey", "list"])).stdout.startsWith(expected(cert)));
});

cliTest("a key that cannot be added or removed is refused in one line", async (place) => {
  const { roost, write } = place;
  await addAccounts(place);
  write("text", "hello");
  const hex = (digit: string) => digit.repeat(63);
  for (const digit of ["1", "2"]) await roost(["tlskey", "add", ANN, "--fingerprint", `${hex("a")}${digit}`]);
  const wrong: [string[], number, RegExp][] = [
    [["add", ANN], 2, /which key\?/],
    [["add", ANN, "text", "--fingerprint", `${hex("b")}1`], 2, /which key\?/],
    [["add", ANN, "text"], 1, /text is no certificate/],
    [["add", ANN, "missing"], 1, /missing cannot be read/],
    [["add", ANN, "--fingerprint", "abc"], 2, /64 hexadecimal digits/],
    [["add", ANN, "--fingerprint", `${hex("b")}1`, "--name", "a\nb"], 2, /one line of text/],
    [["add", "bob@example.org", "--fingerprint", `${hex("a")}1`], 1, /is registered already/],
    [["add", "nobody", "--fingerprint", `${hex("b")}1`], 1, /there is no account nobody/],
    [["remove", hex("a")], 1, /2 keys begin with/],
    [["remove", hex("b")], 1, /there is no key/],
    [["remove", "aaaa"], 2, /at least the first 8/],
    [["remove", "'; DROP TABLE"], 2, /hexadecimal digits/],
  ];
  for (const [args, expected, message] of wrong) {
    const { code, stdout, stderr } = await roost(["tlskey", ...args]);
    assert.equal(code, expected, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, message);
    assert.equal(stderr.trimEnd().split("\n").length, 1);
  }
  assert.equal((await roost(["tlskey", "list"])).stdout.split("\n").length, 3);
});

cliTest("generate writes a key, its certificate and both for phones, and registers the key", async (place) => {
  const { roost, directory } = place;
  await addAccounts(place);
  const made = await roost(["tlskey", "generate", "ANN@example.org", "--out", "phone", "--name", "Ann's phone"]);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^[a-z2-7]{16}\n$/);
  const read = (file: string) => Deno.readTextFileSync(`${directory}/phone/${file}`);
  const certificate = new X509Certificate(read("certificate.pem"));
  assert.equal(certificate.subject, `CN=${ANN}`);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(read("key.pem"))));
  assert.ok(certificate.verify(createPublicKey(read("certificate.pem"))));
  assert.ok(Date.parse(certificate.validTo) > Date.now() + 19 * 365 * 86_400_000);
  const mode = (file: string) => Deno.statSync(`${directory}/phone/${file}`).mode! & 0o777;
  assert.deepEqual([mode("key.pem"), mode("certificate.p12"), mode(".")], [0o600, 0o600, 0o700]);
  const [key] = JSON.parse((await roost(["tlskey", "list", "--json"])).stdout);
  assert.deepEqual([key.fingerprint, key.account, key.name, key.preauth], [
    expected(read("certificate.pem")),
    ANN,
    "Ann's phone",
    true,
  ]);
});

cliTest("generate overwrites nothing, and leaves nothing when it fails", async (place) => {
  const { roost, directory, write } = place;
  await addAccounts(place);
  write("certificate.p12", "mine");
  const { code, stdout, stderr } = await roost(["tlskey", "generate", ANN]);
  assert.deepEqual([code, stdout, stderr], [1, "", "roost: certificate.p12 is there already\n"]);
  assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name).sort(), ["certificate.p12", "data"]);
  assert.equal(Deno.readTextFileSync(`${directory}/certificate.p12`), "mine");
  assert.equal((await roost(["tlskey", "list"])).stdout, "");
  assert.match((await roost(["tlskey", "generate", "nobody"])).stderr, /there is no account nobody/);
});
