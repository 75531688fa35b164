import assert from "node:assert/strict";
import { parsePlain } from "../../auth/plain.ts";
import { ALICE, authTest, bytes, challenge, client, PASSWORD, refused, saslLogin } from "./testing.ts";

Deno.test("the examples of PLAIN (RFC 4616 §4)", () => {
  assert.deepEqual(parsePlain(bytes("\0tim\0tanstaaftanstaaf")), {
    authzid: "",
    authcid: "tim",
    password: "tanstaaftanstaaf",
  });
  assert.deepEqual(parsePlain(bytes("Ursel\0Kurt\0xipj3plmq")), {
    authzid: "Ursel",
    authcid: "Kurt",
    password: "xipj3plmq",
  });
});

authTest("PLAIN logs in, with an initial response and without (RFC 4959)", async ({ auth }) => {
  const at = auth.begin("PLAIN", client)!;
  assert.equal(await challenge(at), "");
  for (const exchange of [at, auth.begin("plain", client)!]) {
    const step = await exchange.next(bytes(`\0${ALICE}\0${PASSWORD}`));
    assert.ok(step.done);
    assert.equal(step.login.account.address, ALICE);
    assert.equal(step.data, undefined);
  }
});

authTest("PLAIN for oneself by name is allowed, for another is not (RFC 4616 §2)", async ({ auth, directory }) => {
  await directory.add([{ address: "bob@example.org", credentials: {} }]);
  assert.ok((await auth.begin("PLAIN", client)!.next(bytes(`${ALICE.toUpperCase()}\0${ALICE}\0${PASSWORD}`))).done);
  for (const other of ["bob@example.org", "nobody"]) {
    const work = auth.begin("PLAIN", client)!.next(bytes(`${other}\0${ALICE}\0${PASSWORD}`));
    await refused(work, "authorization");
    await refused(auth.begin("PLAIN", client)!.next(bytes(`${other}\0${ALICE}\0wrong`)), "credentials");
  }
});

authTest("PLAIN refuses a wrong password, an empty one and an unknown user alike", async ({ auth }) => {
  for (const message of [`\0${ALICE}\0pencil2`, `\0${ALICE}\0`, `\0bob\0${PASSWORD}`]) {
    await refused(auth.begin("PLAIN", client)!.next(bytes(message)), "credentials");
  }
});

authTest("PLAIN messages that are none", async ({ auth }) => {
  for (const message of ["", "alice", "alice\0pencil", "\0\0pencil", "\0alice\0pen\0cil"]) {
    await refused(auth.begin("PLAIN", client)!.next(bytes(message)), "malformed");
  }
  await refused(auth.begin("PLAIN", client)!.next(Uint8Array.of(0, 0xc3, 0, 0x61)), "malformed");
});

authTest("LOGIN asks for the name and the password (draft-murchison-sasl-login)", async ({ auth }) => {
  assert.equal((await saslLogin(auth, ALICE, PASSWORD)).account.address, ALICE);
  const withName = auth.begin("login", client)!;
  assert.equal(await challenge(withName, ALICE), "Password:");
  assert.ok((await withName.next(bytes(PASSWORD))).done);
});

authTest(
  "LOGIN refuses a wrong password, an empty one and an unknown user alike, after both questions",
  async ({ auth }) => {
    for (const [user, password] of [[ALICE, "pencil2"], [ALICE, ""], ["bob", PASSWORD]]) {
      await refused(saslLogin(auth, user, password), "credentials");
    }
  },
);

authTest("LOGIN answers that are none", async ({ auth }) => {
  for (const name of [bytes(""), bytes("a\0b"), Uint8Array.of(0xc3)]) {
    await refused(auth.begin("LOGIN", client)!.next(name), "malformed");
  }
  const exchange = auth.begin("LOGIN", client)!;
  await challenge(exchange, ALICE);
  await refused(exchange.next(bytes("pen\0cil")), "malformed");
});
