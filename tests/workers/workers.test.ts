import assert from "node:assert/strict";
import { converse } from "../admin/cli.ts";
import { ADDRESS, type Client, PASSWORD, sessionsOf, workersTest } from "./support.ts";

const closeAll = (clients: readonly Client[]) => clients.forEach(({ conn }) => conn.close());
const message = (text: string) => `From: a@example.org\r\nSubject: x\r\n\r\n${text}\r\n`;
const append = (client: Client, text: string) =>
  client.ok(`append INBOX {${message(text).length}+}\r\n${message(text)}`);

workersTest("connections spread over the threads", {}, async (server) => {
  const clients = await server.connected(200);
  const first = clients.filter(({ worker }) => worker === 1).length;
  assert.ok(first >= 60 && first <= 140, `${first} of 200`);
  closeAll(clients);
});

workersTest("a change is told to a session in IDLE, whichever thread has it", {}, async (server) => {
  const [one, two] = await server.pair();
  for (const [idler, other] of [[one, two], [two, one]]) {
    await idler.ok("select INBOX");
    await converse(idler.conn, "i idle\r\n", /^\+/m);
    await append(other, "hello");
    await converse(idler.conn, "", /^\* \d+ EXISTS/m);
    await converse(idler.conn, "done\r\n", /^i OK/m);
  }
  closeAll([one, two]);
});

workersTest("connections of an address are counted over all threads", {
  limits: { connectionsPerAddress: 16 },
}, async (server) => {
  const clients = await server.connected(16);
  assert.equal(new Set(clients.map(({ worker }) => worker)).size, 2);
  for (let attempt = 0; attempt < 8; attempt++) {
    const refused = await Deno.connect({ port: server.imapPort });
    assert.match(await converse(refused, "", /\r\n$/), /^\* BYE Too many connections/);
    refused.close();
  }
  clients[0].conn.close();
  while ((await sessionsOf(server)).length === 16);
  const next = await Deno.connect({ port: server.imapPort });
  assert.match(await converse(next, "", /\r\n$/), /^\* OK/);
  next.close();
  closeAll(clients.slice(1));
});

workersTest("sessions of an account are counted over all threads", {
  limits: { connectionsPerAccount: 12 },
}, async (server) => {
  const clients = await server.connected(16);
  for (const client of clients.slice(0, 12)) await client.ok(`login ${ADDRESS} ${PASSWORD}`);
  for (const { conn } of clients.slice(12)) {
    assert.match(await converse(conn, `a login ${ADDRESS} ${PASSWORD}\r\n`, /\r\n$/), /^\* BYE \[LIMIT\] Too many/m);
  }
  closeAll(clients);
});

workersTest("failed logins are counted over all threads", {
  limits: { loginFailuresPerMinute: 2, badCommandsBeforeLogin: 20 },
}, async (server) => {
  const [one, two, ...others] = (await server.connected(20)).sort((a, b) => a.worker - b.worker);
  const last = others.pop()!;
  assert.deepEqual([one.worker, last.worker], [1, 2]);
  for (const { conn } of [one, last]) {
    await converse(conn, `a login ${ADDRESS} wrong\r\n`, /^a NO \[AUTHENTICATIONFAILED\]/m);
  }
  for (const { conn } of [two, ...others]) {
    const answer = await converse(conn, `a login ${ADDRESS} ${PASSWORD}\r\n`, /^(a|\*) .*\r\n$/m);
    assert.match(answer, /too many failed logins/i);
  }
  closeAll([one, two, last, ...others]);
});

workersTest("a long command of one thread does not hold up the sessions of another", {}, async (server) => {
  const [one, two] = await server.pair();
  await append(one, "hello");
  await one.ok("select INBOX");
  for (let round = 0; round < 14; round++) await one.ok("copy 1:* INBOX");
  let done = false;
  const start = performance.now();
  const long = one.ok("copy 1:* Archive").then(() => done = true);
  let [answers, slowest] = [0, 0];
  while (!done) {
    const asked = performance.now();
    await two.ok("noop");
    slowest = Math.max(slowest, performance.now() - asked);
    answers++;
  }
  await long;
  const took = performance.now() - start;
  assert.ok(answers > 5 && slowest < took / 2, `${answers} answers, ${slowest} ms of ${took}`);
  closeAll([one, two]);
});

workersTest("a session of TLS is taken up again whichever thread the client comes to", {}, async (server) => {
  const folder = await Deno.makeTempDir({ prefix: "roost-workers-" });
  try {
    const connect = async (...session: string[]) => {
      const child = new Deno.Command("openssl", {
        args: ["s_client", "-connect", `127.0.0.1:${server.imapsPort}`, "-ign_eof", ...session],
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode("a logout\r\n"));
      await writer.close();
      return new TextDecoder().decode((await child.output()).stdout);
    };
    assert.match(await connect("-sess_out", `${folder}/session`), /^New, /m);
    for (let time = 0; time < 12; time++) assert.match(await connect("-sess_in", `${folder}/session`), /^Reused, /m);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

workersTest("what all sessions know is gone is purged while they go on", {
  config: { undelete: { time: "0d" } },
}, async (server) => {
  const [one, two] = await server.pair();
  const text = "x".repeat(200_000);
  await append(one, text);
  for (const client of [one, two]) await client.ok("select INBOX");
  const content = `${server.dataDir}/accounts/1/content`;
  const files = () => [...Deno.readDirSync(content)].length;
  assert.equal(files(), 1);
  await one.ok("store 1 +flags (\\deleted)");
  await one.ok("expunge");
  // The second one has not been told.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(files(), 1);
  assert.ok((await two.ok("fetch 1 body.peek[]")).length > 200_000);
  assert.match(await two.ok("noop"), /^\* 1 EXPUNGE/m);
  while (files() > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  closeAll([one, two]);
});

workersTest("metrics are those of all threads", {
  config: {
    listeners: [
      { protocol: "imap", address: "127.0.0.1", port: 0, cleartextLogin: true },
      { protocol: "imaps", address: "127.0.0.1", port: 0 },
      { protocol: "http", address: "127.0.0.1", port: 0 },
    ],
  },
}, async (server) => {
  const clients = await server.connected(12);
  await Promise.all(clients.map((client) => client.ok(`login ${ADDRESS} ${PASSWORD}`)));
  assert.equal(new Set(clients.map(({ worker }) => worker)).size, 2);
  const port = /listening http 127\.0\.0\.1:(\d+)/.exec(server.logTail(1000))?.[1];
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const value = (name: string) => Number(text.split("\n").find((line) => line.startsWith(`${name} `))?.split(" ")[1]);
  assert.equal(value('roost_connections_open{protocol="imap"}'), 12);
  assert.equal(value("roost_sessions_open"), 12);
  assert.equal(value('roost_logins_total{mechanism="LOGIN",result="ok"}'), 12);
  const rss = value("process_resident_memory_bytes");
  assert.ok(rss > 0 && rss < 1.5 * Deno.memoryUsage().rss + 500e6);
  assert.ok(Math.abs(value("process_start_time_seconds") - Date.now() / 1000) < 600);
  closeAll(clients);
});

workersTest("SIGTERM ends the sessions of all threads with BYE", {}, async (server) => {
  const clients = await server.connected(12);
  const [code, ...farewells] = await Promise.all([
    server.stop(),
    ...clients.map(({ conn }) => converse(conn, "", /\r\n$/)),
  ]);
  assert.equal(code, 0);
  for (const farewell of farewells) assert.equal(farewell, "* BYE server is shutting down\r\n");
  closeAll(clients);
  assert.deepEqual([...Deno.readDirSync(`${server.dataDir}/run`)].map(({ name }) => name), []);
});

workersTest("one thread alone serves as well", { config: { workers: 1 } }, async (server) => {
  const clients = await server.connected(5);
  assert.deepEqual(clients.map(({ worker }) => worker), [1, 1, 1, 1, 1]);
  await clients[0].ok(`login ${ADDRESS} ${PASSWORD}`);
  await append(clients[0], "hello");
  assert.match(await clients[0].ok("select INBOX"), /^\* 1 EXISTS/m);
  closeAll(clients);
  assert.equal(await server.stop(), 0);
});
