/** Keys and app passwords made by the command line beside a running server, used by programs at once. */
import assert from "node:assert/strict";
import { clientSuite, type Scene } from "./support/suite.ts";

const imtest = "/usr/lib/cyrus/bin/imtest";
const test = clientSuite({
  name: "keys",
  programs: ["openssl", "curl", imtest],
  packages: "openssl curl cyrus-clients libsasl2-modules",
});

/** Runs the server's command line. @returns standard output, without its newline */
async function roost(scene: Scene, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await scene.server.roost(args);
  assert.equal(code, 0, stderr);
  return new TextDecoder().decode(stdout).trimEnd();
}

/** Makes a key for the account. @returns the password of certificate.p12 */
async function generate(scene: Scene, ...options: string[]): Promise<string> {
  return await roost(scene, "tlskey", "generate", scene.address, "--out", scene.directory, ...options);
}

/** What the server says to a client that shows the key, up to its farewell. */
async function speak(scene: Scene, ...commands: string[]): Promise<string> {
  const { stdout } = await scene.run("openssl", [
    ...["s_client", "-quiet", "-verify_quiet", "-connect", `127.0.0.1:${scene.server.imapsPort}`],
    ...["-cert", "certificate.pem", "-key", "key.pem", "-CAfile", scene.server.certificate],
  ], { input: [...commands, "z LOGOUT"].map((command) => `${command}\r\n`).join("") });
  return stdout;
}

function curl(scene: Scene, options: string[], codes = [0]) {
  const url = `imaps://localhost:${scene.server.imapsPort}/`;
  return scene.run("curl", ["--silent", "--show-error", "--cacert", scene.server.certificate, ...options, url], {
    codes,
  });
}

/** Logs in by SCRAM, for which curl has no library in Debian. */
async function scram(scene: Scene, password: string): Promise<void> {
  const { server, address } = scene;
  const script = await scene.file("commands", "z LOGOUT\r\n");
  const login = ["-m", "SCRAM-SHA-256", "-a", address, "-u", address, "-w", password];
  const where = ["-s", "-p", `${server.imapsPort}`, "-f", script, "127.0.0.1"];
  const { stdout } = await scene.run(imtest, [...login, ...where], { holdInput: true });
  assert.match(stdout, /^Authenticated\.$/m);
}

test("OpenSSL reads the generated PKCS#12 file without its legacy provider", async (scene) => {
  const password = await generate(scene);
  const source = ["-in", "certificate.p12", "-passin", `pass:${password}`];
  const { stdout: key } = await scene.run("openssl", ["pkcs12", ...source, "-nocerts", "-nodes"]);
  const { stdout: certificate } = await scene.run("openssl", ["pkcs12", ...source, "-nokeys"]);
  const modulus = async (kind: string, input: string) =>
    (await scene.run("openssl", [kind, "-noout", "-modulus"], { input })).stdout;
  assert.match(await modulus("rsa", key), /^Modulus=[0-9A-F]{768}\n$/);
  assert.equal(await modulus("rsa", key), await modulus("x509", certificate));
  const { stdout: shown } = await scene.run("openssl", ["x509", "-noout", "-subject", "-purpose"], {
    input: certificate,
  });
  assert.match(shown, new RegExp(`^subject=CN = ${scene.address}\n`));
  assert.match(shown, /SSL client : Yes/);
  const wrong = ["pkcs12", "-in", "certificate.p12", "-passin", "pass:wrong", "-nokeys"];
  await scene.run("openssl", wrong, { codes: [1] });
}, { roostOnly: true });

test("a generated key is logged in from the greeting on (RFC 9051 §7.1.4)", async (scene) => {
  await generate(scene);
  assert.match(await speak(scene, "a SELECT INBOX"), /^\* PREAUTH [^]*^a OK \[READ-WRITE\]/m);
  const [, account, , preauth, , used, from] = (await roost(scene, "tlskey", "list", scene.address)).split("\t");
  assert.deepEqual([account, preauth, from], [scene.address, "yes", "127.0.0.1"]);
  assert.match(used, /Z$/);
}, { roostOnly: true });

test("a key without preauth is logged in by EXTERNAL (RFC 4422 appendix A)", async (scene) => {
  await generate(scene, "--no-preauth");
  const said = await speak(scene, "a AUTHENTICATE EXTERNAL =", "b SELECT INBOX");
  assert.match(said, /^\* OK \[CAPABILITY [^\]]*AUTH=EXTERNAL[^]*^a OK [^]*^b OK \[READ-WRITE\]/m);
}, { roostOnly: true });

test("a removed key is greeted as one that nobody knows", async (scene) => {
  await generate(scene);
  assert.match(await speak(scene), /^\* PREAUTH/);
  const [fingerprint] = (await roost(scene, "tlskey", "list", scene.address)).split("\t");
  await roost(scene, "tlskey", "remove", fingerprint.slice(0, 16));
  const said = await speak(scene, "a AUTHENTICATE EXTERNAL =");
  assert.match(said, /^\* OK [^]*^a NO \[AUTHENTICATIONFAILED\]/m);
}, { roostOnly: true });

test("a key is added by its certificate, its public key or its fingerprint", async (scene) => {
  await generate(scene);
  const [fingerprint] = (await roost(scene, "tlskey", "list", scene.address)).split("\t");
  const { stdout: key } = await scene.run("openssl", ["x509", "-in", "certificate.pem", "-noout", "-pubkey"]);
  await scene.file("public.pem", key);
  const ways = [[scene.path("certificate.pem")], [scene.path("public.pem")], [
    "--fingerprint",
    fingerprint.toUpperCase(),
  ]];
  for (const way of ways) {
    await roost(scene, "tlskey", "remove", fingerprint);
    assert.match(await speak(scene), /^\* OK/);
    await roost(scene, "tlskey", "add", scene.address, ...way);
    assert.match(await speak(scene), /^\* PREAUTH/);
  }
}, { roostOnly: true });

test("curl logs in with the PKCS#12 file", async (scene) => {
  const password = await generate(scene);
  const { stdout } = await curl(scene, ["--cert-type", "P12", "--cert", `certificate.p12:${password}`]);
  assert.match(stdout, /^\* LIST .*INBOX/m);
}, { roostOnly: true });

test("a disabled account's key is greeted without login; enabled again it logs in", async (scene) => {
  await generate(scene);
  await scene.observer.close(); // its session would be ended
  await roost(scene, "account", "disable", scene.address, "--message", "Unpaid.");
  assert.match(await speak(scene, "a AUTHENTICATE EXTERNAL ="), /^\* OK [^]*^a NO \[CONTACTADMIN\] Unpaid\./m);
  await roost(scene, "account", "enable", scene.address);
  assert.match(await speak(scene), /^\* PREAUTH/);
}, { roostOnly: true });

test("an app password works at once, and no longer when it is removed", async (scene) => {
  const password = await roost(scene, "account", "app-password", "add", scene.address, "phone");
  const login = ["--user", `${scene.address}:${password}`];
  for (const mechanism of ["PLAIN", "CRAM-MD5"]) {
    assert.match((await curl(scene, [...login, "--login-options", `AUTH=${mechanism}`])).stdout, /INBOX/);
  }
  await scram(scene, password);
  const [, , , , , used, from] = (await roost(scene, "account", "app-password", "list", scene.address)).split("\t");
  assert.match(used, /Z$/);
  assert.equal(from, "127.0.0.1");
  await roost(scene, "account", "app-password", "remove", scene.address, "phone");
  assert.match((await curl(scene, login, [67])).stderr, /curl: \(67\)/);
}, { roostOnly: true });

test("with app passwords only, the main password is refused", async (scene) => {
  const main = ["--user", `${scene.address}:${scene.password}`];
  const app = [
    "--user",
    `${scene.address}:${await roost(scene, "account", "app-password", "add", scene.address, "x")}`,
  ];
  await roost(scene, "account", "app-passwords-only", scene.address, "on");
  await curl(scene, main, [67]);
  await curl(scene, app);
  await roost(scene, "account", "app-passwords-only", scene.address, "off");
  await curl(scene, main);
}, { roostOnly: true });

test("an app password is still good after the main password was changed", async (scene) => {
  const password = await roost(scene, "account", "app-password", "add", scene.address, "phone");
  const { code } = await scene.server.roost(["account", "passwd", scene.address, "--password-stdin"], "another one");
  assert.equal(code, 0);
  for (const good of [password, "another one"]) {
    await curl(scene, ["--user", `${scene.address}:${good}`, "--login-options", "AUTH=PLAIN"]);
    await scram(scene, good);
  }
}, { roostOnly: true });

test("attempts tell who came in, how, and with what", async (scene) => {
  const password = await generate(scene);
  await curl(scene, ["--cert-type", "P12", "--cert", `certificate.p12:${password}`]);
  const app = await roost(scene, "account", "app-password", "add", scene.address, "phone");
  await scram(scene, app);
  type Attempt = Record<"mechanism" | "result" | "account" | "tls" | "clientKey" | "appPassword" | "cipher", string>;
  let attempts: Attempt[] = [];
  // They are written up to a second late.
  for (const end = Date.now() + 10_000; attempts.length < 3 && Date.now() < end;) {
    attempts = JSON.parse(await roost(scene, "attempts", scene.address, "--json"));
  }
  const find = (wanted: string) => attempts.find(({ mechanism }) => mechanism === wanted);
  const preauth = find("preauth");
  assert.match(preauth?.clientKey ?? "", /^[0-9a-f]{64}$/);
  assert.match(`${preauth?.tls} ${preauth?.cipher}`, /^TLSv1\.3 TLS_\w+$/);
  assert.deepEqual([find("SCRAM-SHA-256")?.appPassword, find("SCRAM-SHA-256")?.result], ["phone", "ok"]);
  assert.ok(attempts.every(({ account, result }) => account === scene.address && result === "ok"));
}, { roostOnly: true });
