import assert from "node:assert/strict";
import { admitsClient, generateAppPassword, parseExpiry, parseScope, saltsFor } from "../../auth/apppasswords.ts";
import type { Authenticator } from "../../auth/authenticator.ts";
import { deriveCredentials } from "../../auth/secrets.ts";
import type { Client, Login } from "../../auth/types.ts";
import type { Directory, NewAppPassword } from "../../store/store.ts";
import { ALICE, authTest, client, PASSWORD, refused } from "./testing.ts";
import { cramLogin, plainLogin, saslLogin, scramLogin } from "./testing.ts";

const PHONE = "phonephonephone7";

/** The password, from any way in. */
const WAYS: Record<string, (auth: Authenticator, password: string, from: Client) => Promise<Login>> = {
  LOGIN: (auth, password, from) => auth.login(ALICE, password, from),
  "the LOGIN mechanism": (auth, password, from) => saslLogin(auth, ALICE, password, from),
  PLAIN: (auth, password, from) => plainLogin(auth, ALICE, password, from),
  "CRAM-MD5": (auth, password, from) => cramLogin(auth, ALICE, password, from),
  "SCRAM-SHA-256": (auth, password, from) => scramLogin(auth, { password, client: from }),
  "SCRAM-SHA-1": (auth, password, from) => scramLogin(auth, { mechanism: "SCRAM-SHA-1", password, client: from }),
};

async function addPassword(
  directory: Directory,
  password: string,
  options: Partial<NewAppPassword> & { name: string },
): Promise<void> {
  const { id } = (await directory.find(ALICE))!;
  const credentials = await deriveCredentials(password, { salts: await saltsFor(directory, id) });
  await directory.addAppPassword(id, { scopes: ["imap"], networks: [], expires: null, ...options, credentials });
}

for (const [way, login] of Object.entries(WAYS)) {
  authTest(`${way}: each password of an account lets in, and it is known which it was`, async ({ auth, directory }) => {
    await addPassword(directory, PHONE, { name: "Phone" });
    await addPassword(directory, "laptoplaptop2345", { name: "Laptop" });
    for (let i = 0; i < 2; i++) {
      assert.equal((await login(auth, PASSWORD, client)).appPassword, undefined);
      assert.equal((await login(auth, PHONE, client)).appPassword, "Phone");
      assert.equal((await login(auth, "laptoplaptop2345", client)).appPassword, "Laptop");
    }
    await refused(login(auth, "wrong", client), "credentials");
  });

  authTest(`${way}: an app password that was removed or has expired lets nobody in`, async ({ auth, directory }) => {
    const { id } = (await directory.find(ALICE))!;
    await addPassword(directory, PHONE, { name: "Phone" });
    await login(auth, PHONE, client);
    await directory.removeAppPassword(id, "Phone");
    await refused(login(auth, PHONE, client), "credentials");
    await addPassword(directory, PHONE, { name: "Phone", expires: Math.floor(Date.now() / 1000) + 60 });
    await login(auth, PHONE, client);
    await directory.removeAppPassword(id, "Phone");
    await addPassword(directory, PHONE, { name: "Phone", expires: Math.floor(Date.now() / 1000) - 1 });
    await refused(login(auth, PHONE, client), "credentials");
    await login(auth, PASSWORD, client);
  });

  authTest(`${way}: networks and scopes of an app password`, async ({ auth, directory }) => {
    await addPassword(directory, PHONE, { name: "Phone", networks: ["192.0.2.0/24", "2001:db8::/32"] });
    await addPassword(directory, "delivery", { name: "Delivery", scopes: ["lmtp"] });
    for (const remote of ["192.0.2.9", "2001:db8::1", "::ffff:192.0.2.1"]) {
      await login(auth, PHONE, { ...client, remote });
    }
    for (const remote of ["198.51.100.1", "2001:db9::1", "local"]) {
      await refused(login(auth, PHONE, { ...client, remote }), "credentials");
    }
    await refused(login(auth, "delivery", { ...client, remote: "203.0.113.1" }), "credentials");
    await login(auth, "delivery", { ...client, scope: "lmtp" });
  });

  authTest(`${way}: an account that takes app passwords only`, async ({ auth, directory }) => {
    const { id } = (await directory.find(ALICE))!;
    await login(auth, PASSWORD, client);
    await directory.setAppPasswordsOnly(id, true);
    await refused(login(auth, PASSWORD, client), "credentials");
    await addPassword(directory, PHONE, { name: "Phone" });
    await refused(login(auth, PASSWORD, client), "credentials");
    assert.equal((await login(auth, PHONE, { ...client, remote: "local" })).appPassword, "Phone");
    await directory.setAppPasswordsOnly(id, false);
    await login(auth, PASSWORD, { ...client, remote: "local" });
  });
}

authTest("the main password changes, app passwords stay", async ({ auth, directory }) => {
  const { id } = (await directory.find(ALICE))!;
  await addPassword(directory, PHONE, { name: "Phone" });
  const salts = await saltsFor(directory, id);
  await directory.setCredentials(id, await deriveCredentials("new password", { salts }));
  for (const login of Object.values(WAYS)) {
    assert.equal((await login(auth, PHONE, client)).appPassword, "Phone");
    assert.equal((await login(auth, "new password", client)).appPassword, undefined);
    await refused(login(auth, PASSWORD, { ...client, remote: "local" }), "credentials");
  }
});

authTest("an account without a main password: its app passwords share their salts", async ({ auth, directory }) => {
  const { id } = (await directory.find(ALICE))!;
  await directory.setCredentials(id, {});
  assert.equal(await saltsFor(directory, id), undefined);
  await addPassword(directory, PHONE, { name: "Phone" });
  await addPassword(directory, "tablet", { name: "Tablet" });
  for (const login of Object.values(WAYS)) {
    assert.equal((await login(auth, PHONE, client)).appPassword, "Phone");
    assert.equal((await login(auth, "tablet", client)).appPassword, "Tablet");
  }
});

authTest("the last use of an app password is noted, of the one that was used", async ({ auth, directory }) => {
  const { id } = (await directory.find(ALICE))!;
  await addPassword(directory, PHONE, { name: "Phone" });
  await addPassword(directory, "tablet", { name: "Tablet" });
  await auth.login(ALICE, "tablet", client);
  await auth.login(ALICE, PASSWORD, client);
  const used = Object.fromEntries((await directory.appPasswords(id)).map(({ name, lastRemote }) => [name, lastRemote]));
  assert.deepEqual(used, { Phone: null, Tablet: "192.0.2.1" });
});

Deno.test("generated app passwords: 16 characters, no two alike, nothing to mistake", () => {
  const made = Array.from({ length: 1000 }, generateAppPassword);
  assert.equal(new Set(made).size, made.length);
  for (const password of made) assert.match(password, /^[a-z2-7]{16}$/);
  assert.equal(new Set(made.join("")).size, 32);
});

Deno.test("what an app password admits", () => {
  const all = { scopes: ["imap"], networks: [], expires: null };
  assert.ok(admitsClient(all, client, 1000));
  assert.ok(!admitsClient({ ...all, scopes: ["lmtp"] }, client, 1000));
  assert.ok(admitsClient({ ...all, scopes: ["lmtp", "imap"] }, client, 1000));
  assert.ok(admitsClient({ ...all, expires: 1001 }, client, 1000));
  assert.ok(!admitsClient({ ...all, expires: 1000 }, client, 1000));
  assert.ok(!admitsClient({ ...all, networks: ["nonsense"] }, client, 1000));
});

Deno.test("scopes and expiry as an administrator writes them", () => {
  assert.equal(parseScope("IMAP"), "imap");
  assert.throws(() => parseScope("smtp"), RangeError);
  const now = Date.parse("2026-12-01T00:00:00Z") / 1000;
  const at = (time: string) => Date.parse(time) / 1000;
  assert.equal(parseExpiry("2027-01-31", now), at("2027-02-01T00:00:00Z"));
  assert.equal(parseExpiry("2026-12-01", now), at("2026-12-02T00:00:00Z"));
  assert.equal(parseExpiry("2027-01-31T12:00:00+01:00", now), at("2027-01-31T11:00:00Z"));
  assert.equal(parseExpiry("90d", now), now + 90 * 86_400);
  for (
    const wrong of ["", "tomorrow", "2027-02-31", "2027-13-01", "0d", "-1d", "1", "2026-11-30", "2027-01-31T12:00"]
  ) {
    assert.throws(() => parseExpiry(wrong, now), RangeError, wrong);
  }
});
