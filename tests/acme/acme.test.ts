import { X509Certificate } from "node:crypto";
import assert from "node:assert/strict";
import { changed, NAME, until, withAuthority } from "./support.ts";

const mode = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;

Deno.test("a certificate comes by HTTP-01, is kept for its owner alone, and is there after a restart (RFC 8555 §8.3)", () =>
  withAuthority({ terms: true }, async ({ acme, authority, directory, folder }) => {
    const config = { email: "postmaster@example.org", agreeTerms: true };
    const first = await acme(config);
    assert.equal(first.pairs.length, 1, "the self-signed one serves until then");
    const [selfSigned] = first.pairs;
    const arrived = changed(first);
    first.begin(["http-01"]);
    await arrived;
    const [pair, other] = first.pairs;
    assert.equal(other, selfSigned);
    const certificate = new X509Certificate(pair.cert);
    assert.equal(certificate.checkHost(NAME), NAME);
    assert.equal(pair.cert.match(/BEGIN CERTIFICATE/g)?.length, 2, "with its chain");
    assert.deepEqual([...authority.accounts.values()].map(({ contact }) => contact), [[
      "mailto:postmaster@example.org",
    ]]);

    const state = await until(() => folder.state(NAME), ({ renewAt }) => renewAt !== undefined);
    assert.equal(state.order, undefined);
    const third = 30 * 86_400_000;
    const left = Date.parse(certificate.validTo) - (state.renewAt ?? 0);
    assert.ok(left >= third && left < third * 1.1, `renewed ${left} ms before it expires`);
    assert.equal(mode(`${directory}/acme`), 0o700);
    assert.equal(mode(`${directory}/acme/certificates`), 0o700);
    for (const { name } of Deno.readDirSync(`${directory}/acme/certificates`)) {
      assert.equal(mode(`${directory}/acme/certificates/${name}`), 0o600);
    }
    for (const { name } of Deno.readDirSync(`${directory}/acme/accounts`)) {
      assert.equal(mode(`${directory}/acme/accounts/${name}`), 0o600);
    }
    await first.close();

    const second = await acme(config);
    assert.deepEqual(second.pairs[0], pair);
    second.begin(["http-01"]);
    await second.close();
    assert.equal(authority.issued, 1);
  }));

Deno.test("a certificate comes by TLS-ALPN-01: the name, and the digest in a critical extension (RFC 8737 §3)", () =>
  withAuthority({}, async ({ acme, authority }) => {
    const certificates = await acme();
    const arrived = changed(certificates);
    certificates.begin(["tls-alpn-01"]);
    await arrived;
    assert.equal(authority.issued, 1);
    assert.equal(certificates.challenge(NAME), undefined, "nothing waits any more");
  }));

Deno.test("a name that fails keeps no other from its certificate, and is not asked for again at once", () =>
  withAuthority({
    visits: ({ "http-01": visit }) => ({
      "http-01": (name, ...rest) =>
        name.startsWith("bad") ? Promise.reject(new Error("DNS says no")) : visit(name, ...rest),
    }),
  }, async ({ acme, authority, folder }) => {
    const certificates = await acme({ hostnames: ["bad.example.org", NAME] });
    const arrived = changed(certificates);
    const before = Date.now();
    certificates.begin(["http-01"]);
    await arrived;
    const { failures, lastError, nextAttempt = 0, order } = folder.state("bad.example.org");
    assert.equal(failures, 1);
    assert.equal(lastError, "http-01 failed: DNS says no");
    assert.ok(nextAttempt >= before + 3_600_000, "hours");
    assert.equal(order, undefined);
    await certificates.close();

    const again = await acme({ hostnames: ["bad.example.org", NAME] });
    again.begin(["http-01"]);
    await again.close();
    assert.deepEqual(authority.orders.map(({ name }) => name), ["bad.example.org", NAME], "a restart asks no more");
  }));

Deno.test("the other kind of challenge is tried after a failure, and `renew` tries at once", () =>
  withAuthority({
    visits: (usual) => ({ ...usual, "http-01": () => Promise.reject(new Error("port 80 is filtered")) }),
  }, async ({ acme, folder }) => {
    const certificates = await acme();
    certificates.begin(["http-01", "tls-alpn-01"]);
    await until(() => folder.state(NAME), ({ failures }) => failures === 1);
    const arrived = changed(certificates);
    folder.demand(NAME);
    await arrived;
    await until(() => folder.state(NAME), ({ failures }) => failures === 0);
  }));

Deno.test("Retry-After of a rate limit is heeded, and nothing is asked meanwhile (RFC 8555 §6.6)", () =>
  withAuthority({}, async ({ acme, authority, folder }) => {
    authority.intercept = (path) => {
      if (path !== "/order") return undefined;
      const problem = { type: "urn:ietf:params:acme:error:rateLimited", detail: "too many\ncertificates" };
      return Response.json(problem, { status: 429, headers: { "retry-after": "36000", "replay-nonce": "used" } });
    };
    const certificates = await acme();
    const before = Date.now();
    certificates.begin(["http-01"]);
    const { lastError, nextAttempt = 0 } = await until(() => folder.state(NAME), ({ failures }) => failures === 1);
    assert.equal(lastError, "too many certificates", "one line");
    assert.ok(nextAttempt >= before + 36_000_000);
    await certificates.close();
    assert.equal(authority.asked.filter((path) => path === "/order").length, 1);
  }));

Deno.test("a bad nonce is only a reason to sign again (RFC 8555 §6.5)", () =>
  withAuthority({}, async ({ acme, authority }) => {
    authority.badNonces = 3;
    const certificates = await acme();
    const arrived = changed(certificates);
    certificates.begin(["http-01"]);
    await arrived;
    assert.equal(authority.orders.length, 1);
  }));

Deno.test("an authority that finds every nonce bad is left alone", () =>
  withAuthority({}, async ({ acme, authority, folder }) => {
    authority.badNonces = 1e9;
    const certificates = await acme();
    certificates.begin(["http-01"]);
    await until(() => folder.state(NAME), ({ failures }) => failures === 1);
    assert.ok(authority.asked.length < 12, String(authority.asked));
  }));

Deno.test("an order that a stop cut off is taken up again, with its key", () => {
  const visited = Promise.withResolvers<void>();
  const mayGoOn = Promise.withResolvers<void>();
  return withAuthority({
    visits: ({ "http-01": visit }) => ({
      "http-01": async (...visitor) => {
        visited.resolve();
        await mayGoOn.promise;
        await visit(...visitor);
      },
    }),
  }, async ({ acme, authority, folder }) => {
    const first = await acme();
    first.begin(["http-01"]);
    await visited.promise;
    await first.close();
    const { order, failures } = folder.state(NAME);
    assert.equal(failures, 0, "a stop is no failure");
    assert.match(order?.url ?? "", /\/order\/0$/);

    const second = await acme();
    const arrived = changed(second);
    second.begin(["http-01"]);
    await until(() => authority.asked.filter((path) => path === "/authorization").length, (times) => times >= 3);
    mayGoOn.resolve();
    await arrived;
    assert.equal(authority.orders.length, 1);
    assert.equal(second.pairs[0].key, order?.key);
  });
});

Deno.test("an order that failed meanwhile, or that the authority has forgotten, gives way to a new one", () =>
  withAuthority({}, async ({ acme, authority, folder }) => {
    const { directory } = authority;
    folder.saveState(NAME, { failures: 0, order: { directory, key: "", url: `${authority.base}/order/7` } });
    const certificates = await acme();
    const arrived = changed(certificates);
    certificates.begin(["http-01"]);
    await arrived;
    assert.equal(authority.orders.length, 1);
  }));

Deno.test("nothing is ordered that could not be kept; when the disk has room again it is", () =>
  withAuthority({}, async ({ acme, authority, directory, folder }) => {
    await Deno.writeTextFile(`${directory}/acme`, "in the way");
    const certificates = await acme();
    certificates.begin(["http-01"]);
    await certificates.close();
    assert.deepEqual(authority.asked, []);
    await Deno.remove(`${directory}/acme`);

    const second = await acme();
    folder.lock()?.close();
    await Deno.remove(`${directory}/acme/certificates`);
    await Deno.writeTextFile(`${directory}/acme/certificates`, "in the way");
    second.begin(["http-01"]);
    await second.close();
    assert.equal(authority.orders.length, 0);

    await Deno.remove(`${directory}/acme/certificates`);
    const third = await acme();
    const arrived = changed(third);
    third.begin(["http-01"]);
    await arrived;
    assert.equal(authority.orders.length, 1);
  }));

Deno.test("a certificate that could not be written is fetched later, not ordered again", () =>
  withAuthority({}, async ({ acme, authority, directory, folder }) => {
    const path = `${directory}/acme/certificates/${NAME}.pem`;
    await Deno.mkdir(path, { recursive: true });
    const first = await acme();
    first.begin(["http-01"]);
    await until(() => folder.state(NAME), ({ failures }) => failures === 1);
    await first.close();
    assert.equal(authority.issued, 1);
    await Deno.remove(path);

    const second = await acme();
    const arrived = changed(second);
    folder.demand(NAME);
    second.begin(["http-01"]);
    await arrived;
    assert.equal(authority.issued, 1);
    assert.equal(authority.orders.length, 1);
  }));

Deno.test("a due certificate is renewed; the new one is of another key and follows the old one (RFC 9773 §5)", () => {
  const hour = 3_600_000;
  const window = { start: new Date(Date.now() - 2 * hour), end: new Date(Date.now() - hour) };
  return withAuthority({ window }, async ({ acme, authority, folder }) => {
    const certificates = await acme();
    let arrived = changed(certificates);
    certificates.begin(["http-01"]);
    await arrived;
    const [before] = certificates.pairs;
    const state = await until(() => folder.state(NAME), ({ renewAt }) => renewAt !== undefined);
    await certificates.close();
    // The authority has asked for its renewal; it is asked for its wishes some hours after the certificate came.
    folder.saveState(NAME, { ...state, askAt: Date.now() });

    const later = await acme();
    arrived = changed(later);
    later.begin(["http-01"]);
    await arrived;
    const [after] = later.pairs;
    assert.notEqual(after.key, before.key);
    assert.notEqual(after.cert, before.cert);
    assert.equal(authority.issued, 2);
    assert.match(String(authority.orders[1].replaces), /^[\w-]{27}\.APAAAg$/);
    await until(() => folder.state(NAME), ({ askAt = 0 }) => askAt > Date.now());
    await later.close();
    assert.equal(authority.issued, 2, "the window in the past does not make it order without end");
  });
});

Deno.test("another authority in the configuration means another certificate", () =>
  withAuthority({}, async ({ acme, authority, folder }) => {
    const first = await acme();
    const arrived = changed(first);
    first.begin(["http-01"]);
    await arrived;
    const state = await until(() => folder.state(NAME), ({ renewAt }) => renewAt !== undefined);
    await first.close();
    folder.saveState(NAME, { ...state, directory: "https://staging.example/directory" });
    const second = await acme();
    const renewed = changed(second);
    second.begin(["http-01"]);
    await renewed;
    assert.equal(authority.issued, 2);
  }));

Deno.test("one process at a time orders; the others take what it brings", () =>
  withAuthority({}, async ({ acme, authority, folder }) => {
    const held = folder.lock();
    assert.ok(held);
    assert.equal(folder.lock(), undefined);
    const waiting = await acme();
    waiting.begin(["http-01"]);
    const arrived = changed(waiting);
    // What the process that holds the lock would write.
    const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toBase64();
    const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`;
    folder.saveCertificate(NAME, { cert: await authority.issuer.sign([NAME], keys.publicKey), key });
    await arrived;
    assert.equal(waiting.pairs.length, 2);
    assert.deepEqual(authority.asked, []);
    held.close();
  }));

Deno.test("terms must be agreed to, and the reason says where they are", () =>
  withAuthority({ terms: true }, async ({ acme, folder, authority }) => {
    const certificates = await acme();
    certificates.begin(["http-01"]);
    const { lastError } = await until(() => folder.state(NAME), ({ failures }) => failures === 1);
    assert.match(lastError ?? "", /read https:\/\/localhost\/terms and set tls\.acme\.agreeTerms/);
    assert.equal(authority.accounts.size, 0);
  }));

Deno.test("an account at the authority's own books is bound by its key (RFC 8555 §7.3.4)", () => {
  const hmacKey = crypto.getRandomValues(new Uint8Array(32));
  return withAuthority({ externalAccount: { keyId: "customer-7", hmacKey } }, async ({ acme, directory }) => {
    const hmacKeyFile = `${directory}/hmac`;
    await Deno.writeTextFile(hmacKeyFile, hmacKey.toBase64({ alphabet: "base64url", omitPadding: true }) + "\n");
    const certificates = await acme({ externalAccount: { keyId: "customer-7", hmacKeyFile } });
    const arrived = changed(certificates);
    certificates.begin(["http-01"]);
    await arrived;
  });
});

Deno.test("an account that the authority has lost is made again with the same key; a new address is told", () =>
  withAuthority({}, async ({ acme, authority, folder }) => {
    const first = await acme({ email: "a@example.org" });
    let arrived = changed(first);
    first.begin(["http-01"]);
    await arrived;
    await first.close();
    const [[url]] = authority.accounts;
    authority.accounts.clear();

    const second = await acme({ email: "a@example.org" });
    arrived = changed(second);
    folder.demand(NAME);
    second.begin(["http-01"]);
    await arrived;
    await second.close();
    assert.deepEqual([...authority.accounts.keys()], [url]);

    const third = await acme({ email: "b@example.org" });
    arrived = changed(third);
    folder.demand(NAME);
    third.begin(["http-01"]);
    await arrived;
    assert.deepEqual(authority.accounts.get(url)?.contact, ["mailto:b@example.org"]);
  }));

Deno.test("tokens that do not wait, and paths beside them, get 404", () =>
  withAuthority({}, async ({ acme }) => {
    const { challenges: { route } } = await acme();
    for (const path of ["", "x", "../acme/accounts", "__proto__"]) {
      assert.equal((await route.answer(`/.well-known/acme-challenge/${path}`)).status, 404);
    }
  }));

Deno.test("an authority that answers nonsense, too much or with another name's certificate gets nothing kept", () =>
  withAuthority({}, async ({ acme, authority, folder }) => {
    const answers: [string, () => Response, RegExp][] = [
      ["/directory", () => new Response("<html>"), /not JSON/],
      ["/directory", () => Response.json({ newNonce: 7 }), /wrong at newNonce/],
      ["/directory", () => new Response(new Uint8Array(2 ** 21)), /too long/],
      ["/directory", () => Response.json({ newNonce: "http://localhost/", newAccount: "", newOrder: "" }), /not https/],
      ["/certificate/0", () => new Response("no PEM"), /cannot be read/],
      ["/certificate/1", () => new Response(authority.issuer.pem), /another key/],
    ];
    const certificates = await acme();
    certificates.begin(["http-01"]);
    for (const [at, [path, answer, message]] of answers.entries()) {
      authority.intercept = (asked) => asked === path ? answer() : undefined;
      folder.demand(NAME);
      const { lastError } = await until(() => folder.state(NAME), ({ failures }) => failures > at);
      assert.match(lastError ?? "", message);
    }
    assert.equal(certificates.pairs.length, 1);
  }));
