import assert from "node:assert/strict";
import { parseOAuthBearer, parseXOAuth2 } from "../../../auth/oauth/bearer.ts";
import { AuthError } from "../../../auth/types.ts";
import { tlsClient } from "../testing.ts";

const malformed = (error: unknown) => error instanceof AuthError && error.kind === "malformed";

Deno.test("the examples of OAUTHBEARER (RFC 7628 §4.1, §4.3)", () => {
  assert.deepEqual(
    parseOAuthBearer(
      "n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01",
      {},
    ),
    { user: "user@example.com", token: "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==" },
  );
  assert.deepEqual(parseOAuthBearer("n,,\x01host=server.example.com\x01port=143\x01auth=\x01\x01", {}), {
    user: "",
    token: "",
  });
});

Deno.test("the example of XOAUTH2 (Google's IMAP documentation)", () => {
  assert.deepEqual(
    parseXOAuth2("user=someuser@example.com\x01auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\x01\x01"),
    {
      user: "someuser@example.com",
      token: "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg",
    },
  );
});

Deno.test("names in escapes, a client that could bind, any case of the scheme, other keys", () => {
  assert.equal(parseOAuthBearer("y,a=a=2Cb=3Dc,\x01auth=Bearer x\x01\x01", {}).user, "a,b=c");
  assert.equal(parseOAuthBearer("n,,\x01auth=bearer x\x01later=y\x01\x01", {}).token, "x");
});

Deno.test("the host must be the one of the TLS connection, where that has a name (RFC 7628 §3.2)", () => {
  const client = tlsClient({}, { serverName: "imap.example.org" });
  const message = (host: string) => `n,,\x01host=${host}\x01auth=Bearer x\x01\x01`;
  assert.equal(parseOAuthBearer(message("IMAP.example.org"), client).token, "x");
  assert.equal(parseOAuthBearer(message("other.example.org"), tlsClient({})).token, "x");
  assert.throws(() => parseOAuthBearer(message("other.example.org"), client), malformed);
});

Deno.test("OAUTHBEARER messages that are none", () => {
  const wrong = [
    "",
    "n,,",
    "n,,\x01\x01",
    "n,,\x01auth=Bearer x\x01",
    "n,,\x01auth=Bearer x",
    "n,,auth=Bearer x\x01\x01",
    "n,b,\x01auth=Bearer x\x01\x01",
    "x,,\x01auth=Bearer x\x01\x01",
    "p=tls-exporter,,\x01auth=Bearer x\x01\x01",
    "n,a==2c,\x01auth=Bearer x\x01\x01",
    "n,,\x01host=x\x01\x01",
    "n,,\x01auth=Bearer x\x01auth=Bearer y\x01\x01",
    "n,,\x01auth=Basic x\x01\x01",
    "n,,\x01auth=Bearer x y\x01\x01",
    "n,,\x01auth=Bearer x\ny\x01\x01",
    "n,,\x01auth=Bearer =x\x01\x01",
    "n,,\x01=x\x01auth=Bearer x\x01\x01",
    "n,,\x01k1=x\x01auth=Bearer x\x01\x01",
    "n,,\x01constructor\x01auth=Bearer x\x01\x01",
  ];
  for (const text of wrong) assert.throws(() => parseOAuthBearer(text, {}), malformed, JSON.stringify(text));
});

Deno.test("XOAUTH2 messages that are none", () => {
  for (const text of ["", "user=a", "user=a\x01\x01", "user=a\0\x01auth=Bearer x\x01\x01", "auth=x\x01\x01"]) {
    assert.throws(() => parseXOAuth2(text), malformed, JSON.stringify(text));
  }
});

Deno.test("hostile messages take no longer than their length", () => {
  const long = 1_000_000;
  for (
    const text of ["\x01".repeat(long), `n,,${"\x01a=b".repeat(long / 4)}\x01\x01`, `n,a=${"=".repeat(long)},\x01\x01`]
  ) {
    assert.throws(() => parseOAuthBearer(text, {}), malformed);
  }
  assert.throws(() => parseOAuthBearer(`n,,\x01auth=Bearer ${"=".repeat(long)}x\x01\x01`, {}), malformed);
});
