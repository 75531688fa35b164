import { strict as assert } from "node:assert";
import { HttpConnections } from "../../server/http/connections.ts";
import { aboutPage, healthPage } from "../../server/http/routes.ts";
import { Admission } from "../../server/net/admission.ts";
import { FrameReader } from "../../server/net/framing.ts";
import { listen, type Listener, type ListenOptions } from "../../server/net/listener.ts";
import { openSslEngine } from "../../server/net/tls/engine.ts";
import type { Transport } from "../../server/net/transport.ts";
import { FrameWriter } from "../../server/net/writer.ts";
import { selfSigned } from "../support/certificate.ts";
import { bytes, joined, PATIENCE, text } from "./support.ts";

const pair = await selfSigned();
const engine = openSslEngine({ pairs: [pair], onChange() {} });
assert(engine, "libssl 3 is not installed");
const IMAP = { protocol: "imap", hostname: "127.0.0.1", port: 0, tls: engine } as const;
const IMAPS = { ...IMAP, protocol: "imaps" } as const;
const HTTPS = { ...IMAP, protocol: "https" } as const;

/** A listener that greets each transport with its address; the transports in the order they came. */
class Greeter {
  readonly listener: Listener;
  readonly came: Transport[] = [];
  readonly web = new HttpConnections([aboutPage, healthPage(async () => {})], { timeout: 200 });

  constructor(options: ListenOptions) {
    this.listener = listen(
      { onHttp: (endpoint, remote) => this.web.take(endpoint, remote), ...options },
      (transport) => {
        this.came.push(transport);
        void this.#greet(transport);
      },
    );
  }

  async #greet({ writable, remote, secure }: Transport): Promise<void> {
    const writer = new FrameWriter(writable);
    await writer.write(bytes(`${remote} ${secure ? "TLS" : "clear"}\n`), PATIENCE).catch(() => {});
  }

  get address() {
    return { hostname: "127.0.0.1", port: this.listener.port };
  }

  [Symbol.dispose](): void {
    this.listener.close();
    for (const transport of this.came) transport.abort();
    this.web.close();
  }
}

async function readAll(conn: Deno.Conn): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for (;;) {
      const buffer = new Uint8Array(4096);
      const count = await conn.read(buffer);
      if (!count) break;
      chunks.push(buffer.subarray(0, count));
    }
  } catch {
    // A reset, or TLS without close_notify, is an end too.
  }
  conn.close();
  return text(joined(chunks));
}

async function readLine(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(1);
  for (let line = "";;) {
    if (!await conn.read(buffer)) throw new Error(`ended after ${line}`);
    if (buffer[0] === 10) return line;
    line += text(buffer);
  }
}

const V2 = Uint8Array.from(
  [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10, 0x21, 0x11, 0, 12, 192, 0, 2, 9, 10, 0, 0, 1, 1, 2, 3, 4],
);
const LOCAL = Uint8Array.from([13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10, 0x20, 0, 0, 0]);
const everybody = () => true;

for (
  const [name, header, remote] of [["v1", bytes("PROXY TCP4 192.0.2.7 10.0.0.1 1 993\r\n"), "192.0.2.7"], [
    "v2",
    V2,
    "192.0.2.9",
  ], ["v2 LOCAL", LOCAL, "127.0.0.1"]] as const
) {
  Deno.test(`PROXY ${name} from a trusted peer names the client, before clear text and before TLS`, async () => {
    using clear = new Greeter({ ...IMAP, proxied: everybody });
    const one = await Deno.connect(clear.address);
    await one.write(header);
    assert.equal(await readLine(one), `${remote} clear`);
    one.close();

    using secure = new Greeter({ ...IMAPS, proxied: everybody });
    const two = await Deno.connect(secure.address);
    await two.write(header);
    const tls = await Deno.startTls(two, { hostname: "127.0.0.1", caCerts: [pair.cert] });
    assert.equal(await readLine(tls), `${remote} TLS`);
    tls.close();
  });
}

Deno.test("a header and the first bytes of the protocol may come in one packet", async () => {
  using server = new Greeter({ ...IMAP, proxied: everybody });
  const conn = await Deno.connect(server.address);
  await conn.write(joined([V2, bytes("a NOOP\r\n")]));
  assert.equal(await readLine(conn), "192.0.2.9 clear");
  const reader = new FrameReader(server.came[0].readable);
  assert.equal(text(await reader.line(100, PATIENCE)), "a NOOP");
  await reader.cancel();
  conn.close();
});

Deno.test("a peer that is no proxy is not asked: its header is what it says", async () => {
  using server = new Greeter({ ...IMAP, proxied: () => false });
  const conn = await Deno.connect(server.address);
  await conn.write(V2);
  assert.equal(await readLine(conn), "127.0.0.1 clear");
  const reader = new FrameReader(server.came[0].readable);
  assert.deepEqual(await reader.exactly(V2.length, PATIENCE), V2);
  await reader.cancel();
  conn.close();
});

Deno.test("a trusted peer without a header is closed", async () => {
  using server = new Greeter({ ...IMAP, proxied: everybody });
  const conn = await Deno.connect(server.address);
  await conn.write(bytes("a LOGIN joe secret\r\n"));
  assert.equal(await readAll(conn), "");
  assert.equal(server.came.length, 0);
});

Deno.test("admission is asked for the client that the proxy names, once, and its place is given back", async () => {
  const asked: string[] = [];
  const released = Promise.withResolvers<void>();
  const admission = {
    connect(remote: string) {
      asked.push(remote);
      return { release: () => released.resolve() };
    },
  };
  using server = new Greeter({ ...IMAPS, proxied: everybody, admission });
  const conn = await Deno.connect(server.address);
  await conn.write(V2);
  const tls = await Deno.startTls(conn, { hostname: "127.0.0.1", caCerts: [pair.cert] });
  await readLine(tls);
  assert.deepEqual(asked, ["192.0.2.9"]);
  tls.close();
  server.came[0].abort();
  await released.promise;
});

const LIMITS = { connectionsPerMinute: 0, connectionsPerAddress: 1, connectionsPerAccount: 0 };

Deno.test("who is refused is told why in clear text, and later let in", async () => {
  const farewell = (reason: string) => bytes(`* BYE ${reason}\r\n`);
  using server = new Greeter({ ...IMAP, admission: new Admission(LIMITS), farewell });
  const first = await Deno.connect(server.address);
  await readLine(first);
  assert.match(await readAll(await Deno.connect(server.address)), /^\* BYE Too many connections/);
  first.close();
  server.came[0].abort();
  const third = await Deno.connect(server.address);
  assert.equal(await readLine(third), "127.0.0.1 clear");
  third.close();
});

Deno.test("who is refused before TLS costs no handshake", async () => {
  using server = new Greeter({ ...IMAPS, admission: new Admission(LIMITS) });
  const silent = await Deno.connect(server.address);
  // The first holds its place before it has said anything; the second hears nothing at all.
  assert.equal(await readAll(await Deno.connect(server.address)), "");
  silent.close();
  assert.equal(server.came.length, 0);
});

Deno.test("a handshake that failed or was given up gives its place back", async () => {
  using server = new Greeter({ ...IMAPS, admission: new Admission(LIMITS), handshakeTimeout: 1500 });
  for (const opening of ["", "a LOGIN joe secret\r\n\r\n", "\x16\x03\x01"]) {
    const conn = await Deno.connect(server.address);
    if (opening) await conn.write(bytes(opening));
    await readAll(conn);
    // Its place is free again: this one is shaken hands with.
    const next = await Deno.connectTls({ ...server.address, caCerts: [pair.cert] });
    assert.equal(await readLine(next), "127.0.0.1 TLS");
    next.close();
    server.came.pop()?.abort();
  }
});

Deno.test("STARTTLS: the same connection in TLS, with what was agreed on (RFC 9051 §6.2.1)", async () => {
  using server = new Greeter(IMAP);
  const conn = await Deno.connect(server.address);
  assert.equal(await readLine(conn), "127.0.0.1 clear");
  const handshake = server.came[0].startTls?.();
  const client = await Deno.startTls(conn, { hostname: "127.0.0.1", caCerts: [pair.cert], alpnProtocols: ["imap"] });
  const [transport] = await Promise.all([handshake, client.handshake()]);
  assert(transport);
  assert.equal(transport.remote, "127.0.0.1");
  assert(transport.secure);
  assert.equal(transport.tls?.version, "TLSv1.3");
  assert.equal(transport.tls?.alpn, "imap");
  assert.equal(transport.startTls, undefined);
  await new FrameWriter(transport.writable).write(bytes("hello\n"), PATIENCE);
  assert.equal(await readLine(client), "hello");
  transport.abort();
  client.close();
});

Deno.test("STARTTLS: a command instead of a handshake ends the connection, unheard (CVE-2021-38370)", async () => {
  using server = new Greeter(IMAP);
  const conn = await Deno.connect(server.address);
  await readLine(conn);
  const handshake = server.came[0].startTls?.();
  assert(handshake);
  await conn.write(bytes("b LOGIN eve secret\r\n"));
  await assert.rejects(handshake);
  assert.doesNotMatch(await readAll(conn), /b (OK|NO|BAD)/);
});

const dial = (server: Greeter, alpnProtocols?: string[]) =>
  Deno.connectTls({ ...server.address, caCerts: [pair.cert], alpnProtocols });

Deno.test("https: IMAP for who asks for it (ALPN imap), before HTTP", async () => {
  using server = new Greeter(HTTPS);
  for (const offered of [["imap"], ["http/1.1", "imap"]]) {
    const conn = await dial(server, offered);
    assert.equal(await readLine(conn), "127.0.0.1 TLS");
    assert.equal((await conn.handshake()).alpnProtocol, "imap");
    conn.close();
  }
});

/** Asks, and reads to the end of the connection. */
async function ask(server: Greeter, request: string, alpn?: string[]): Promise<string> {
  const conn = await dial(server, alpn);
  await conn.write(bytes(request));
  return await readAll(conn);
}

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

Deno.test("https: HTTP for all others, with public pages only", async () => {
  using server = new Greeter(HTTPS);
  for (const alpn of [undefined, ["http/1.1"], ["h2"], ["h2", "http/1.1"]]) {
    const answer = await ask(server, GET("/"), alpn);
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(answer, /\r\nconnection: close\r\n/i);
    assert.match(answer, /an IMAP server/);
    assert.doesNotMatch(answer, /\d+\.\d+\.\d+/, "no version");
  }
  assert.match(await ask(server, GET("/healthz")), /\r\n\r\nok\n$/);
  assert.match(await ask(server, GET("/metrics")), /^HTTP\/1\.1 404 /);
  assert.match(await ask(server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"), /^HTTP\/1\.1 405 /);
  assert.match(await ask(server, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"), /^HTTP\/1\.1 200 [^]*\r\n\r\n$/);
});

Deno.test("https: broken, huge, slow and silent requests end in bounded time", async () => {
  using server = new Greeter(HTTPS);
  assert.match(await ask(server, "a LOGIN joe secret\r\n\r\n"), /^HTTP\/1\.1 400 /);
  assert.match(await ask(server, `GET / HTTP/1.1\r\nX: ${"y".repeat(100_000)}\r\n\r\n`), /^(HTTP\/1\.1 431 |$)/);
  assert.equal(await ask(server, "GET / HTTP/1.1\r\nHos"), "");
  assert.equal(await readAll(await dial(server)), "");
});

Deno.test("https: the hundred and first connection that says nothing is closed at once", async () => {
  const web = new HttpConnections([aboutPage], { timeout: PATIENCE });
  let closed = 0;
  const endpoint = () => ({
    read: () => new Promise<number | null>(() => {}),
    write: async ({ length }: Uint8Array) => length,
    close: () => void closed++,
  });
  for (let count = 0; count < 100; count++) web.take(endpoint(), "192.0.2.1");
  assert.equal(closed, 0);
  web.take(endpoint(), "192.0.2.1");
  assert.equal(closed, 1);
  web.close();
  assert.equal(closed, 101);
});

Deno.test({
  name: "a stalled handshake that was given up holds no descriptor",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using server = new Greeter({ ...IMAPS, handshakeTimeout: 50 });
    const local = `0100007F:${server.address.port.toString(16).toUpperCase().padStart(4, "0")}`;
    /** The server's ends that a process still holds: local address, remote address, state (0A listens), …, inode. */
    const held = () =>
      Deno.readTextFileSync("/proc/self/net/tcp").split("\n").map((line) => line.trim().split(/\s+/))
        .filter(([, address, , state, , , , , , inode]) => address === local && state !== "0A" && inode !== "0").length;
    const conns = await Promise.all(Array.from({ length: 20 }, () => Deno.connect(server.address)));
    assert(held() > 0);
    // The server's end is closed, or these would wait.
    const buffer = new Uint8Array(1);
    for (const conn of conns) assert.equal(await conn.read(buffer), null);
    assert.equal(held(), 0, "only the clients' own are left");
    for (const conn of conns) conn.close();
  },
});
