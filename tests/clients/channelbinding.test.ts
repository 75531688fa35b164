/**
 * SCRAM with channel binding by real clients: GNU SASL's knows tls-exporter (TLS 1.3) and tls-unique (TLS 1.2); imtest knows
 * tls-unique alone, in TLS 1.3 too.
 */
import assert from "node:assert/strict";
import { clientSuite, type Scene } from "./support/suite.ts";

const imtest = "/usr/lib/cyrus/bin/imtest";
const test = clientSuite({
  name: "channel binding",
  programs: ["gsasl", imtest, "python3"],
  packages: "gsasl cyrus-clients libsasl2-modules python3",
});

const VERSIONS = { "TLS 1.2": "NORMAL:-VERS-ALL:+VERS-TLS1.2", "TLS 1.3": "NORMAL:-VERS-ALL:+VERS-TLS1.3" };
const TYPES = { "TLS 1.2": "tls-unique", "TLS 1.3": "tls-exporter" };
type Version = keyof typeof VERSIONS;

/** Logs in at a port with STARTTLS. @returns all that was said */
async function gsasl(scene: Scene, mechanism: string, version: Version, port = scene.server.imapPort): Promise<string> {
  const { stdout, stderr } = await scene.run("gsasl", [
    ...["--imap", "--verbose", "--connect", `127.0.0.1:${port}`, "--starttls", `--priority=${VERSIONS[version]}`],
    ...[`--x509-ca-file=${scene.server.certificate}`, "-m", mechanism, "-a", scene.address, "-p", scene.password],
  ], { codes: [0, 1], input: "" });
  return stdout + stderr;
}

/** The GS2 header of the client's first message. */
function header(said: string, prefix = ""): string {
  const first = new RegExp(`^${prefix}(cD[A-Za-z0-9+/=]+|b[A-Za-z0-9+/=]{20,})\\r?$`, "m").exec(said);
  return first === null ? "" : atob(first[1]).split("n=")[0];
}

for (const version of ["TLS 1.2", "TLS 1.3"] as const) {
  for (const mechanism of ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"]) {
    test(`GNU SASL: ${mechanism} in ${version} binds by ${TYPES[version]}`, async (scene) => {
      const said = await gsasl(scene, mechanism, version);
      assert.equal(header(said), `p=${TYPES[version]},,`, said);
      assert.match(said, /^\. OK \[CAPABILITY [^\]]*\] welcome/m);
      assert.match(said, /Client authentication finished \(server trusted\)/);
    });
  }

  test(`GNU SASL: somebody between two connections in ${version} is found out`, async (scene) => {
    const between = await relay(scene, version);
    try {
      const said = await gsasl(scene, "SCRAM-SHA-256-PLUS", version, between.port);
      assert.match(said, /NO \[AUTHENTICATIONFAILED\] SCRAM channel-bindings-dont-match/);
      assert.doesNotMatch(said, /authentication finished/);
    } finally {
      await between.close();
    }
  });
}

for (
  const [mechanism, version] of [
    ["SCRAM-SHA-256-PLUS", "1.2"],
    ["SCRAM-SHA-1-PLUS", "1.2"],
    ["SCRAM-SHA-256-PLUS", "1.3"],
    ["SCRAM-SHA-1-PLUS", "1.3"],
  ]
) {
  test(`imtest: ${mechanism} in TLS ${version} binds by tls-unique`, async (scene) => {
    const { server, address, password } = scene;
    const protocols = `MinProtocol = TLSv${version}\nMaxProtocol = TLSv${version}\n`;
    const settings = `openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n${protocols}`;
    const script = await scene.file("commands", "t1 SELECT INBOX\r\nt2 LOGOUT\r\n");
    const who = ["-m", mechanism, "-a", address, "-u", address, "-w", password];
    const where = ["-s", "-p", `${server.imapsPort}`, "-f", script, "127.0.0.1"];
    const { stdout } = await scene.run(imtest, [...who, ...where], {
      holdInput: true,
      env: { OPENSSL_CONF: await scene.file("openssl.cnf", settings) },
    });
    assert.match(header(stdout, "C: A01 AUTHENTICATE SCRAM-SHA-\\d+ "), /^p=tls-unique,/);
    assert.match(stdout, /^Authenticated\.$/m);
    assert.match(stdout, /^t1 OK/m);
  });
}

/** Ends the client's TLS, with the server's own key, and speaks to the server in TLS of its own. */
const RELAY = `
import os, select, socket, ssl, sys
version = {"TLS 1.2": ssl.TLSVersion.TLSv1_2, "TLS 1.3": ssl.TLSVersion.TLSv1_3}[os.environ["VERSION"]]
inside = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
inside.check_hostname, inside.verify_mode = False, ssl.CERT_NONE
outside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
outside.load_cert_chain(os.environ["CERTIFICATE"], os.environ["CERTIFICATE"].replace("cert.pem", "key.pem"))
for context in inside, outside:
    context.minimum_version = context.maximum_version = version
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
client, _ = listener.accept()
server = inside.wrap_socket(socket.create_connection(("127.0.0.1", int(os.environ["PORT"]))))
client.sendall(server.recv(65536))
command = b""
while not command.endswith(b"\\n"):
    command += client.recv(1)
assert command == b". STARTTLS\\r\\n"
client.sendall(b". OK begin TLS\\r\\n")
client = outside.wrap_socket(client, server_side=True)
# One thread: an SSL object may not be read and written at once.
other = {client: server, server: client}
while True:
    ready = [s for s in other if s.pending()] or select.select(list(other), [], [])[0]
    for source in ready:
        data = source.recv(65536)
        if not data: sys.exit()
        other[source].sendall(data)
`;

async function relay({ server }: Scene, version: Version): Promise<{ port: number; close(): Promise<void> }> {
  const child = new Deno.Command("python3", {
    args: ["-c", RELAY],
    env: { VERSION: version, CERTIFICATE: server.certificate, PORT: `${server.imapsPort}` },
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  return {
    port: Number(value),
    async close() {
      try {
        child.kill();
      } catch {
        // It ends with its connections.
      }
      await child.status;
      await reader.cancel();
    },
  };
}
