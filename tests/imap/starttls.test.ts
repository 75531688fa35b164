import assert from "node:assert/strict";
import type { BindingType, TlsFacts } from "../../auth/types.ts";
import { ConnectionEnd } from "../../server/net/framing.ts";
import { memoryPair } from "../../server/net/memory.ts";
import type { Transport } from "../../server/net/transport.ts";
import { mail, protocolTest, TestClient, type TestServer } from "../support/protocol.ts";

const FINGERPRINT = "5f".repeat(32);

function facts(clientKey?: string): TlsFacts {
  return {
    version: "TLSv1.3",
    cipher: "TLS_AES_256_GCM_SHA384",
    resumed: false,
    clientKey,
    bindings: [] as BindingType[],
    binding: () => undefined,
  };
}

/** A handshake that just succeeds, and the client's side of what comes after it. */
class Handshake {
  readonly #ends = memoryPair();
  readonly client = new TestClient(this.#ends[1]);
  shaken = 0;

  constructor(readonly tls: TlsFacts = facts()) {}

  readonly startTls = async (): Promise<Transport> => {
    this.shaken++;
    return { ...this.#ends[0], remote: "127.0.0.1", secure: true, tls: this.tls };
  };
}

/** Has STARTTLS done; the client in TLS. */
async function secured(t: TestServer, options: { cleartextLogin?: boolean; tls?: TlsFacts } = {}): Promise<TestClient> {
  const { cleartextLogin = false } = options;
  const handshake = new Handshake(options.tls);
  const clear = await t.connect({ cleartextLogin, startTls: handshake.startTls });
  await clear.exchange(`
    C: a STARTTLS
    S: a OK ...
  `);
  return handshake.client;
}

protocolTest("STARTTLS is offered where it is possible; logins wait for it (RFC 9051 §6.2.1, §6.2.3)", async (t) => {
  await t.account();
  const handshake = new Handshake();
  const clear = await t.connect({ cleartextLogin: false, startTls: handshake.startTls });
  assert.match(clear.greeting, / STARTTLS /);
  assert.match(clear.greeting, / LOGINDISABLED/);
  assert.doesNotMatch(clear.greeting, /AUTH=PLAIN/);
  await clear.exchange(`
    C: a LOGIN alice@example.org secret
    S: a NO [PRIVACYREQUIRED] ...
    C: b STARTTLS
    S: b OK begin TLS
  `);
  const { client } = handshake;
  const [capability] = await client.ok("CAPABILITY");
  assert.doesNotMatch(capability, /STARTTLS|LOGINDISABLED/);
  assert.match(capability, /AUTH=PLAIN/);
  await client.ok("LOGIN alice@example.org secret");
});

protocolTest("STARTTLS has no greeting behind it", async (t) => {
  const client = await secured(t);
  assert.deepEqual(await client.command("NOOP"), ["t1 OK NOOP done"]);
});

protocolTest("STARTTLS a second time is BAD, and so it is where TLS is not possible (RFC 9051 §6.2.1)", async (t) => {
  const client = await secured(t);
  await client.exchange(`
    C: a STARTTLS
    S: a BAD TLS is active already
  `);
  const clear = await t.connect();
  assert.doesNotMatch(clear.greeting, /STARTTLS/);
  await clear.exchange(`
    C: a STARTTLS
    S: a BAD TLS is not possible here
  `);
});

protocolTest("STARTTLS is for who is not logged in, and has no arguments", async (t) => {
  await t.account();
  const handshake = new Handshake();
  const client = await t.connect({ startTls: handshake.startTls });
  await client.exchange(`
    C: a STARTTLS now
    S: a BAD ...
  `);
  await client.ok("LOGIN alice@example.org secret");
  const [capability] = await client.ok("CAPABILITY");
  assert.doesNotMatch(capability, /STARTTLS/);
  await client.exchange(`
    C: b STARTTLS
    S: b BAD ...
  `);
  assert.equal(handshake.shaken, 0);
});

for (
  const [how, injected] of [
    ["a whole command", "b LOGIN eve@example.org secret\r\n"],
    ["half a command", "b LOG"],
    ["one byte", "\0"],
    ["a TLS record", "\x16\x03\x01\x02\x00"],
  ]
) {
  protocolTest(`bytes in one packet with STARTTLS end the connection: ${how} (CVE-2011-0411)`, async (t) => {
    const handshake = new Handshake();
    const clear = await t.connect({ startTls: handshake.startTls });
    await clear.send(`a STARTTLS\r\n${injected}`);
    assert.match(await clear.rest(), /^\* BYE [^\r\n]*\r\n$/, "no OK, nothing else is answered");
    assert.equal(handshake.shaken, 0);
  });
}

protocolTest("bytes before the handshake never reach the session in TLS", async (t) => {
  await t.account();
  const handshake = new Handshake();
  const clear = await t.connect({ startTls: handshake.startTls });
  await clear.exchange(`
    C: a STARTTLS
    S: a OK ...
  `);
  // A packet later: for a real engine that is a broken record.
  await clear.send("b LOGIN alice@example.org secret\r\n");
  const [capability] = await handshake.client.ok("CAPABILITY");
  assert.match(capability, /AUTH=PLAIN/, "nobody is logged in");
});

protocolTest(
  "what was said in clear text is forgotten: language, counts, what the client is (RFC 9051 §6.2.1)",
  async (t) => {
    await t.account();
    const handshake = new Handshake();
    const clear = await t.connect({ startTls: handshake.startTls });
    await clear.exchange(`
    C: a LANGUAGE de
    S: ...
    S: a OK ...
    C: b ID ("name" "Evil")
    S: ...
    S: b OK ...
    C: c NONSENSE
    S: c BAD ...
    C: d NONSENSE
    S: d BAD ...
    C: e STARTTLS
    S: e OK ...
  `);
    const { client } = handshake;
    await client.exchange(`
    C: a NONSENSE
    S: a BAD unknown command
    C: b NONSENSE
    S: b BAD unknown command
  `);
    await client.ok("LOGIN alice@example.org secret");
    await t.context.attempts.close();
    const account = await t.account();
    const [attempt] = await t.store.directory.attempts({ account: account.id });
    assert.equal(attempt.userAgent, "");
    assert.equal(attempt.tls, "TLSv1.3");
  },
);

protocolTest("a handshake that fails ends the connection", async (t) => {
  const clear = await t.connect({
    startTls: async () => {
      throw new ConnectionEnd("no cipher in common");
    },
  });
  await clear.send("a STARTTLS\r\n");
  assert.equal(await clear.rest(), "a OK begin TLS\r\n");
});

protocolTest("TLS stays over UNAUTHENTICATE (RFC 8437 §4.1), and COMPRESS works in it", async (t) => {
  await t.account();
  const client = await secured(t);
  for (let round = 0; round < 2; round++) {
    await client.ok("LOGIN alice@example.org secret");
    await client.ok("UNAUTHENTICATE");
    await client.exchange(`
      C: a STARTTLS
      S: a BAD TLS is active already
    `);
  }
});

/** Registers the key of `facts(FINGERPRINT)`. */
async function register(t: TestServer, preauth: boolean): Promise<void> {
  const { id } = await t.account();
  await t.store.directory.addClientKey({ account: id, fingerprint: FINGERPRINT, name: "laptop", preauth });
}

protocolTest("a registered key is greeted with PREAUTH (RFC 9051 §7.1.4)", async (t) => {
  await t.fill("INBOX", [mail("one")]);
  await register(t, true);
  const client = await t.connect({ tls: facts(FINGERPRINT) });
  assert.match(client.greeting, /^\* PREAUTH \[CAPABILITY IMAP4rev2 .*\bIDLE\b.*\] /);
  assert.doesNotMatch(client.greeting, /AUTH=|STARTTLS|LOGINDISABLED/);
  assert.deepEqual(await client.ok("STATUS INBOX (MESSAGES)"), ["* STATUS INBOX (MESSAGES 1)"]);
});

protocolTest("a key that was registered without preauth needs AUTHENTICATE EXTERNAL", async (t) => {
  await register(t, false);
  const client = await t.connect({ tls: facts(FINGERPRINT) });
  assert.match(client.greeting, /^\* OK .*AUTH=EXTERNAL/);
  await client.ok("AUTHENTICATE EXTERNAL =");
  await client.ok("SELECT INBOX");
});

protocolTest("with an unknown key the connection goes on as without one", async (t) => {
  await t.account();
  const client = await t.connect({ tls: facts(FINGERPRINT) });
  assert.match(client.greeting, /^\* OK /);
  await client.ok("LOGIN alice@example.org secret");
});

protocolTest("the key of a disabled account opens nothing; EXTERNAL tells why", async (t) => {
  await register(t, true);
  const { id } = await t.account();
  await t.store.directory.setDisabled(id, "moved away");
  const client = await t.connect({ tls: facts(FINGERPRINT) });
  assert.match(client.greeting, /^\* OK /);
  await client.exchange(`
    C: a AUTHENTICATE EXTERNAL =
    S: a NO [CONTACTADMIN] moved away
  `);
});

protocolTest("a removed key opens nothing on the next connection", async (t) => {
  await register(t, true);
  await t.connect({ tls: facts(FINGERPRINT) });
  await t.store.directory.removeClientKey(FINGERPRINT);
  const client = await t.connect({ tls: facts(FINGERPRINT) });
  assert.match(client.greeting, /^\* OK /);
});

protocolTest("a key after STARTTLS offers EXTERNAL, and is no PREAUTH (RFC 9051 §6.2.1)", async (t) => {
  await register(t, true);
  const client = await secured(t, { tls: facts(FINGERPRINT) });
  const [capability] = await client.ok("CAPABILITY");
  assert.match(capability, /AUTH=EXTERNAL/);
  await client.exchange(`
    C: a SELECT INBOX
    S: a BAD ...
  `);
  await client.ok("AUTHENTICATE EXTERNAL =");
  await client.ok("SELECT INBOX");
});

protocolTest("a key counts for the connections of an account", async (t) => {
  await register(t, true);
  await t.connect({ tls: facts(FINGERPRINT) });
  const second = await t.connect({ tls: facts(FINGERPRINT) });
  assert.match(second.greeting, /^\* BYE \[LIMIT\] /);
}, { config: { limits: { connectionsPerAccount: 1 } } });

protocolTest("after UNAUTHENTICATE a key logs in again by EXTERNAL", async (t) => {
  await register(t, true);
  const client = await t.connect({ tls: facts(FINGERPRINT) });
  await client.ok("UNAUTHENTICATE");
  await client.ok("AUTHENTICATE EXTERNAL =");
});
