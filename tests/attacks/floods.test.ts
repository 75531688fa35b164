/** Many at once: connections, logins, sessions that wait. */
import assert from "node:assert/strict";
import { Authenticator, AuthError } from "../../auth/authenticator.ts";
import { Throttle } from "../../auth/throttle.ts";
import { Admission } from "../../server/net/admission.ts";
import { mail, protocolTest, type TestClient } from "../support/protocol.ts";
import { startServer } from "../support/server.ts";
import { processorSeconds, resident, within } from "./support.ts";

const MANY = { config: { limits: { connectionsPerAccount: 0 } } };
/** Idle sessions of one account in one process, over memory. */
const WAITING = 1000;

/** What each of them hears when one message comes. */
async function woken(clients: readonly TestClient[], pattern: RegExp): Promise<void> {
  await Promise.all(clients.map(async (client) => {
    while (!pattern.test(await client.line()));
  }));
}

for (
  const [title, wait, heard] of [
    [`IDLE from ${WAITING} connections`, "i IDLE\r\n", /^\* 1 EXISTS/],
    [
      `NOTIFY from ${WAITING} connections`,
      "i NOTIFY SET (SELECTED (MessageNew MessageExpunge FlagChange)) (PERSONAL (MessageNew MessageExpunge))\r\n",
      /^\* 1 EXISTS/,
    ],
  ] as const
) {
  protocolTest(`${title}: bounded memory each, and one change wakes all without quadratic work`, async (t) => {
    await t.account();
    const start = resident();
    const clients: TestClient[] = [];
    await within({ seconds: 20, mib: 256 }, async () => {
      for (let count = 0; count < WAITING; count++) {
        const client = await t.login();
        await client.ok("SELECT INBOX");
        await client.send(wait);
        assert.match(await client.line(), /^(?:\+ |i OK)/);
        clients.push(client);
      }
    });
    if (start > 0) assert((resident() - start) * 1024 / WAITING < 150, "KiB a session, with its client");
    const cost = async (some: readonly TestClient[], pattern: RegExp) => {
      const before = processorSeconds();
      await t.fill("INBOX", [mail("wakes")]);
      await woken(some, pattern);
      return processorSeconds() - before;
    };
    const all = await cost(clients, heard);
    assert(all < 5, `one message took ${all} s for ${WAITING} sessions`);
  }, MANY);
}

protocolTest("sessions beyond connectionsPerAccount get BYE [LIMIT], those that are there go on", async (t) => {
  const clients = [];
  for (let count = 0; count < 5; count++) clients.push(await t.login());
  await within({ seconds: 5, mib: 64 }, async () => {
    for (let count = 0; count < 500; count++) {
      const late = await t.connect();
      await late.send("a LOGIN alice@example.org secret\r\n");
      assert.match(await late.rest(), /^\* BYE \[LIMIT\] Too many connections of this account/);
    }
  });
  for (const client of clients) await client.ok("NOOP");
  clients[0].vanish();
}, { config: { limits: { connectionsPerAccount: 5 } } });

Deno.test("2,000 connections beyond connectionsPerAddress are refused by a live server that goes on", async () => {
  await using server = await startServer({ limits: { connectionsPerAddress: 5, connectionsPerMinute: 0 } });
  if (server.foreign) return;
  const open = () => Deno.connect({ hostname: "127.0.0.1", port: server.imapPort });
  const buffer = new Uint8Array(1024);
  const said = async (conn: Deno.TcpConn) => new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0));
  const held = [];
  for (let count = 0; count < 5; count++) {
    const conn = await open();
    assert.match(await said(conn), /^\* OK /);
    held.push(conn);
  }
  await within({ seconds: 20, mib: 96, pid: server.pid }, async () => {
    for (let round = 0; round < 100; round++) {
      const flood = await Promise.all(Array.from({ length: 20 }, open));
      for (const conn of flood) conn.close();
    }
  });
  const one = await open();
  assert.match(await said(one), /^\* BYE .*Too many connections/);
  one.close();
  for (const conn of held) {
    await conn.write(new TextEncoder().encode("a NOOP\r\n"));
    assert.match(await said(conn), /^a OK/);
    conn.close();
  }
  assert.deepEqual(server.takeErrors(), []);
});

/** Addresses of ever other networks, as one who has a /32 can use them. */
function address(at: number): string {
  return `2001:${(at >>> 20).toString(16)}:${(at & 0xffff).toString(16)}:${(at >>> 16 & 0xf).toString(16)}::1`;
}

Deno.test("login failures from 200,000 addresses in IPv6 /48s: memory is bounded, the networks around are refused", async () => {
  const throttle = new Throttle({ failuresPerMinute: 10, failuresPerDay: 50 }, { now: () => 0 });
  await within({ seconds: 10, mib: 256 }, async () => {
    for (let at = 0; at < 200_000; at++) {
      throttle.failed(address(at));
      if (at % 10_000 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
  });
  assert(throttle.size <= 50_000);
  assert.equal(
    throttle.refuses("2001:0:beef::1"),
    true,
    "an address that never failed, in the network of those that did",
  );
  assert.equal(throttle.refuses("2a00:1::1"), false);
});

Deno.test("connections from 200,000 addresses: the rates that are kept are bounded", async () => {
  const admission = new Admission(
    { connectionsPerMinute: 300, connectionsPerAddress: 30, connectionsPerAccount: 20 },
    () => 0,
  );
  await within({ seconds: 10, mib: 96 }, async () => {
    for (let at = 0; at < 200_000; at++) {
      const admitted = admission.connect(address(at));
      if (!("refused" in admitted)) admitted.release();
    }
  });
  assert("refused" in admission.connect("2001::1"), "the network that they came from");
});

protocolTest("a login flood is throttled: the right password is refused too, others log in", async (t) => {
  await t.account();
  await t.account("bob@example.org");
  const auth = new Authenticator(t.store.directory, { failuresPerMinute: 1, failuresPerDay: 1 });
  const client = (remote: string) => ({ remote, scope: "imap" as const, secure: true });
  const login = (user: string, password: string, remote: string) =>
    auth.login(user, password, client(remote) as never).then(
      () => "ok",
      (error) => error instanceof AuthError ? error.kind : error,
    );
  assert.equal(await login("alice@example.org", "wrong", "192.0.2.1"), "credentials");
  await within({ seconds: 5, mib: 64 }, async () => {
    for (let count = 0; count < 10_000; count++) {
      assert.equal(await login("alice@example.org", "secret", "192.0.2.1"), "throttled");
    }
  });
  assert.equal(await login("alice@example.org", "secret", "198.51.100.7"), "ok");
});
