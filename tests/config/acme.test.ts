import assert from "node:assert/strict";
import { challengeTypes } from "../../server/config/acme.ts";
import { checkConfig } from "../../server/config/check.ts";
import { ConfigError, parseConfig } from "../../server/config/load.ts";

function config(acme: string, listeners: string) {
  return parseConfig(`tls: { acme: { ${acme} } }\nlisteners: [${listeners}]\n`, "/etc/roost.yaml");
}

function types(listeners: string, { acme = "hostnames: [mail.example.org]", openSsl = true } = {}): string[] {
  return challengeTypes(config(acme, listeners).config, openSsl);
}

Deno.test("a challenge is possible where a listener is on the port that the authority visits", () => {
  assert.deepEqual(types("{ protocol: http, port: 80 }"), ["http-01"]);
  assert.deepEqual(types("{ protocol: imaps, port: 443 }"), ["tls-alpn-01"]);
  assert.deepEqual(types("{ protocol: https, port: 443 }, { protocol: http, port: 80 }"), ["http-01", "tls-alpn-01"]);
  assert.deepEqual(types("{ protocol: https, port: 443 }", { openSsl: false }), [], "Deno's TLS cannot");
  assert.deepEqual(
    types("{ protocol: http, port: 8080 }, { protocol: imaps, port: 993 }, { protocol: imap, port: 443 }"),
    [],
  );
});

Deno.test("challenges that are named are used wherever the listeners are, in that order", () => {
  const acme = "hostnames: [mail.example.org], challenges: [tls-alpn-01, http-01]";
  assert.deepEqual(types("{ protocol: http, port: 8080 }", { acme }), ["tls-alpn-01", "http-01"]);
  assert.deepEqual(types("{ protocol: http, port: 8080 }", { acme, openSsl: false }), ["http-01"]);
});

Deno.test("names are host names: no addresses, no wildcards, no paths, and each once", () => {
  const names = (list: string) => config(`hostnames: [${list}]`, "").config.tls.acme?.hostnames;
  assert.deepEqual(names("Mail.Example.ORG, xn--mller-kva.example"), ["mail.example.org", "xn--mller-kva.example"]);
  for (
    const bad of ["192.0.2.1", '"::1"', '"*.example.org"', "../x", "a/b", "müller.example", '""', "a, A", "a..b", ""]
  ) {
    assert.throws(() => names(bad), ConfigError, bad);
  }
  assert.throws(() => config("hostnames: [a], directory: 'http://ca.example/dir'", ""), ConfigError);
});

Deno.test("`config check` warns of names that Deno's TLS cannot show", async () => {
  const acme = "hostnames: [a.example, b.example], agreeTerms: true, challenges: [http-01]";
  const loaded = parseConfig(`tls: { engine: deno, acme: { ${acme} } }\nlisteners: []\n`, "/etc/roost.yaml");
  const { warnings } = await checkConfig(loaded, { ports: false });
  assert.deepEqual(warnings, [
    { key: "tls.acme.hostnames", line: 1, message: "with tls.engine deno all clients see the first's certificate" },
  ]);
});

Deno.test("`config check` tells what keeps certificates from coming, and what files are missing", async () => {
  const check = async (acme: string) => {
    const { faults, warnings } = await checkConfig(config(acme, ""), { ports: false });
    return [...faults, ...warnings].filter(({ key }) => key.startsWith("tls")).map(({ key, message }) =>
      `${key}: ${message}`
    );
  };
  const needed = "no certificate will come, for the authority's visit needs an http listener on port 80, " +
    "or an https or imaps listener on port 443; or `challenges`, where ports are forwarded";
  assert.deepEqual(await check("hostnames: [a.example]"), [
    `tls.acme: ${needed}`,
    "tls.acme: most authorities give no certificate without agreeTerms: true",
  ]);
  assert.deepEqual(await check("hostnames: [a.example], agreeTerms: true, challenges: [http-01]"), []);
  assert.deepEqual(
    await check(
      "hostnames: [a.example], challenges: [http-01], caFile: none, externalAccount: { keyId: k, hmacKeyFile: gone }",
    ),
    [
      "tls.acme.caFile: /etc/none cannot be read: there is no such file",
      "tls.acme.externalAccount.hmacKeyFile: /etc/gone cannot be read: there is no such file",
    ],
  );
});
