import assert from "node:assert/strict";
import { Authenticator } from "../../auth/authenticator.ts";
import { deriveCredentials } from "../../auth/secrets.ts";
import type { Directory } from "../../store/store.ts";
import { StoreError } from "../../store/types.ts";
import { ALICE, authTest, bytes, challenge, client, LIMITS, refused, tlsClient } from "./testing.ts";

const KEY = "ab".repeat(32);
const UNKNOWN = "cd".repeat(32);
const holder = tlsClient({}, { clientKey: KEY });
const stranger = tlsClient({}, { clientKey: UNKNOWN });

async function register(directory: Directory, preauth = false): Promise<void> {
  const account = (await directory.find(ALICE))!;
  await directory.addClientKey({ account: account.id, fingerprint: KEY, name: "laptop", preauth });
}

authTest(
  "EXTERNAL is offered to who shows a key, registered or not, and to nobody else",
  async ({ auth, directory }) => {
    await register(directory);
    for (const from of [holder, stranger]) {
      assert.ok(auth.mechanisms(from, false).includes("EXTERNAL"));
      assert.ok(auth.begin("EXTERNAL", from));
    }
    for (const from of [client, tlsClient({})]) assert.equal(auth.begin("EXTERNAL", from), undefined);
  },
);

authTest("a registered key logs in, with and without a name (RFC 4422 appendix A)", async ({ auth, directory }) => {
  await register(directory);
  for (const name of ["", ALICE, "ALICE@example.org"]) {
    const step = await auth.begin("EXTERNAL", holder)!.next(bytes(name));
    assert.ok(step.done);
    assert.equal(step.login.account.address, ALICE);
  }
  const asked = auth.begin("EXTERNAL", holder)!;
  assert.equal(await challenge(asked), "");
  assert.ok((await asked.next(bytes(""))).done);
});

authTest("a key opens no other account", async ({ auth, directory }) => {
  await register(directory);
  await directory.add([{ address: "bob@example.org", credentials: await deriveCredentials("pw") }]);
  for (const name of ["bob@example.org", "nobody@example.org"]) {
    await refused(auth.begin("EXTERNAL", holder)!.next(bytes(name)), "authorization");
  }
});

authTest("an unknown key is as a wrong password: same words, counted, slowed", async ({ auth, directory, slept }) => {
  await register(directory);
  const words = await auth.login(ALICE, "wrong", client).catch((error) => error.message);
  for (let i = 0; i < LIMITS.failuresPerMinute - 1; i++) {
    const work = auth.begin("EXTERNAL", stranger)!.next(bytes(i % 2 === 0 ? ALICE : ""));
    await refused(work, "credentials");
    if (i === 0) {
      await assert.rejects(auth.begin("EXTERNAL", { ...stranger, remote: "local" })!.next(bytes("")), {
        message: words,
      });
    }
  }
  assert.equal(slept.length, LIMITS.failuresPerMinute - 2);
  await refused(auth.begin("EXTERNAL", holder)!.next(bytes("")), "throttled");
});

authTest("a removed key lets nobody in, also on a connection that is open", async ({ auth, directory }) => {
  await register(directory);
  const exchange = auth.begin("EXTERNAL", holder)!;
  await directory.removeClientKey(KEY);
  await refused(exchange.next(bytes("")), "credentials");
  assert.equal(await auth.keyHolder(holder), undefined);
});

authTest(
  "a disabled account: EXTERNAL tells its message, and nobody is logged in before",
  async ({ auth, directory }) => {
    await register(directory, true);
    const { id } = (await directory.find(ALICE))!;
    await directory.setDisabled(id, "Closed until Monday.");
    await refused(auth.begin("EXTERNAL", holder)!.next(bytes("")), "disabled", /^Closed until Monday\.$/);
    assert.equal((await auth.keyHolder(holder))?.preauth, false);
  },
);

authTest("answers that are none", async ({ auth }) => {
  for (const message of [Uint8Array.of(0xc3), bytes("a\0b")]) {
    await refused(auth.begin("EXTERNAL", holder)!.next(message), "malformed");
  }
});

for (const preauth of [true, false]) {
  authTest(`the holder of a key ${preauth ? "with" : "without"} preauth`, async ({ auth, directory }) => {
    await register(directory, preauth);
    const found = await auth.keyHolder(holder);
    assert.deepEqual([found?.account.address, found?.preauth], [ALICE, preauth]);
    assert.equal(await auth.keyHolder(stranger), undefined);
    assert.equal(await auth.keyHolder(client), undefined);
    const [key] = await directory.clientKeys();
    assert.equal(key.lastRemote, preauth ? client.remote : null);
  });
}

authTest("the last use of a key is noted at most once a minute", async ({ auth, directory, clock }) => {
  await register(directory);
  const use = async (remote: string) => {
    await auth.begin("EXTERNAL", { ...holder, remote })!.next(bytes(""));
    return (await directory.clientKeys())[0].lastRemote;
  };
  assert.equal(await use("192.0.2.1"), "192.0.2.1");
  assert.equal(await use("192.0.2.2"), "192.0.2.1");
  clock.now += 60_000;
  assert.equal(await use("192.0.2.3"), "192.0.2.3");
});

authTest(
  "while the directory cannot be read a key is as none shown, and EXTERNAL says try later",
  async ({ directory }) => {
    const clientKey = () => Promise.reject(new StoreError("inuse", "locked"));
    const auth = new Authenticator(Object.assign(Object.create(directory), { clientKey }), LIMITS);
    assert.equal(await auth.keyHolder(holder), undefined);
    await refused(auth.begin("EXTERNAL", holder)!.next(bytes("")), "temporary");
  },
);
