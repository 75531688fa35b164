import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { cramDigest, cramSecret, packCramSecret, unpackCramSecret } from "../../auth/crammd5.ts";
import { ALICE, authTest, bytes, challenge, client, PASSWORD, refused } from "./testing.ts";

const hex = (digest: Uint8Array) => [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const hmac = (password: string, text: string) => createHmac("md5", password).update(text).digest("hex");

Deno.test("the example of CRAM-MD5 (RFC 2195 §2)", () => {
  const digest = cramDigest(cramSecret("tanstaaftanstaaf"), bytes("<1896.697170952@postoffice.reston.mci.net>"));
  assert.equal(hex(digest), "b913a602c7eda7a495b4e6e7334d3890");
});

Deno.test("passwords shorter, as long as and longer than a block; the states are all that is kept", () => {
  for (const password of ["a", "x".repeat(63), "x".repeat(64), "x".repeat(65), "x".repeat(500), "p\u00e4ss"]) {
    const kept = unpackCramSecret(packCramSecret(cramSecret(password)));
    assert.equal(hex(cramDigest(kept, bytes("<1.2@x>"))), hmac(password, "<1.2@x>"));
  }
});

authTest("CRAM-MD5 logs in; the challenge is a message identifier, new each time (RFC 2195 §2)", async ({ auth }) => {
  const seen = new Set<string>();
  for (const user of [ALICE, "ALICE@example.org"]) {
    const exchange = auth.begin("cram-md5", client)!;
    const text = await challenge(exchange);
    assert.match(text, /^<[0-9a-f]{24}\.\d+@mail\.example\.org>$/);
    seen.add(text);
    const step = await exchange.next(bytes(`${user} ${hmac(PASSWORD, text)}`));
    assert.ok(step.done);
    assert.equal(step.login.account.address, ALICE);
  }
  assert.equal(seen.size, 2);
});

authTest("CRAM-MD5 refuses a wrong password, an unknown user and an old answer alike", async ({ auth }) => {
  const old = hmac(PASSWORD, await challenge(auth.begin("CRAM-MD5", client)!));
  const answers = [
    (text: string) => `${ALICE} ${hmac("pencil2", text)}`,
    (text: string) => `bob@example.org ${hmac(PASSWORD, text)}`,
    () => `${ALICE} ${old}`,
  ];
  for (const answer of answers) {
    const exchange = auth.begin("CRAM-MD5", client)!;
    await refused(exchange.next(bytes(answer(await challenge(exchange)))), "credentials");
  }
});

authTest("CRAM-MD5 answers that are none", async ({ auth }) => {
  for (
    const answer of [
      "",
      "alice",
      "alice ",
      `${"0".repeat(32)}`,
      ` ${"0".repeat(32)}`,
      "alice 12",
      `alice ${"g".repeat(32)}`,
    ]
  ) {
    const exchange = auth.begin("CRAM-MD5", client)!;
    await challenge(exchange);
    await refused(exchange.next(bytes(answer)), "malformed");
  }
  const exchange = auth.begin("CRAM-MD5", client)!;
  await challenge(exchange);
  await refused(exchange.next(undefined), "malformed");
});

authTest("CRAM-MD5 takes no initial response: the server speaks first (RFC 4422 §5)", async ({ auth }) => {
  await refused(auth.begin("CRAM-MD5", client)!.next(bytes("")), "malformed");
});
