import assert from "node:assert/strict";
import { Authenticator } from "../../auth/authenticator.ts";
import { RecentPasswords } from "../../auth/recent.ts";
import { deriveCredentials } from "../../auth/secrets.ts";
import { type AccountId, StoreError } from "../../store/types.ts";
import { ALICE, authTest, bytes, challenge, client, LIMITS, PASSWORD, refused, scramClient } from "./testing.ts";

authTest("mechanisms: the strongest first, PLAIN only where clear text is allowed", async ({ auth }) => {
  assert.deepEqual(auth.mechanisms(client, true), ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN"]);
  assert.deepEqual(auth.mechanisms(client, false), ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5"]);
});

authTest("a mechanism that there is not begins nothing", async ({ auth }) => {
  for (const name of ["", "GSSAPI", "SCRAM-SHA-256-PLUS", "constructor"]) {
    assert.equal(auth.begin(name, client), undefined);
  }
});

authTest("LOGIN by address in any case and normal form", async ({ auth, directory }) => {
  const account = (await directory.find(ALICE))!;
  assert.deepEqual(await auth.login("Alice@EXAMPLE.org", PASSWORD, client), account);
  await directory.add([{ address: "jos\u00e9", credentials: await directory.credentials(account.id) }]);
  assert.equal((await auth.login("JOSE\u0301", PASSWORD, client)).address, "jos\u00e9");
});

authTest("a wrong password and an unknown user are told in the same words", async ({ auth }) => {
  const words = async (user: string) =>
    await auth.login(user, "wrong", client).catch((error) => `${error.kind} ${error.message}`);
  assert.equal(await words(ALICE), await words("nobody@example.org"));
});

authTest("a repeated login is as good as the first, a wrong one after it is not", async ({ auth }) => {
  for (let i = 0; i < 3; i++) {
    await auth.login(ALICE, PASSWORD, client);
    await refused(auth.login(ALICE, `${PASSWORD}${i}`, { remote: "local", secure: true }), "credentials");
  }
});

authTest("a new password holds at once, the old one no longer", async ({ auth, directory }) => {
  const { id } = await auth.login(ALICE, PASSWORD, client);
  await directory.setCredentials(id, await deriveCredentials("new password"));
  await refused(auth.login(ALICE, PASSWORD, client), "credentials");
  await auth.login(ALICE, "new password", client);
});

authTest("a removed account is nobody", async ({ auth, directory }) => {
  const { id } = await auth.login(ALICE, PASSWORD, client);
  await directory.remove(id);
  await refused(auth.login(ALICE, PASSWORD, client), "credentials");
});

authTest("a disabled account hears its message after the right password only", async ({ auth, directory }) => {
  const { id } = (await directory.find(ALICE))!;
  await directory.setDisabled(id, "Closed until Monday.");
  await refused(auth.login(ALICE, PASSWORD, client), "disabled", /^Closed until Monday\.$/);
  await refused(auth.login(ALICE, "wrong", client), "credentials");
  const exchange = auth.begin("SCRAM-SHA-256", client)!;
  const bare = `n=${ALICE},r=abcdef`;
  const { final } = scramClient("sha256", PASSWORD, "n,,", bare, await challenge(exchange, `n,,${bare}`));
  await refused(exchange.next(bytes(final)), "disabled");
  assert.equal((await auth.accountFor(ALICE))?.id, id);
});

authTest("an account without the mechanism's secret is nobody to that mechanism", async ({ auth, directory }) => {
  const { id } = (await directory.find(ALICE))!;
  await directory.setCredentials(id, { "cram-md5": (await directory.credentials(id))["cram-md5"] });
  await refused(auth.login(ALICE, PASSWORD, client), "credentials");
});

authTest(
  "failures slow their answers, then close the door, in every mechanism, for the right password too",
  async (scene) => {
    const { auth, clock, slept } = scene;
    for (let i = 0; i < 10; i++) await refused(auth.login(ALICE, "wrong", client), "credentials");
    assert.deepEqual(slept.slice(0, 3), [1000, 2000, 4000]);
    await refused(auth.login(ALICE, PASSWORD, client), "throttled");
    await refused(auth.begin("PLAIN", client)!.next(bytes(`\0${ALICE}\0${PASSWORD}`)), "throttled");
    await refused(auth.begin("CRAM-MD5", client)!.next(undefined), "throttled");
    await refused(auth.begin("SCRAM-SHA-1", client)!.next(bytes(`n,,n=${ALICE},r=x`)), "throttled");
    await auth.login(ALICE, PASSWORD, { remote: "198.51.100.7", secure: true });
    await auth.login(ALICE, PASSWORD, { remote: "local", secure: true });
    clock.now += 60_000;
    await auth.login(ALICE, PASSWORD, client);
  },
);

authTest("an exchange that began before the door closed does not pass", async ({ auth }) => {
  const exchange = auth.begin("SCRAM-SHA-256", client)!;
  const bare = `n=${ALICE},r=abcdef`;
  const { final } = scramClient("sha256", PASSWORD, "n,,", bare, await challenge(exchange, `n,,${bare}`));
  for (let i = 0; i < 10; i++) await refused(auth.login(ALICE, "wrong", client), "credentials");
  await refused(exchange.next(bytes(final)), "throttled");
});

authTest("malformed messages and successes are no failures", async ({ auth, slept }) => {
  for (let i = 0; i < 20; i++) {
    await refused(auth.begin("PLAIN", client)!.next(bytes("nonsense")), "malformed");
    await auth.login(ALICE, PASSWORD, client);
  }
  assert.deepEqual(slept, []);
});

authTest("a directory that cannot be read is a temporary fault", async ({ directory }) => {
  const find = () => Promise.reject(new StoreError("inuse", "locked"));
  const auth = new Authenticator(Object.assign(Object.create(directory), { find }), LIMITS);
  await refused(auth.login(ALICE, PASSWORD, client), "temporary");
});

Deno.test("remembered passwords: bound to account, secret and password, and bounded in number", () => {
  const recent = new RecentPasswords(2);
  const [one, two, three] = [1, 2, 3] as AccountId[];
  const mark = recent.mark("secret", "password");
  assert.ok(!recent.has(one, mark));
  recent.add(one, mark);
  assert.ok(recent.has(one, mark));
  assert.ok(!recent.has(two, mark));
  assert.ok(!recent.has(undefined, mark));
  assert.ok(!recent.has(one, recent.mark("secret", "passwor")));
  assert.ok(!recent.has(one, recent.mark("secret2", "password")));
  assert.ok(!recent.has(one, recent.mark("secretp", "assword")));
  assert.ok(!new RecentPasswords().has(one, mark));
  recent.add(two, mark);
  recent.add(three, mark);
  assert.deepEqual([one, two, three].map((account) => recent.has(account, mark)), [false, true, true]);
});
