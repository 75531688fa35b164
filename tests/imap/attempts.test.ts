import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { TlsFacts } from "../../auth/types.ts";
import type { AttemptGroup } from "../../store/store.ts";
import { protocolTest, type TestServer } from "../support/protocol.ts";

/** What was recorded, in the order in which it happened first. Ends recording. */
async function recorded({ context, store }: TestServer): Promise<AttemptGroup[]> {
  await context.attempts.close();
  return (await store.directory.attempts({})).toReversed();
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

async function tell(t: TestServer): Promise<(string | number | null)[][]> {
  const groups = await recorded(t);
  return groups.map(({ mechanism, result, user, account, count }) => [mechanism, result, user, account, count]);
}

protocolTest("LOGIN is recorded: right, wrong, of nobody", async (t) => {
  const { id } = await t.account();
  const client = await t.connect();
  await client.exchange(`
    C: a1 LOGIN alice@example.org wrong
    S: a1 NO [AUTHENTICATIONFAILED] ...
    C: a2 LOGIN Nobody wrong
    S: a2 NO [AUTHENTICATIONFAILED] ...
    C: a3 LOGIN ALICE@example.org secret
    S: a3 OK ...
  `);
  const groups = await recorded(t);
  const of = (result: string, user: string) => groups.find((group) => group.result === result && group.user === user);
  assert.equal(of("credentials", "alice@example.org")?.account, id);
  assert.equal(of("credentials", "Nobody")?.account, null);
  assert.equal(of("ok", "alice@example.org")?.account, id);
  assert.equal(groups.length, 3);
  for (const { mechanism, protocol, remote, tls } of groups) {
    assert.deepEqual([mechanism, protocol, remote, tls], ["LOGIN", "imap", "127.0.0.1", ""]);
  }
});

protocolTest("AUTHENTICATE is recorded by its mechanism; equal attempts are counted", async (t) => {
  const { id } = await t.account();
  for (let i = 0; i < 3; i++) {
    const client = await t.connect();
    await client.ok(`AUTHENTICATE PLAIN ${base64("\0alice@example.org\0secret")}`);
  }
  assert.deepEqual(await tell(t), [["PLAIN", "ok", "alice@example.org", id, 3]]);
});

protocolTest("an exchange that the client gives up is recorded (RFC 9051 §6.2.2)", async (t) => {
  const client = await t.connect();
  await client.exchange(`
    C: a1 AUTHENTICATE PLAIN
    S: + ...
    C: *
    S: a1 BAD ...
  `);
  assert.deepEqual(await tell(t), [["PLAIN", "aborted", "", null, 1]]);
});

protocolTest("a connection that is lost within an exchange is recorded, with the name said before", async (t) => {
  const { id } = await t.account();
  const client = await t.connect();
  await client.exchange(`
    C: a1 AUTHENTICATE SCRAM-SHA-256 ${base64("n,,n=alice@example.org,r=abc")}
    S: + ...
  `);
  client.vanish();
  await t.ended();
  assert.deepEqual(await tell(t), [["SCRAM-SHA-256", "aborted", "alice@example.org", id, 1]]);
});

protocolTest("an exchange that takes too long is recorded", async (t) => {
  const client = await t.connect();
  await client.exchange(`
    C: a1 AUTHENTICATE PLAIN
    S: + ...
    S: * BYE ...
  `);
  await t.ended();
  assert.deepEqual(await tell(t), [["PLAIN", "aborted", "", null, 1]]);
}, { config: { limits: { timeoutBeforeLogin: 1 } } });

protocolTest("what is no base64, or no message of the mechanism, is recorded", async (t) => {
  const client = await t.connect();
  await client.exchange(`
    C: a1 AUTHENTICATE PLAIN &&&
    S: a1 BAD ...
    C: a2 AUTHENTICATE PLAIN
    S: + ...
    C: not base64!
    S: a2 BAD ...
  `);
  assert.deepEqual(await tell(t), [["PLAIN", "malformed", "", null, 2]]);
});

protocolTest("a disabled account's login is recorded as such", async (t) => {
  const { id } = await t.account();
  await t.store.directory.setDisabled(id, "Unpaid.");
  const client = await t.connect();
  await client.exchange(`
    C: a1 LOGIN alice@example.org secret
    S: a1 NO [CONTACTADMIN] Unpaid.
  `);
  assert.deepEqual(await tell(t), [["LOGIN", "disabled", "alice@example.org", id, 1]]);
});

protocolTest("what never was an attempt is not recorded", async (t) => {
  const client = await t.connect({ cleartextLogin: false });
  await client.exchange(`
    C: a1 LOGIN alice secret
    S: a1 NO [PRIVACYREQUIRED] ...
    C: a2 AUTHENTICATE KERBEROS_V4
    S: a2 NO [CANNOT] ...
  `);
  const stdio = await t.connect({ preauth: await t.account() });
  assert.match(stdio.greeting, /^\* PREAUTH/);
  assert.deepEqual(await tell(t), []);
});

protocolTest("a login after UNAUTHENTICATE is another attempt (RFC 8437)", async (t) => {
  const alice = await t.login();
  await alice.ok("UNAUTHENTICATE");
  await alice.ok("LOGIN alice@example.org secret");
  assert.deepEqual((await recorded(t)).map(({ count }) => count), [2]);
});

protocolTest("ID is recorded as name/version (os) (RFC 2971 §3.3)", async (t) => {
  const { address } = await t.account();
  const says = [
    [
      '("name" "Mail" "version" "16.0" "vendor" "Apple Inc." "os" "Mac OS X" "os-version" "14.1")',
      "Mail/16.0 (Mac OS X 14.1)",
    ],
    ['("name" "mutt" "version" NIL)', "mutt"],
    ['("vendor" "Acme")', "Acme"],
    ['("os" "Linux")', "(Linux)"],
    ["NIL", ""],
    ['("support-url" "http://example.org/")', ""],
  ];
  for (const [said] of says) {
    const client = await t.connect();
    await client.ok(`ID ${said}`);
    await client.ok(`LOGIN ${address} secret`);
  }
  assert.deepEqual(
    new Set((await recorded(t)).map(({ userAgent }) => userAgent)),
    new Set(says.map(([, kept]) => kept)),
  );
});

protocolTest("ID right after the login is recorded, too", async (t) => {
  const client = await t.login();
  await client.ok('ID ("name" "mutt" "version" "2.2")');
  assert.deepEqual((await recorded(t)).map(({ userAgent }) => userAgent), ["mutt/2.2"]);
});

const tls: TlsFacts = {
  version: "TLSv1.2",
  cipher: "ECDHE-RSA-AES256-GCM-SHA384",
  resumed: false,
  clientKey: "b".repeat(64),
  bindings: [],
  binding: () => undefined,
};

protocolTest("TLS version, cipher and the client's key are recorded, registered or not", async (t) => {
  const { address } = await t.account();
  const client = await t.connect({ tls });
  await client.ok(`LOGIN ${address} secret`);
  assert.deepEqual((await recorded(t)).map(({ tls, cipher, clientKey }) => [tls, cipher, clientKey]), [
    ["TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", "b".repeat(64)],
  ]);
});

protocolTest("a connection that a key logs in is recorded", async (t) => {
  const { id } = await t.account();
  await t.store.directory.addClientKey({ account: id, fingerprint: "b".repeat(64), name: "", preauth: true });
  const client = await t.connect({ tls });
  assert.match(client.greeting, /^\* PREAUTH/);
  assert.deepEqual(await tell(t), [["preauth", "ok", "alice@example.org", id, 1]]);
});
