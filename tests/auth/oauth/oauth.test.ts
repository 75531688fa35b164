import assert from "node:assert/strict";
import { Authenticator, type OAuthOptions } from "../../../auth/authenticator.ts";
import type { Client } from "../../../auth/types.ts";
import { ALICE, authTest, bytes, client, LIMITS, local, refused, type Scene } from "../testing.ts";
import { AUDIENCE, Issuer } from "./issuer.ts";

interface OAuthScene extends Scene {
  readonly issuer: Issuer;
}

function oauthTest(
  name: string,
  test: (scene: OAuthScene) => Promise<void>,
  options: (issuer: Issuer) => Partial<OAuthOptions> = () => ({}),
): void {
  authTest(name, async (scene) => {
    const issuer = await Issuer.start();
    try {
      const auth = new Authenticator(scene.directory, LIMITS, {
        now: () => scene.clock.now,
        sleep: async (milliseconds) => void scene.slept.push(milliseconds),
        oauth: issuer.options(options(issuer)),
      });
      await test({ ...scene, auth, issuer });
    } finally {
      await issuer.stop();
    }
  });
}

const introspecting = (issuer: Issuer) => ({ introspection: issuer.introspection() });

const bearer = (token: string, user = "") =>
  `n,${user && `a=${user}`},\x01host=imap\x01port=993\x01auth=Bearer ${token}\x01\x01`;

/** The whole of an exchange; a refused client answers as RFC 7628 §3.2.3 asks. */
async function oauth(auth: Authenticator, message: string, from: Client = local, mechanism = "OAUTHBEARER") {
  const exchange = auth.begin(mechanism, from)!;
  const step = await exchange.next(bytes(message));
  if (step.done) return step.login.account.address;
  assert.ok(step.failure);
  await exchange.next(bytes(mechanism === "XOAUTH2" ? "" : "\x01"));
  assert.fail("let in after all");
}

/** What a refused client is told first. */
async function explanation(auth: Authenticator, message: string, mechanism = "OAUTHBEARER") {
  const step = await auth.begin(mechanism, local)!.next(bytes(message));
  assert.ok(!step.done);
  return JSON.parse(new TextDecoder().decode(step.challenge));
}

oauthTest("offered where it is configured, and only where clear text is allowed", async ({ auth }) => {
  assert.deepEqual(auth.mechanisms(client, true).slice(-2), ["OAUTHBEARER", "XOAUTH2"]);
  assert.ok(!auth.mechanisms(client, false).some((name) => name.includes("OAUTH")));
});

oauthTest(
  "a signed token lets in: as the token's account, or asked for by name (RFC 7628 §3.1)",
  async ({ auth, issuer }) => {
    const token = await issuer.token();
    assert.equal(await oauth(auth, bearer(token)), ALICE);
    assert.equal(await oauth(auth, bearer(token, ALICE)), ALICE);
    assert.equal(await oauth(auth, bearer(token, "ALICE@EXAMPLE.ORG")), ALICE);
    assert.equal(await oauth(auth, `user=${ALICE}\x01auth=Bearer ${token}\x01\x01`, local, "XOAUTH2"), ALICE);
    assert.deepEqual(issuer.asked, ["/.well-known/openid-configuration", "/keys"]);
  },
);

oauthTest("without initial response the client is asked (RFC 4422 §3)", async ({ auth, issuer }) => {
  const exchange = auth.begin("OAUTHBEARER", client)!;
  assert.deepEqual(await exchange.next(undefined), { done: false, challenge: new Uint8Array() });
  assert.ok((await exchange.next(bytes(bearer(await issuer.token())))).done);
});

oauthTest(
  "a refused client is told why and where to get a token, then it fails (RFC 7628 §3.2.2)",
  async ({ auth, slept }) => {
    assert.deepEqual(await explanation(auth, bearer("x")), { status: "invalid_token", scope: "mail" });
    assert.deepEqual(await explanation(auth, `user=${ALICE}\x01auth=Bearer x\x01\x01`, "XOAUTH2"), {
      status: "401",
      schemes: "bearer",
      scope: "mail",
    });
    await refused(oauth(auth, bearer("x")), "credentials");
    await refused(oauth(auth, `user=${ALICE}\x01auth=Bearer x\x01\x01`, local, "XOAUTH2"), "credentials");
    assert.deepEqual(slept, []);
  },
  () => ({ scope: "mail" }),
);

authTest("the client is told of the issuer's metadata where that is https (RFC 7628 §3.2.2)", async ({ auth }) => {
  const told = await explanation(auth, "n,,\x01auth=\x01\x01");
  assert.deepEqual(told, {
    status: "invalid_token",
    "openid-configuration": "https://id.example.org/.well-known/openid-configuration",
  });
}, { oauth: { issuer: "https://id.example.org/", audience: ["x"], claim: "email" } });

oauthTest("refused tokens count as failed logins; asking without one does not", async ({ auth, slept }) => {
  for (let i = 0; i < 5; i++) {
    await refused(oauth(auth, "n,,\x01auth=\x01\x01", client), "credentials");
    await refused(oauth(auth, "n,,\x01auth=Bearer \x01\x01", client), "credentials");
  }
  assert.deepEqual(slept, []);
  for (let i = 0; i < LIMITS.failuresPerMinute; i++) await refused(oauth(auth, bearer("x"), client), "credentials");
  await refused(oauth(auth, bearer("x"), client), "throttled");
});

oauthTest("a failure counts when it is told, whether the client answers or not", async ({ auth, issuer }) => {
  for (let i = 0; i < LIMITS.failuresPerMinute; i++) await auth.begin("OAUTHBEARER", client)!.next(bytes(bearer("x")));
  await refused(oauth(auth, bearer(await issuer.token()), client), "throttled");
});

oauthTest("tokens of others, of other times and for others", async ({ auth, issuer }) => {
  const now = Math.floor(Date.now() / 1000);
  const wrong: Record<string, Record<string, unknown>> = {
    issuer: { iss: "https://id.example.com" },
    "no issuer": { iss: undefined },
    audience: { aud: "https://calendar.example.org" },
    "no audience": { aud: undefined },
    expired: { exp: now - 60 },
    "no end": { exp: undefined },
    "not yet": { nbf: now + 60 },
    "no address": { email: undefined },
    "an address that is none": { email: 5 },
    "an address that was not verified": { email_verified: false },
    "nobody here": { email: "nobody@example.org" },
    "bound to a key": { cnf: { jkt: "x" } },
  };
  for (const [what, claims] of Object.entries(wrong)) {
    await refused(oauth(auth, bearer(await issuer.token(claims))), "credentials").catch((error) => {
      throw new Error(what, { cause: error });
    });
  }
  const right = [{ exp: now - 10 }, { nbf: now + 10 }, { aud: ["other", AUDIENCE] }, { email_verified: true }];
  for (const claims of right) assert.equal(await oauth(auth, bearer(await issuer.token(claims))), ALICE);
});

oauthTest(
  "no signature, a forged one, another's, and the public key used as a shared secret (RFC 8725 §2.1)",
  async (scene) => {
    const { auth, issuer } = scene;
    const good = await issuer.token();
    const [header, payload, signature] = good.split(".");
    const other = (text: string) => text.startsWith("A") ? `B${text.slice(1)}` : `A${text.slice(1)}`;
    const forged = [
      issuer.unsigned(),
      `${issuer.unsigned()}${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${other(signature)}`,
      `${header}.${(await issuer.token({ email: "bob@example.org" })).split(".")[1]}.${signature}`,
      await issuer.token({}, { alg: "HS256", key: await issuer.publicKeyText() }),
    ];
    const stranger = await Issuer.start();
    try {
      const { kid } = JSON.parse(atob(header));
      forged.push(await stranger.token({ iss: issuer.url }), await stranger.token({ iss: issuer.url }, { kid }));
    } finally {
      await stranger.stop();
    }
    for (const token of forged) await refused(oauth(auth, bearer(token)), "credentials");
    assert.equal(await oauth(auth, bearer(good)), ALICE);
  },
);

oauthTest("keys that change are fetched anew, those taken back no longer count", async ({ auth, issuer }) => {
  const before = await issuer.token();
  assert.equal(await oauth(auth, bearer(before)), ALICE);
  await issuer.rotate("RS256");
  assert.equal(await oauth(auth, bearer(await issuer.token())), ALICE);
  await refused(oauth(auth, bearer(before)), "credentials");
}, () => ({ cooldown: 0 }));

oauthTest("tokens with unknown keys do not make us ask again and again", async ({ auth, issuer }) => {
  await oauth(auth, bearer(await issuer.token()));
  for (let i = 0; i < 5; i++) {
    await refused(oauth(auth, bearer(await issuer.token({}, { kid: `${i}` }))), "credentials");
  }
  assert.equal(issuer.asked.filter((path) => path === "/keys").length, 1);
});

oauthTest("keys at a place that is configured", async ({ auth, issuer }) => {
  assert.equal(await oauth(auth, bearer(await issuer.token())), ALICE);
  assert.deepEqual(issuer.asked, ["/keys"]);
}, (issuer) => ({ jwks: `${issuer.url}/keys` }));

oauthTest("another claim, and a scope that is needed (RFC 7628 §3.2.2)", async ({ auth, issuer }) => {
  const claims = { email: undefined, preferred_username: ALICE };
  for (const scope of [{ scope: "openid mail" }, { scp: ["mail"] }]) {
    assert.equal(await oauth(auth, bearer(await issuer.token({ ...claims, ...scope }))), ALICE);
  }
  for (const scope of ["openid", "mailx", ""]) {
    const message = bearer(await issuer.token({ ...claims, scope }));
    assert.deepEqual(await explanation(auth, message), { status: "insufficient_scope", scope: "mail" });
    await refused(oauth(auth, message), "credentials");
  }
}, () => ({ claim: "preferred_username", scope: "mail" }));

oauthTest("a token opens no other account", async ({ auth, issuer, directory }) => {
  await directory.add([{ address: "bob@example.org", credentials: {} }]);
  const token = await issuer.token();
  for (const other of ["bob@example.org", "nobody@example.org"]) {
    await refused(oauth(auth, bearer(token, other)), "authorization");
    await refused(oauth(auth, `user=${other}\x01auth=Bearer ${token}\x01\x01`, local, "XOAUTH2"), "authorization");
  }
});

oauthTest("a disabled account tells its message to who has a token for it", async ({ auth, issuer, directory }) => {
  const { id } = (await directory.find(ALICE))!;
  await directory.setDisabled(id, "Closed until Monday.");
  await refused(oauth(auth, bearer(await issuer.token())), "disabled", /^Closed until Monday\.$/);
  await refused(oauth(auth, bearer("x", ALICE)), "credentials");
});

oauthTest("an account that takes app passwords only takes tokens too", async ({ auth, issuer, directory }) => {
  const { id } = (await directory.find(ALICE))!;
  await directory.setAppPasswordsOnly(id, true);
  assert.equal(await oauth(auth, bearer(await issuer.token())), ALICE);
});

const FAULTS: Record<string, (issuer: Issuer, path: string) => void> = {
  "answers 500": (issuer, path) => issuer.instead.set(path, () => new Response("{}", { status: 500 })),
  "sends us elsewhere": (issuer, path) => issuer.instead.set(path, () => Response.redirect(`${issuer.url}/other`)),
  "answers nonsense": (issuer, path) => issuer.instead.set(path, () => new Response("<html>")),
  "answers a list": (issuer, path) => issuer.instead.set(path, () => Response.json([])),
  "answers without end": (issuer, path) =>
    issuer.instead.set(path, () => {
      const part = new TextEncoder().encode(" ".repeat(65536));
      return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(part) }));
    }),
  "does not answer": (issuer, path) => issuer.instead.set(path, () => issuer.late),
  "does not go on": (issuer, path) =>
    issuer.instead.set(path, () => {
      const start = (controller: ReadableStreamDefaultController) => controller.enqueue(bytes("{"));
      return new Response(new ReadableStream({ start }));
    }),
};

for (const [what, make] of Object.entries(FAULTS)) {
  for (const path of ["/.well-known/openid-configuration", "/keys", "/introspect"]) {
    oauthTest(
      `an issuer that ${what} at ${path}: try later, no failure of the client; well again: let in`,
      async (scene) => {
        const { auth, issuer, slept } = scene;
        const token = await issuer.token();
        issuer.active.set(token, { active: true, ...issuer.claims() });
        make(issuer, path);
        for (let i = 0; i < 2; i++) await refused(oauth(auth, bearer(token), client), "temporary");
        assert.deepEqual(slept, []);
        issuer.instead.clear();
        assert.equal(await oauth(auth, bearer(token), client), ALICE);
      },
      (issuer) => ({ timeout: 500, ...(path === "/introspect" ? introspecting(issuer) : {}) }),
    );
  }
}

authTest("an issuer that is not there", async ({ auth }) => {
  await refused(oauth(auth, bearer("x.y.z")), "temporary");
}, { oauth: { issuer: "http://127.0.0.1:9", audience: [AUDIENCE], claim: "email" } });

oauthTest(
  "metadata of another issuer is not believed (OpenID Connect Discovery 1.0 §4.3)",
  async ({ auth, issuer }) => {
    const path = "/.well-known/openid-configuration";
    for (const issuerName of ["https://id.example.com", `${issuer.url}/`]) {
      issuer.instead.set(path, () => Response.json({ issuer: issuerName, jwks_uri: `${issuer.url}/keys` }));
      await refused(oauth(auth, bearer(await issuer.token())), "temporary");
    }
    issuer.instead.set(path, () => Response.json({ issuer: issuer.url, jwks_uri: "file:///etc/keys" }));
    await refused(oauth(auth, bearer(await issuer.token())), "temporary");
  },
);

oauthTest("introspection: what the issuer calls active lets in (RFC 7662 §2.2)", async ({ auth, issuer }) => {
  issuer.active.set("opaque", { active: true, ...issuer.claims() });
  assert.equal(await oauth(auth, bearer("opaque")), ALICE);
  assert.deepEqual(issuer.asked, ["/introspect"]);
  await refused(oauth(auth, bearer("unknown")), "credentials");
}, introspecting);

oauthTest("introspection: what else it says counts too", async ({ auth, issuer }) => {
  const now = Math.floor(Date.now() / 1000);
  const wrong: Record<string, unknown>[] = [
    { active: false },
    { active: "true" },
    { iss: "https://id.example.com" },
    { aud: "other" },
    { aud: undefined },
    { exp: now - 60 },
    { exp: "soon" },
    { nbf: now + 60 },
    { email: undefined },
    { email: ["alice@example.org"] },
  ];
  for (const [at, claims] of wrong.entries()) {
    issuer.active.set(`t${at}`, { active: true, ...issuer.claims(), ...claims });
    await refused(oauth(auth, bearer(`t${at}`)), "credentials");
  }
}, introspecting);

oauthTest(
  "introspection: a good answer is remembered, a bad one is not, nor one that ends",
  async ({ auth, issuer }) => {
    const now = Math.floor(Date.now() / 1000);
    issuer.active.set("good", { active: true, ...issuer.claims() });
    issuer.active.set("over", { active: true, ...issuer.claims({ exp: now - 5 }) });
    for (const token of ["good", "over"]) {
      issuer.asked.length = 0;
      for (let i = 0; i < 3; i++) assert.equal(await oauth(auth, bearer(token)), ALICE);
      assert.equal(issuer.asked.length, token === "good" ? 1 : 3);
    }
    issuer.asked.length = 0;
    for (let i = 0; i < 3; i++) await refused(oauth(auth, bearer("bad")), "credentials");
    assert.equal(issuer.asked.length, 3);
  },
  introspecting,
);

oauthTest("introspection without a memory: a token that is withdrawn ends at once", async ({ auth, issuer }) => {
  issuer.active.set("token", { active: true, ...issuer.claims() });
  assert.equal(await oauth(auth, bearer("token")), ALICE);
  issuer.active.delete("token");
  await refused(oauth(auth, bearer("token")), "credentials");
}, (issuer) => ({ introspection: issuer.introspection(0) }));
