import { strict as assert } from "node:assert";
import { fileURLToPath } from "node:url";
import { ConnectionEnd, FrameReader } from "../../server/net/framing.ts";
import { listen, type Listener, type ListenOptions } from "../../server/net/listener.ts";
import { type CertificateSource, type KeyPair, openSslEngine } from "../../server/net/tls/engine.ts";
import type { Transport } from "../../server/net/transport.ts";
import { FrameWriter, WriteTimeout } from "../../server/net/writer.ts";
import { selfSigned } from "../support/certificate.ts";
import { bytes, noise, PATIENCE, sourceOf, text } from "./support.ts";

class Certificates implements CertificateSource {
  pairs: KeyPair[] = [];
  readonly #heard = new Set<() => void>();

  async renew(): Promise<this> {
    return this.set(await selfSigned());
  }

  set(pair: KeyPair): this {
    this.pairs = [pair];
    for (const heard of this.#heard) heard();
    return this;
  }

  onChange(callback: () => void): () => void {
    this.#heard.add(callback);
    return () => this.#heard.delete(callback);
  }

  get listenedTo(): boolean {
    return this.#heard.size > 0;
  }
}

const first = await selfSigned();
const PLAIN = { protocol: "imap", hostname: "127.0.0.1", port: 0 } as const;
const denoTls = (
  tls: CertificateSource = new Certificates().set(first),
) => ({ ...PLAIN, protocol: "imaps", tls } as const);

/** Made once: contexts of OpenSSL are kept as long as the process. */
const engine = openSslEngine(new Certificates().set(first));
assert(engine, "libssl 3 is not installed");
const openSsl = { ...PLAIN, protocol: "imaps", tls: engine } as const;

/** A listener whose transports are taken one by one. */
class Server {
  readonly listener: Listener;
  readonly #came: Transport[] = [];
  readonly #wanted: ((transport: Transport) => void)[] = [];

  constructor(options: ListenOptions) {
    this.listener = listen(options, (transport) => {
      const wanted = this.#wanted.shift();
      if (wanted) wanted(transport);
      else this.#came.push(transport);
    });
  }

  get port(): number {
    return this.listener.port;
  }

  /** The next transport, with its reader and writer. */
  async next(): Promise<{ transport: Transport; reader: FrameReader; writer: FrameWriter }> {
    const transport = this.#came.shift() ?? await new Promise<Transport>((resolve) => this.#wanted.push(resolve));
    return { transport, reader: new FrameReader(transport.readable), writer: new FrameWriter(transport.writable) };
  }
}

const connect = (port: number) => Deno.connect({ hostname: "127.0.0.1", port });
const connectTls = (port: number, cert = first.cert, alpnProtocols?: string[]) =>
  Deno.connectTls({ hostname: "127.0.0.1", port, caCerts: [cert], alpnProtocols });

async function readSome(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(1000);
  return text(buffer.subarray(0, await conn.read(buffer) ?? 0));
}

async function end({ reader, writer }: { reader: FrameReader; writer: FrameWriter }): Promise<void> {
  await writer.close(100);
  await reader.cancel();
}

for (
  const [name, options, dial] of [
    ["clear text", PLAIN, connect],
    ["TLS by OpenSSL", openSsl, connectTls],
    ["TLS by Deno", denoTls(), connectTls],
  ] as const
) {
  Deno.test(`${name}: bytes go both ways, and the client is known`, async () => {
    const server = new Server(options);
    const client = await dial(server.port);
    const served = await server.next();
    assert.equal(served.transport.remote, "127.0.0.1");
    assert.equal(served.transport.secure, name !== "clear text");
    await served.writer.write(bytes("* OK hello\r\n"), PATIENCE);
    assert.equal(await readSome(client), "* OK hello\r\n");
    await client.write(bytes("a NOOP\r\n"));
    assert.equal(text(await served.reader.line(100, PATIENCE)), "a NOOP");
    client.close();
    await assert.rejects(served.reader.line(100, PATIENCE), ConnectionEnd);
    await end(served);
    server.listener.close();
  });

  Deno.test(`${name}: large literals are whole, in and out`, async () => {
    const whole = noise(3_000_000);
    const server = new Server(options);
    const client = await dial(server.port);
    const served = await server.next();
    const sent = (async () => {
      for (let done = 0; done < whole.length;) done += await client.write(whole.subarray(done));
    })();
    assert.deepEqual(await served.reader.exactly(whole.length, PATIENCE), whole);
    await sent;
    const got = new Uint8Array(whole.length);
    const received = (async () => {
      for (let done = 0; done < got.length;) done += await client.read(got.subarray(done)) ?? assert.fail("ended");
    })();
    await served.writer.write(whole, PATIENCE);
    await received;
    assert.deepEqual(got, whole);
    client.close();
    await end(served);
    server.listener.close();
  });

  Deno.test(`${name}: clients that vanish are ConnectionEnd, mid-line, mid-literal and mid-write`, async () => {
    const server = new Server(options);
    for (const what of ["line", "literal", "write"] as const) {
      const client = await dial(server.port);
      const served = await server.next();
      // Unread bytes make the client's close a reset.
      await served.writer.write(bytes("* OK hello\r\n"), PATIENCE);
      await client.write(bytes("half"));
      await served.reader.exactly(4, PATIENCE);
      const ended = {
        line: () => served.reader.line(100, PATIENCE),
        literal: () => served.reader.exactly(100, PATIENCE),
        write: async () => {
          for (;;) await served.writer.write(new Uint8Array(1_000_000), PATIENCE);
        },
      }[what]();
      const told = assert.rejects(ended, ConnectionEnd);
      client.close();
      await told;
      await assert.rejects(async () => {
        for (;;) await served.writer.write(new Uint8Array(100_000), PATIENCE);
      }, ConnectionEnd);
      await end(served);
    }
    server.listener.close();
  });

  Deno.test(`${name}: a client that does not read is cut off`, async () => {
    const server = new Server(options);
    const client = await dial(server.port);
    const served = await server.next();
    await assert.rejects(async () => {
      for (;;) await served.writer.write(new Uint8Array(1_000_000), 50);
    }, WriteTimeout);
    await assert.rejects(served.reader.line(100, PATIENCE), ConnectionEnd);
    await end(served);
    client.close();
    server.listener.close();
  });

  Deno.test(`${name}: last words reach a client whose bytes were not read`, async () => {
    const server = new Server(options);
    const client = await dial(server.port);
    const served = await server.next();
    for (let sent = 0; sent < 100_000;) sent += await client.write(new Uint8Array(10_000));
    await served.writer.write(bytes("* BYE enough\r\n"), PATIENCE);
    const closing = served.writer.close(PATIENCE);
    assert.equal(await readSome(client), "* BYE enough\r\n");
    assert.equal(await readSome(client), "");
    client.close();
    await closing;
    await served.reader.cancel();
    server.listener.close();
  });

  Deno.test(`${name}: last words reach a client after the reader timed out`, async () => {
    const server = new Server(options);
    const client = await dial(server.port);
    const served = await server.next();
    await assert.rejects(served.reader.line(100, 1));
    await served.writer.write(bytes("* BYE too slow\r\n"), PATIENCE);
    const closing = served.writer.close(PATIENCE);
    assert.equal(await readSome(client), "* BYE too slow\r\n");
    client.close();
    await closing;
    await served.reader.cancel();
    server.listener.close();
  });

  Deno.test(`${name}: an abort wakes who reads and is the end for the client`, async () => {
    const server = new Server(options);
    const client = await dial(server.port);
    const served = await server.next();
    const told = assert.rejects(served.reader.line(100, PATIENCE), ConnectionEnd);
    served.transport.abort();
    served.transport.abort();
    await told;
    // Without TLS's close_notify the client may call it an error.
    await readSome(client).then((got) => assert.equal(got, ""), (error) => assert(error instanceof Error));
    await end(served);
    client.close();
    server.listener.close();
  });
}

Deno.test("a listener that was closed accepts nobody; who is there stays", async () => {
  const server = new Server(PLAIN);
  const client = await connect(server.port);
  const served = await server.next();
  server.listener.close();
  server.listener.close();
  // Deno closes the socket a moment later: until then who comes is reset.
  await assert.rejects(async () => {
    for (;;) {
      const conn = await connect(server.port).catch((error) => {
        if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
      });
      conn?.close();
    }
  }, Deno.errors.ConnectionRefused);
  await client.write(bytes("a NOOP\r\n"));
  assert.equal(text(await served.reader.line(100, PATIENCE)), "a NOOP");
  client.close();
  await end(served);
});

Deno.test("a port in use is refused, except to the server's own", () => {
  const { listener } = new Server(PLAIN);
  const again = { ...PLAIN, port: listener.port };
  assert.throws(() => listen(again, () => {}), Deno.errors.AddrInUse);
  listen({ ...again, shared: true }, () => {}).close();
  listener.close();
});

Deno.test("a certificate that cannot be used is refused at once", () => {
  const tls = new Certificates().set({ cert: "none", key: "none" });
  assert.throws(() => listen(denoTls(tls), () => {}));
  assert.throws(() => openSslEngine(tls));
});

/** Shakes hands on a connection that was silent so far; true if the server goes on with it. */
async function shakeHands(silent: Deno.TcpConn): Promise<boolean> {
  try {
    const client = await Deno.startTls(silent, { hostname: "127.0.0.1", caCerts: [first.cert] });
    const greeted = await readSome(client) !== "";
    client.close();
    return greeted;
  } catch {
    return false;
  }
}

for (const [name, options] of [["OpenSSL", openSsl], ["Deno", denoTls()]] as const) {
  Deno.test(`${name}: an application protocol of imap is agreed on (RFC 7301), and none is needed`, async () => {
    const server = new Server(options);
    const client = await connectTls(server.port, first.cert, ["imap"]);
    assert.equal((await client.handshake()).alpnProtocol, "imap");
    await end(await server.next());
    client.close();
    server.listener.close();
  });

  Deno.test(`${name}: a handshake that is slow, or none, does not keep others waiting`, async () => {
    const server = new Server(options);
    const silent = await connect(server.port);
    const garbage = await connect(server.port);
    await garbage.write(bytes("a LOGIN joe secret\r\n"));
    const vanished = await connect(server.port);
    vanished.close();
    const client = await connectTls(server.port);
    await end(await server.next());
    // An alert, then the end.
    while (await readSome(garbage) !== "");
    for (const conn of [silent, garbage, client]) conn.close();
    server.listener.close();
  });

  Deno.test(`${name}: a handshake has its time, a connection after it has not`, async () => {
    // Long enough for a real one on a busy machine.
    const limit = 1500;
    const server = new Server({ ...options, handshakeTimeout: limit });
    const silent = await connect(server.port);
    const client = await connectTls(server.port);
    const served = await server.next();
    await new Promise((resolve) => setTimeout(resolve, limit + 100));
    assert(!await shakeHands(silent));
    await served.writer.write(bytes("* OK\r\n"), PATIENCE);
    assert.equal(await readSome(client), "* OK\r\n");
    client.close();
    await end(served);
    server.listener.close();
  });

  Deno.test(`${name}: a closed listener drops the handshakes under way`, async () => {
    const server = new Server(options);
    const silent = await connect(server.port);
    const client = await connectTls(server.port);
    await end(await server.next());
    server.listener.close();
    assert(!await shakeHands(silent));
    client.close();
  });
}

Deno.test("Deno: a new certificate serves those who come; who is there stays", async () => {
  const tls = new Certificates().set(first);
  const server = new Server(denoTls(tls));
  const before = await connectTls(server.port);
  const served = await server.next();
  await tls.renew();
  const after = await connectOnce(server.port, tls.pairs[0].cert);
  await end(await server.next());
  await served.writer.write(bytes("* OK\r\n"), PATIENCE);
  assert.equal(await readSome(before), "* OK\r\n");
  await end(served);
  await assert.rejects(connectTls(server.port).then((conn) => conn.handshake()));
  for (const conn of [before, after]) conn.close();
  server.listener.close();
  assert(!tls.listenedTo);
});

Deno.test("Deno: a new certificate that cannot be used changes nothing", async () => {
  const tls = new Certificates().set(first);
  const server = new Server(denoTls(tls));
  tls.set({ cert: "garbage", key: "garbage" });
  const client = await connectTls(server.port);
  await end(await server.next());
  client.close();
  server.listener.close();
});

/** Until the new certificate serves: for a moment the old listener still takes who stood in its queue. */
async function connectOnce(port: number, cert: string): Promise<Deno.TlsConn> {
  for (;;) {
    const conn = await connectTls(port, cert);
    try {
      await conn.handshake();
      return conn;
    } catch {
      conn.close();
    }
  }
}

Deno.test({
  name: "a server without free descriptors accepts again when there are some",
  ignore: Deno.build.os === "windows",
  async fn() {
    const program = fileURLToPath(new URL("./programs/echo.ts", import.meta.url));
    const command = `ulimit -n 100; exec "$0" run --quiet -A "$1"`;
    const child = new Deno.Command("sh", { args: ["-c", command, Deno.execPath(), program], stdout: "piped" }).spawn();
    const output = new FrameReader(sourceOf(child.stdout));
    const port = Number(text(await output.line(100, PATIENCE)));
    const exchange = async (conn: Deno.Conn, line: string) => {
      await conn.write(bytes(line));
      assert.equal(await readSome(conn), line);
    };
    const crowd: Deno.Conn[] = [];
    for (let count = 0; count < 120; count++) crowd.push(await connect(port));
    await exchange(crowd[0], "one\n");
    for (const conn of crowd) conn.close();
    const late = await connect(port);
    await exchange(late, "two\n");
    late.close();
    child.kill();
    await output.cancel();
    await child.status;
  },
});
