/** OpenSSL's own client, curl and imaplib at STARTTLS, with keys of their own, and with sessions that are taken up again. */
import assert from "node:assert/strict";
import { clientSuite, type Scene } from "./support/suite.ts";

const test = clientSuite({ name: "TLS", programs: ["openssl", "curl", "python3"], packages: "openssl curl python3" });

/** A key and a certificate that nobody has signed. */
async function clientKey(scene: Scene): Promise<string> {
  const file = scene.path("client.pem");
  await scene.run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-subj", "/CN=laptop", "-keyout", file, "-out", scene.path("client.crt")],
  ]);
  await Deno.writeTextFile(file, await Deno.readTextFile(scene.path("client.crt")), { append: true });
  return file;
}

async function register(scene: Scene, file: string, ...options: string[]): Promise<void> {
  const added = await scene.server.roost(["tlskey", "add", scene.address, file, ...options]);
  assert.equal(added.code, 0, added.stderr);
}

/** Talks to the server with `openssl s_client`, which ends when the server does: the last command must be LOGOUT. */
async function sClient(scene: Scene, commands: string, ...options: string[]): Promise<string> {
  const args = ["s_client", "-quiet", "-verify_return_error", "-CAfile", scene.server.certificate];
  const target = options.includes("-starttls") ? scene.server.imapPort : scene.server.imapsPort;
  const { stdout } = await scene.run("openssl", [...args, "-connect", `127.0.0.1:${target}`, ...options], {
    input: commands,
    holdInput: true,
  });
  return stdout;
}

const STARTTLS = ["-starttls", "imap"];

for (const version of ["-tls1_2", "-tls1_3"]) {
  test(`openssl s_client: STARTTLS, then a login (${version})`, async (scene) => {
    const login = `a LOGIN ${scene.address} ${scene.password}\r\nb LOGOUT\r\n`;
    const said = await sClient(scene, login, ...STARTTLS, version);
    assert.match(said, /^a OK \[CAPABILITY /m);
    assert.match(said, /^b OK /m);
  });

  test(
    `openssl s_client: a registered key is PREAUTH, when its session is taken up again too (${version})`,
    async (scene) => {
      const key = await clientKey(scene);
      const without = await sClient(scene, "a LOGOUT\r\n", "-cert", key, version);
      assert.match(without, /^\* OK \[CAPABILITY [^\]]*AUTH=EXTERNAL/m, "an unknown key opens nothing");
      await register(scene, key);
      const session = scene.path("session");
      const first = await sClient(scene, "a SELECT INBOX\r\nb LOGOUT\r\n", "-cert", key, version, "-sess_out", session);
      assert.match(first, /^\* PREAUTH /m);
      assert.match(first, /^a OK \[READ-WRITE\]/m);
      const again = await sClient(scene, "a SELECT INBOX\r\nb LOGOUT\r\n", "-cert", key, version, "-sess_in", session);
      assert.match(again, /^\* PREAUTH /m);
      const listed = await scene.server.roost(["tlskey", "list", scene.address]);
      const [fingerprint] = /[0-9a-f]{64}/.exec(new TextDecoder().decode(listed.stdout)) ??
        assert.fail("no fingerprint");
      assert.equal((await scene.server.roost(["tlskey", "remove", fingerprint])).code, 0);
      const removed = await sClient(scene, "a LOGOUT\r\n", "-cert", key, version, "-sess_in", session);
      assert.match(removed, /^\* OK /m, "a removed key opens nothing, in an old session neither");
    },
    { roostOnly: true },
  );
}

test("openssl s_client: a key after STARTTLS logs in by EXTERNAL", async (scene) => {
  const key = await clientKey(scene);
  await register(scene, key);
  const said = await sClient(scene, "a AUTHENTICATE EXTERNAL =\r\nb LOGOUT\r\n", ...STARTTLS, "-cert", key);
  assert.match(said, /^a OK \[CAPABILITY /m);
}, { roostOnly: true });

test("openssl s_client: a key that says no preauth needs EXTERNAL", async (scene) => {
  const key = await clientKey(scene);
  await register(scene, key, "--no-preauth");
  const said = await sClient(scene, "a AUTHENTICATE EXTERNAL =\r\nb LOGOUT\r\n", "-cert", key);
  assert.match(said, /^\* OK \[CAPABILITY /m);
  assert.match(said, /^a OK /m);
}, { roostOnly: true });

test("curl: nothing goes in clear text with --ssl-reqd", async (scene) => {
  const url = `imap://127.0.0.1:${scene.server.imapPort}/`;
  const user = ["--silent", "--show-error", "--user", `${scene.address}:${scene.password}`, "--ssl-reqd"];
  const listed = await scene.run("curl", [...user, "--cacert", scene.server.certificate, url]);
  assert.match(listed.stdout, /INBOX/);
  await scene.run("curl", [...user, url], { codes: [60] });
});

const PROGRAM = `
import imaplib, os, ssl
context = ssl.create_default_context(cafile=os.environ["CERTIFICATE"])
context.load_cert_chain(os.environ["KEY"])
client = imaplib.IMAP4("localhost", int(os.environ["PORT"]), timeout=15)
assert "STARTTLS" in client.capabilities
client.starttls(context)
assert "STARTTLS" not in client.capabilities and "AUTH=EXTERNAL" in client.capabilities, client.capabilities
client.authenticate("EXTERNAL", lambda data: b"")
client.select("INBOX")
client.logout()
client = imaplib.IMAP4_SSL("localhost", int(os.environ["TLS_PORT"]), ssl_context=context, timeout=15)
assert client.state == "AUTH", client.state
client.select("INBOX")
client.logout()
`;

test("imaplib: a client certificate with STARTTLS and without", async (scene) => {
  const key = await clientKey(scene);
  await register(scene, key);
  await scene.run("python3", ["-c", PROGRAM], {
    env: {
      CERTIFICATE: scene.server.certificate,
      KEY: key,
      PORT: `${scene.server.imapPort}`,
      TLS_PORT: `${scene.server.imapsPort}`,
    },
  });
}, { roostOnly: true });
