import assert from "node:assert/strict";
import { configSchema } from "../../server/config/schema.ts";
import { listenLmtp } from "../../server/lmtp/listener.ts";
import { lmtpTest } from "./support.ts";

const DELIVERED = "250 2.0.0 Delivered";

lmtpTest("the socket has the configured permissions, and is gone at the end", async (t) => {
  assert.equal((Deno.lstatSync(t.path).mode ?? 0) & 0o777, 0o620);
  await t.close();
  assert.throws(() => Deno.lstatSync(t.path), Deno.errors.NotFound);
}, { listener: { mode: "0620" } });

lmtpTest("a socket at which nobody listens any more is replaced, no other", async (t) => {
  const listen = (path: string) => {
    const config = configSchema.parse({ listeners: [{ protocol: "lmtp", path }] });
    return listenLmtp(config.listeners[0], { store: t.store, config });
  };
  await assert.rejects(listen(t.path), /another program listens there/);
  const file = `${t.directory}/file`;
  Deno.writeTextFileSync(file, "precious");
  await assert.rejects(listen(file), /no socket/);
  assert.equal(Deno.readTextFileSync(file), "precious");
  const stale = `${t.directory}/stale`;
  const killed = new Deno.Command("python3", {
    args: ["-c", "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", stale],
  });
  assert.equal((await killed.output()).code, 0);
  await (await listen(stale)).close(1000);
  await assert.rejects(listen(`${t.directory}/none/lmtp`), /directory/);
});

lmtpTest("TCP: peers outside of the networks are refused", async (t) => {
  const client = await t.connect();
  assert.equal(client.greeting, "554 5.7.1 You may not deliver mail here");
  await client.ended();
}, { listener: { port: 0, networks: ["192.0.2.0/24"] } });

lmtpTest("TCP: peers inside deliver", async (t) => {
  const client = await t.hello();
  assert.deepEqual(await client.deliver(["ann@example.org"], "Subject: x\r\n\r\n"), [DELIVERED]);
}, { listener: { port: 0, networks: ["127.0.0.0/8"] } });

lmtpTest("more connections than allowed: 421, and place again when one has gone", async (t) => {
  const first = await t.hello();
  const second = await t.connect();
  assert.match(second.greeting, /^421 /);
  await second.ended();
  await first.exchange("C: QUIT\nS: 221 ...");
  await first.ended();
  await t.hello();
}, { config: { limits: { lmtpConnections: 1 } } });

lmtpTest("a silent client is told 421 and dropped, also within a message", async (t) => {
  const idle = await t.hello();
  const writing = await t.hello();
  await writing.exchange("C: MAIL FROM:<ed@example.net>\nS: 250 ...\nC: RCPT TO:<ann@example.org>\nS: 250 ...");
  await writing.exchange("C: DATA\nS: 354 ...\nC: Subject: x");
  await Promise.all([idle, writing].map(async (client) => {
    await client.exchange("S: 421 4.4.2 ...");
    await client.ended();
  }));
  await t.close();
  assert.deepEqual(await t.messages(), []);
}, { config: { limits: { lmtpTimeout: 1 } } });

lmtpTest("the end of the server: idle clients get 421, a running message its answer before", async (t) => {
  const idle = await t.hello();
  const writing = await t.hello();
  await writing.exchange("C: MAIL FROM:<ed@example.net>\nS: 250 ...\nC: RCPT TO:<ann@example.org>\nS: 250 ...");
  await writing.exchange("C: DATA\nS: 354 ...\nC: Subject: x\nC:");
  const closed = t.close(20_000);
  await idle.exchange("S: 421 4.3.2 The server is shutting down");
  idle.close();
  await assert.rejects(t.connect());
  await writing.exchange(`C: .\nS: ${DELIVERED}\nS: 421 4.3.2 ...`);
  writing.close();
  await closed;
  assert.equal((await t.messages()).length, 1);
});

lmtpTest("the end of the server does not wait for a message that does not end", async (t) => {
  const writing = await t.hello();
  await writing.exchange("C: MAIL FROM:<ed@example.net>\nS: 250 ...\nC: RCPT TO:<ann@example.org>\nS: 250 ...");
  await writing.exchange("C: DATA\nS: 354 ...\nC: Subject: x");
  await t.close(50);
  assert.deepEqual(await t.messages(), []);
});
