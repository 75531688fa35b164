import assert from "node:assert/strict";
import { makeSelfSigned } from "../../server/config/tls.ts";
import { cliTest, converse, type Running } from "./cli.ts";

/** The port in a line as "listening imap 127.0.0.1:1143". */
async function listening(server: Running, protocol: string): Promise<number> {
  const line = await server.line() ?? "";
  const match = /^listening (\S+) 127\.0\.0\.1:(\d+)$/.exec(line);
  if (match?.[1] !== protocol) throw new Error(`expected ${protocol} to listen: ${line}\n${await server.stderr}`);
  return Number(match[2]);
}

async function stop(server: Running): Promise<void> {
  server.child.kill("SIGTERM");
  assert.equal((await server.child.status).code, 0, await server.stderr);
}

/** Ports that a start without a configuration file takes; another server on this machine may have them. */
function defaultPortsAreFree(): boolean {
  try {
    for (const port of [1143, 1993]) Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false;
  }
}

cliTest(
  "a first start without a file prints an account that can log in; later ones do not",
  async ({ start, directory }) => {
    if (!defaultPortsAreFree()) return console.log("skipped: ports 1143 or 1993 are in use");
    let server = start(["serve"]);
    const password = /^account demo@localhost password (\S+) /.exec(await server.line() ?? "")?.[1];
    assert.ok(password, "the password is printed");
    assert.equal(await listening(server, "imap"), 1143);
    assert.equal(await listening(server, "imaps"), 1993);
    const imap = await Deno.connect({ hostname: "127.0.0.1", port: 1143 });
    await converse(imap, "", /^\* OK .*\r\n/);
    await converse(imap, `a LOGIN demo@localhost ${password}\r\n`, /^a OK .*\r\n/m);
    imap.close();
    const pem = await Deno.readTextFile(`${directory}/data/self-signed.pem`);
    const cert = pem.slice(0, pem.indexOf("-----BEGIN PRIVATE"));
    const imaps = await Deno.connectTls({ hostname: "localhost", port: 1993, caCerts: [cert] });
    await converse(imaps, "", /^\* OK .*\r\n/);
    imaps.close();
    await stop(server);

    server = start(["serve"]);
    await listening(server, "imap");
    await listening(server, "imaps");
    await stop(server);
  },
);

cliTest("SIGTERM ends sessions with BYE", async ({ start, write }) => {
  write("roost.yaml", "listeners: [{ protocol: imap, port: 0, cleartextLogin: true }]\n");
  const server = start(["serve", "--config", "roost.yaml"]);
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: await listening(server, "imap") });
  await converse(conn, "", /^\* OK .*\r\n/);
  server.child.kill("SIGTERM");
  assert.match(await converse(conn, "", /^\* BYE .*\r\n/), /^\* BYE /);
  conn.close();
  assert.equal((await server.child.status).code, 0);
});

cliTest(
  "SIGTERM ends a session in the midst of a literal, and mail that was acknowledged is there afterwards",
  async (place) => {
    const { start, write, roost } = place;
    write("roost.yaml", "listeners: [{ protocol: imap, port: 0, cleartextLogin: true }]\n");
    assert.equal((await roost(["account", "add", "a@b", "-c", "roost.yaml", "--password-stdin"], "x")).code, 0);
    const server = start(["serve", "--config", "roost.yaml"]);
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: await listening(server, "imap") });
    await converse(conn, "a LOGIN a@b x\r\n", /^a OK .*\r\n/m);
    await converse(conn, "b APPEND INBOX {4+}\r\n\r\n\r\n\r\n", /^b OK .*\r\n/m);
    await converse(conn, "c APPEND INBOX {1000}\r\n", /^\+ .*\r\n/m);
    server.child.kill("SIGTERM");
    assert.match(await converse(conn, "half", /^\* BYE .*\r\n/m), /^\* BYE /m);
    conn.close();
    assert.equal((await server.child.status).code, 0);
    const verified = await roost(["verify", "-c", "roost.yaml"]);
    assert.deepEqual(verified, { code: 0, stdout: "1 accounts, 6 mailboxes, 1 messages: 0 faults\n", stderr: "" });
  },
);

cliTest("more connections than an address may have are told BYE", async ({ start, write }) => {
  write("roost.yaml", "listeners: [{ protocol: imap, port: 0 }]\nlimits: { connectionsPerAddress: 2 }\n");
  const server = start(["serve", "--config", "roost.yaml"]);
  const port = await listening(server, "imap");
  const connect = () => Deno.connect({ hostname: "127.0.0.1", port });
  const [one, two] = [await connect(), await connect()];
  await converse(one, "", /^\* OK .*\r\n/);
  await converse(two, "", /^\* OK .*\r\n/);
  const three = await connect();
  await converse(three, "", /^\* BYE .*\r\n/);
  assert.equal(await three.read(new Uint8Array(1)), null);
  for (const conn of [one, two, three]) conn.close();
  await stop(server);
});

cliTest("a port in use is refused before anything is touched", async ({ roost, write, directory }) => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  write("roost.yaml", `dataDir: mail\nlisteners:\n  - { protocol: imap, port: ${port} }\n`);
  assert.deepEqual(await roost(["serve", "--config", "roost.yaml"]), {
    code: 1,
    stdout: "",
    stderr: `roost: roost.yaml:3: listeners[0].port: 127.0.0.1:${port} is in use by another program\n`,
  });
  assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["roost.yaml"]);
});

cliTest("changed TLS files are used without a restart; metrics and health are served", async ({ start, write }) => {
  const [one, two] = await Promise.all([makeSelfSigned("localhost"), makeSelfSigned("localhost")]);
  write("cert.pem", one.cert);
  write("key.pem", one.key);
  write(
    "roost.yaml",
    `tls: { cert: cert.pem, key: key.pem }
listeners: [{ protocol: imaps, port: 0 }, { protocol: http, port: 0 }]
`,
  );
  const server = start(["serve", "--config", "roost.yaml"]);
  const imaps = await listening(server, "imaps");
  const http = await listening(server, "http");
  const connect = async (cert: string) => {
    const conn = await Deno.connectTls({ hostname: "localhost", port: imaps, caCerts: [cert] });
    await converse(conn, "", /^\* OK .*\r\n/);
    return conn;
  };
  const before = await connect(one.cert);
  write("key.pem", two.key);
  write("cert.pem", two.cert);
  const after = await untilItWorks(() => connect(two.cert));
  await converse(before, "a NOOP\r\n", /^a OK .*\r\n/m);

  const metrics = await (await fetch(`http://127.0.0.1:${http}/metrics`)).text();
  assert.match(metrics, /^roost_connections_open\{protocol="imaps"\} 2$/m);
  assert.match(metrics, /^roost_command_seconds_count\{command="NOOP",result="ok"\} 1$/m);
  assert.equal(await (await fetch(`http://127.0.0.1:${http}/healthz`)).text(), "ok\n");
  before.close();
  after.close();
  await stop(server);
});

cliTest("one port speaks IMAP and HTTP, behind a proxy; the log names the client", async ({ start, write }) => {
  const pair = await makeSelfSigned("localhost");
  write("cert.pem", pair.cert + pair.key);
  write(
    "roost.yaml",
    `tls: { cert: cert.pem, key: cert.pem }
listeners: [{ protocol: https, port: 0, proxyNetworks: [127.0.0.0/8] }]
log: { level: debug }
`,
  );
  const server = start(["serve", "--config", "roost.yaml"]);
  const port = await listening(server, "https");
  const dial = async (alpnProtocols?: string[]) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(new TextEncoder().encode("PROXY TCP4 192.0.2.7 127.0.0.1 40000 443\r\n"));
    return await Deno.startTls(conn, { hostname: "localhost", caCerts: [pair.cert], alpnProtocols });
  };
  const imap = await dial(["imap"]);
  await converse(imap, "", /^\* OK .*\r\n/);
  await converse(imap, "a LOGIN eve@localhost guess\r\n", /^a NO .*\r\n/m);
  const web = await dial();
  await converse(web, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", /\r\n\r\nok\n$/);
  imap.close();
  web.close();
  await stop(server);
  assert.match(await server.stderr, /login.*192\.0\.2\.7/);
});

/** The only sign of a new certificate is that it is shown: ask until it is. */
async function untilItWorks<T>(work: () => Promise<T>): Promise<T> {
  while (true) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Deno.errors.InvalidData)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
