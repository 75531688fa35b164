import assert from "node:assert/strict";
import { parsePlain } from "../../auth/plain.ts";
import { ALICE, authTest, bytes, challenge, client, PASSWORD, refused } from "./testing.ts";

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
    assert.equal(step.account.address, ALICE);
    assert.equal(step.data, undefined);
  }
});

authTest("PLAIN for oneself by name is allowed, for another is not (RFC 4616 §2)", async ({ auth }) => {
  assert.ok((await auth.begin("PLAIN", client)!.next(bytes(`${ALICE.toUpperCase()}\0${ALICE}\0${PASSWORD}`))).done);
  await refused(auth.begin("PLAIN", client)!.next(bytes(`bob\0${ALICE}\0${PASSWORD}`)), "credentials");
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
