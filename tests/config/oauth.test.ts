import assert from "node:assert/strict";
import { checkOAuth, oauthOptions } from "../../server/config/oauthoptions.ts";
import { loadConfig, parseConfig } from "../../server/config/load.ts";

const load = (oauth: unknown) => parseConfig(JSON.stringify({ oauth }), undefined).config.oauth!;
const faults = (oauth: unknown): string[] => {
  try {
    load(oauth);
  } catch (error) {
    return (error as Error).message.split("\n");
  }
  assert.fail("nothing is wrong with it");
};

const ISSUER = "https://id.example.org";

Deno.test("keys by discovery: an issuer and an audience are enough", async () => {
  const options = await oauthOptions(load({ issuer: ISSUER, audience: ["imap"] }));
  assert.deepEqual(options, { issuer: ISSUER, audience: ["imap"], claim: "email" });
});

Deno.test("tokens for any audience are taken by introspection only", () => {
  assert.deepEqual(faults({ issuer: ISSUER }), ["oauth.audience: is missing"]);
  assert.ok(load({ issuer: ISSUER, introspection: { url: ISSUER, clientId: "roost", clientSecret: "x" } }));
});

Deno.test("the issuer is asked over TLS, or on this machine", () => {
  for (const issuer of ["http://127.0.0.1:8080", "http://localhost/realm", "http://[::1]:1", "https://x.example/a"]) {
    assert.equal(load({ issuer, audience: ["x"] }).issuer, issuer);
  }
  for (
    const issuer of [
      "http://id.example.org",
      "http://127.0.0.1.example.org",
      "ftp://x",
      "id.example.org",
      "https://u:p@x",
      "https://x/#y",
    ]
  ) {
    assert.match(faults({ issuer, audience: ["x"] })[0], /^oauth\.issuer: expected an https URL/, issuer);
  }
});

Deno.test("keys exclude introspection; one secret is needed", () => {
  const introspection = { url: ISSUER, clientId: "roost" };
  assert.match(faults({ issuer: ISSUER, introspection })[0], /clientSecret: either this or clientSecretFile/);
  const both = { ...introspection, clientSecret: "x", clientSecretFile: "y" };
  assert.match(faults({ issuer: ISSUER, introspection: both })[0], /clientSecret: either this or clientSecretFile/);
  const two = { issuer: ISSUER, jwks: ISSUER, introspection: { ...introspection, clientSecret: "x" } };
  assert.match(faults(two)[0], /jwks: and introspection exclude each other/);
});

Deno.test("the secret from a file beside the configuration", async () => {
  const directory = await Deno.makeTempDir({ prefix: "roost-oauth-" });
  try {
    const introspection = { url: `${ISSUER}/introspect`, clientId: "roost", clientSecretFile: "secret" };
    await Deno.writeTextFile(`${directory}/roost.yaml`, JSON.stringify({ oauth: { issuer: ISSUER, introspection } }));
    const loaded = loadConfig(`${directory}/roost.yaml`);
    assert.match((await checkOAuth(loaded))[0].message, /secret cannot be read: there is no such file/);
    await Deno.writeTextFile(`${directory}/secret`, "two\nlines\n");
    assert.match((await checkOAuth(loaded))[0].message, /is not one line with a secret/);
    await Deno.writeTextFile(`${directory}/secret`, "s3cret\n");
    assert.deepEqual(await checkOAuth(loaded), []);
    const options = await oauthOptions(loaded.config.oauth!);
    assert.equal(options.introspection?.clientSecret, "s3cret");
    assert.equal(options.introspection?.cacheSeconds, 60);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
