import assert from "node:assert/strict";
import { Authenticator } from "../../auth/authenticator.ts";
import { RecentPasswords } from "../../auth/recent.ts";
import { deriveCredentials } from "../../auth/secrets.ts";
import { StoreError } from "../../store/types.ts";
import { ALICE, authTest, bytes, challenge, client, LIMITS, local, PASSWORD, refused } from "./testing.ts";
import { cramLogin, plainLogin, saslLogin, scramClient, scramLogin, tlsClient } from "./testing.ts";

authTest("mechanisms: the strongest first, PLAIN only where clear text is allowed", async ({ auth }) => {
  assert.deepEqual(auth.mechanisms(client, true), ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"]);
  assert.deepEqual(auth.mechanisms(client, false), ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5"]);
  assert.deepEqual(auth.mechanisms(tlsClient({ "tls-exporter": bytes("x") }, { clientKey: "00" }), false), [
    ...["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "EXTERNAL", "CRAM-MD5"],
  ]);
  assert.ok(!auth.mechanisms(tlsClient({}), false).some((name) => name.endsWith("-PLUS")));
});

authTest("a mechanism that there is not begins nothing", async ({ auth }) => {
  for (const name of ["", "GSSAPI", "SCRAM-SHA-256-PLUS", "EXTERNAL", "OAUTHBEARER", "constructor"]) {
    assert.equal(auth.begin(name, client), undefined);
  }
});

authTest("LOGIN by address in any case and normal form", async ({ auth, directory }) => {
  const account = (await directory.find(ALICE))!;
  assert.deepEqual(await auth.login("Alice@EXAMPLE.org", PASSWORD, client), { account, appPassword: undefined });
  await directory.add([{ address: "jos\u00e9", credentials: await directory.credentials(account.id) }]);
  assert.equal((await auth.login("JOSE\u0301", PASSWORD, client)).account.address, "jos\u00e9");
});

authTest("a wrong password and an unknown user are told in the same words", async ({ auth }) => {
  const words = async (user: string) =>
    await auth.login(user, "wrong", client).catch((error) => `${error.kind} ${error.message}`);
  assert.equal(await words(ALICE), await words("nobody@example.org"));
});

authTest("a repeated login is as good as the first, a wrong one after it is not", async ({ auth }) => {
  for (let i = 0; i < 3; i++) {
    await auth.login(ALICE, PASSWORD, client);
    await refused(auth.login(ALICE, `${PASSWORD}${i}`, local), "credentials");
  }
});

authTest("a new password holds at once, the old one no longer", async ({ auth, directory }) => {
  const { account: { id } } = await auth.login(ALICE, PASSWORD, client);
  await directory.setCredentials(id, await deriveCredentials("new password"));
  await refused(auth.login(ALICE, PASSWORD, client), "credentials");
  await auth.login(ALICE, "new password", client);
});

authTest("a removed account is nobody", async ({ auth, directory }) => {
  const { account: { id } } = await auth.login(ALICE, PASSWORD, client);
  await directory.remove(id);
  await refused(auth.login(ALICE, PASSWORD, client), "credentials");
});

authTest("a disabled account hears its message after the right password only", async ({ auth, directory }) => {
  const { id } = (await directory.find(ALICE))!;
  await directory.setDisabled(id, "Closed until Monday.");
  await refused(auth.login(ALICE, PASSWORD, client), "disabled", /^Closed until Monday\.$/);
  await refused(auth.login(ALICE, "wrong", client), "credentials");
  for (const login of [plainLogin, saslLogin, cramLogin]) {
    await refused(login(auth, ALICE, PASSWORD), "disabled", /^Closed until Monday\.$/);
    await refused(login(auth, ALICE, "wrong", local), "credentials");
  }
  for (const mechanism of ["SCRAM-SHA-256", "SCRAM-SHA-1"]) {
    await refused(scramLogin(auth, { mechanism }), "disabled", /^Closed until Monday\.$/);
    await refused(scramLogin(auth, { mechanism, password: "wrong", client: local }), "credentials");
  }
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
    await auth.login(ALICE, PASSWORD, { ...client, remote: "198.51.100.7" });
    await auth.login(ALICE, PASSWORD, local);
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

Deno.test("remembered passwords: bound to secret and password, and bounded in number", () => {
  const recent = new RecentPasswords(10);
  const mark = recent.mark("secret", "password");
  assert.ok(!recent.has(mark));
  recent.add(mark);
  assert.ok(recent.has(mark));
  assert.ok(!recent.has(recent.mark("secret", "passwor")));
  assert.ok(!recent.has(recent.mark("secret2", "password")));
  assert.ok(!recent.has(recent.mark("secretp", "assword")));
  assert.ok(!new RecentPasswords().has(mark));
  const others = Array.from({ length: 30 }, (_, i) => recent.mark(`secret ${i}`, "password"));
  for (const other of others) recent.add(other);
  assert.ok(!recent.has(mark));
  assert.ok(recent.has(others[29]));
  assert.ok(others.filter((known) => recent.has(known)).length <= 10);
});

authTest(
  "names and passwords beyond ASCII, composed and decomposed, in every mechanism",
  async ({ auth, directory }) => {
    const [name, password] = ["zo\u00eb@example.org", "p\u00e4ssw\u00f6rd \u00df"];
    await directory.add([{ address: name, credentials: await deriveCredentials(password) }]);
    for (const user of [name, name.normalize("NFD"), name.toUpperCase()]) {
      for (const typed of [password, password.normalize("NFD")]) {
        for (const login of [plainLogin, saslLogin, cramLogin]) {
          assert.equal((await login(auth, user, typed)).account.address, name);
        }
        assert.equal((await auth.login(user, typed, client)).account.address, name);
      }
      // SCRAM clients prepare the password themselves (RFC 5802 §2.2).
      for (const mechanism of ["SCRAM-SHA-256", "SCRAM-SHA-1"]) {
        assert.equal((await scramLogin(auth, { mechanism, user, password })).account.address, name);
      }
    }
  },
);

authTest("a fault tells whom the client tried to log in as", async ({ auth }) => {
  const { account } = await auth.login(ALICE, PASSWORD, client);
  const tried = async (work: Promise<unknown>) => {
    const error = await work.then(() => assert.fail("let in"), (error) => error);
    return [error.kind, error.user, error.account];
  };
  const name = ALICE.toUpperCase();
  assert.deepEqual(await tried(auth.login(name, "wrong", client)), ["credentials", name, account.id]);
  assert.deepEqual(await tried(plainLogin(auth, "nobody", "wrong", local)), ["credentials", "nobody", undefined]);
  const exchange = auth.begin("SCRAM-SHA-256", client)!;
  assert.deepEqual({ ...exchange.tried }, {});
  await challenge(exchange, `n,,n=${ALICE},r=abcdef`);
  assert.deepEqual({ ...exchange.tried }, { user: ALICE, account: account.id });
  assert.deepEqual(await tried(exchange.next(bytes("nonsense"))), ["malformed", ALICE, account.id]);
  assert.deepEqual(await tried(auth.begin("PLAIN", client)!.next(bytes("nonsense"))), [
    "malformed",
    undefined,
    undefined,
  ]);
});

authTest("the same questions are asked of the directory for somebody and for nobody", async ({ directory }) => {
  const asked: string[] = [];
  const watched = new Proxy(directory, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        asked.push(String(name));
        return value.apply(target, args);
      };
    },
  });
  const auth = new Authenticator(watched, LIMITS, { sleep: async () => {} });
  await auth.login(ALICE, PASSWORD, local); // the server's own secret is read once
  const logins = [
    (user: string) => auth.login(user, "wrong", local),
    (user: string) => plainLogin(auth, user, "wrong", local),
    (user: string) => saslLogin(auth, user, "wrong", local),
    (user: string) => cramLogin(auth, user, "wrong", local),
    (user: string) => scramLogin(auth, { user, password: "wrong", client: local }),
  ];
  for (const login of logins) {
    const questions: string[][] = [];
    for (const user of [ALICE, "nobody@example.org"]) {
      asked.length = 0;
      await refused(login(user), "credentials");
      questions.push([...asked]);
    }
    assert.deepEqual(questions[0], questions[1]);
    assert.ok(questions[0].length >= 3);
  }
});
