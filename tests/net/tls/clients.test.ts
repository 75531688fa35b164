import assert from "node:assert/strict";
import { keyOf, pairFor, written } from "./pairs.ts";
import { engineWith } from "./support.ts";
import { echo, run, sClient } from "./tcp.ts";

const PAIR = await pairFor(["localhost"]);

for (const [flag, version] of [["-tls1_3", "TLSv1.3"], ["-tls1_2", "TLSv1.2"]] as const) {
  Deno.test(`openssl s_client, ${version}: greeting, certificate, protocol, resumption`, async () => {
    await using server = echo(engineWith(PAIR));
    const own = await pairFor(["alice"], "ed25519");
    await using files = await written(own);
    const session = `${files.directory}/session`;
    const first = await sClient(
      server.port,
      ...[flag, "-alpn", "imap", "-servername", "localhost", "-sess_out", session, "-cert", files.cert],
      ...["-key", files.key],
    );
    assert.match(first, /\* OK\r?\n[\s\S]*hello/);
    assert.match(first, new RegExp(`^New, ${version}`, "m"));
    assert.match(first, /^ALPN protocol: imap$/m);
    const again = await sClient(server.port, flag, "-sess_in", session);
    assert.match(again, /hello/);
    assert.match(again, new RegExp(`^Reused, ${version}`, "m"));
    assert.deepEqual(
      server.seen.map(({ facts }) => [facts.version, facts.resumed, facts.alpn, facts.serverName, facts.clientKey]),
      [
        [version, false, "imap", "localhost", keyOf(own)],
        [version, true, undefined, undefined, keyOf(own)],
      ],
    );
    assert.deepEqual(server.faults, []);
  });
}

Deno.test("openssl s_client: no TLS 1.1, no ciphers without forward secrecy, no foreign protocols", async () => {
  await using server = echo(engineWith(PAIR));
  assert.match(await sClient(server.port, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), /alert protocol version/);
  assert.match(await sClient(server.port, "-tls1_2", "-cipher", "AES128-SHA"), /alert handshake failure/);
  assert.match(await sClient(server.port, "-alpn", "http/1.1"), /alert no application protocol/);
  assert.deepEqual(server.faults, [
    "TLS: unsupported protocol",
    "TLS: no shared cipher",
    "TLS: no application protocol",
  ]);
});

Deno.test("a client without AES in hardware gets ChaCha20", async () => {
  await using server = echo(engineWith(PAIR));
  await sClient(server.port, "-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384");
  assert.equal(server.seen[0].facts.cipher, "TLS_CHACHA20_POLY1305_SHA256");
});

Deno.test("Deno.connectTls speaks with the engine", async () => {
  await using server = echo(engineWith(PAIR));
  using connection = await Deno.connectTls({
    hostname: "localhost",
    port: server.port,
    caCerts: [PAIR.cert],
    alpnProtocols: ["imap"],
  });
  assert.equal((await connection.handshake()).alpnProtocol, "imap");
  await connection.write(new TextEncoder().encode("hello"));
  const chunks = await Array.fromAsync(connection.readable);
  assert.equal(await new Blob(chunks).text(), "* OK\r\nhello");
});

const UNIQUE = `
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
context.maximum_version = ssl.TLSVersion.TLSv1_2
session = None
for turn in range(2):
    with context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), session=session) as s:
        print(s.session_reused, s.get_channel_binding("tls-unique").hex())
        s.sendall(b"hello")
        while s.recv(100): pass
        session = s.session
`;

Deno.test("tls-unique is the first Finished, of the server where a session is taken up (RFC 5929 §3.1): Python", async () => {
  await using server = echo(engineWith(PAIR));
  const output = await run("python3", ["-c", UNIQUE, String(server.port)]);
  const [full, resumed] = server.seen.map(({ bindings }) => bindings["tls-unique"]);
  assert.equal(output, `False ${full}\nTrue ${resumed}\n`);
});

Deno.test("tls-exporter in TLS 1.3 (RFC 9266 §2): openssl s_client", async () => {
  await using server = echo(engineWith(PAIR));
  const label = ["-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen", "32"];
  const output = await sClient(server.port, "-tls1_3", ...label);
  const [, value] = output.match(/Keying material: ([0-9A-F]{64})/)!;
  assert.equal(server.seen[0].bindings["tls-exporter"], value.toLowerCase());
});

/** GnuTLS's own channel bindings; prints nothing where the library is not installed. */
const GNUTLS = `
import ctypes, socket, sys
try: g = ctypes.CDLL("libgnutls.so.30")
except OSError: sys.exit()
class Datum(ctypes.Structure): _fields_ = [("data", ctypes.POINTER(ctypes.c_ubyte)), ("size", ctypes.c_uint)]
for version in ("1.3", "1.2"):
    session, credentials = ctypes.c_void_p(), ctypes.c_void_p()
    g.gnutls_certificate_allocate_credentials(ctypes.byref(credentials))
    g.gnutls_init(ctypes.byref(session), 2)
    g.gnutls_priority_set_direct(session, b"NORMAL:-VERS-ALL:+VERS-TLS" + version.encode(), None)
    g.gnutls_credentials_set(session, 1, credentials)
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    g.gnutls_transport_set_int2(session, connection.fileno(), connection.fileno())
    if g.gnutls_handshake(session) != 0: sys.exit("handshake")
    for name, number in (("tls-exporter", 2), ("tls-unique", 0), ("tls-server-end-point", 1)):
        value = Datum()
        if g.gnutls_session_channel_binding(session, number, ctypes.byref(value)) == 0:
            print(name, bytes(value.data[i] for i in range(value.size)).hex())
    g.gnutls_bye(session, 1)
    connection.close()
`;

Deno.test("all channel bindings are those of GnuTLS, in TLS 1.3 and 1.2 (RFC 9266, RFC 5929)", async (t) => {
  await using server = echo(engineWith(PAIR));
  const output = await run("python3", ["-c", GNUTLS, String(server.port)]);
  if (output === "" && !Deno.env.has("ROOST_REQUIRE_CLIENTS")) {
    return void await t.step({ name: "libgnutls is missing", ignore: true, fn() {} });
  }
  // In TLS 1.3 it has no tls-unique, as the RFC says; that is there for Cyrus SASL alone.
  const expected = server.seen.flatMap(({ facts, bindings }) =>
    Object.entries(bindings)
      .filter(([type]) => facts.version !== "TLSv1.3" || type !== "tls-unique")
      .map(([type, value]) => `${type} ${value}\n`)
  );
  assert.equal(expected.length, 5);
  assert.equal(output, expected.join(""));
});
