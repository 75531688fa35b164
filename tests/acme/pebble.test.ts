/** Against Pebble, the ACME server that Let's Encrypt has made for tests; where it is installed. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { Acme } from "../../server/acme/acme.ts";
import { AcmeFolder } from "../../server/acme/folder.ts";
import { acmeSchema } from "../../server/config/acmeschema.ts";
import type { ChallengeType } from "../../server/config/challengetypes.ts";
import { KeyPairs } from "../../server/config/tls.ts";
import { listenHttp } from "../../server/http/listener.ts";
import { listen } from "../../server/net/listener.ts";
import { openSslEngine } from "../../server/net/tls/engine.ts";
import { Issuer } from "./issuer.ts";
import { changed, until } from "./support.ts";

/** Pebble finds its address without a name server. */
const NAME = "localhost";

const REQUIRED = Deno.env.get("ROOST_REQUIRE_CLIENTS") === "1";

function pebble(): string | undefined {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    try {
      if (Deno.statSync(`${folder}/pebble`).isFile) return `${folder}/pebble`;
    } catch {
      // Not there.
    }
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

for (const type of ["http-01", "tls-alpn-01"] as const satisfies readonly ChallengeType[]) {
  Deno.test(
    `Pebble issues by ${type}, and again when asked to`,
    { ignore: pebble() === undefined && !REQUIRED },
    async () => {
      const program = pebble();
      assert.ok(program, "pebble is not installed");
      await using cleanup = new AsyncDisposableStack();
      const directory = await Deno.makeTempDir({ prefix: "roost-pebble-" });
      cleanup.defer(() => Deno.remove(directory, { recursive: true }));
      const issuer = await Issuer.create();
      const pair = await issuer.pair("localhost");
      await Deno.writeTextFile(`${directory}/root.pem`, issuer.pem);
      await Deno.writeTextFile(`${directory}/cert.pem`, pair.cert);
      await Deno.writeTextFile(`${directory}/key.pem`, pair.key);

      const settings = acmeSchema.parse({
        directory: `https://localhost:${freePort()}/dir`,
        caFile: `${directory}/root.pem`,
        hostnames: [NAME],
        agreeTerms: true,
        email: "postmaster@example.org",
      });
      const others = new KeyPairs([pair]);
      const acme = await Acme.load({ acme: settings, dataDir: directory, others, othersFirst: false, intervalMs: 50 });
      cleanup.defer(() => acme.close());
      const http = listenHttp({ hostname: "127.0.0.1", port: 0 }, [acme.challenges.route]);
      cleanup.defer(() => http.close());
      const engine = openSslEngine(acme);
      assert.ok(engine, "libssl 3");
      cleanup.defer(() => engine.close());
      const tls = listen(
        { protocol: "imaps", hostname: "127.0.0.1", port: 0, tls: engine },
        (transport) => transport.abort(),
      );
      cleanup.defer(() => tls.close());

      await Deno.writeTextFile(
        `${directory}/pebble.json`,
        JSON.stringify({
          pebble: {
            listenAddress: `127.0.0.1:${new URL(settings.directory).port}`,
            managementListenAddress: `127.0.0.1:${freePort()}`,
            certificate: `${directory}/cert.pem`,
            privateKey: `${directory}/key.pem`,
            httpPort: http.port,
            tlsPort: tls.port,
          },
        }),
      );
      const child = new Deno.Command(program, {
        args: ["-config", `${directory}/pebble.json`, "-strict"],
        // It refuses a fifth of the nonces, to see whether clients bear that.
        env: { PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "20" },
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      cleanup.defer(async () => {
        child.kill("SIGKILL");
        await child.status;
      });
      const { port } = new URL(settings.directory);
      await until(
        () => Deno.connect({ hostname: "127.0.0.1", port: Number(port) }).then((conn) => conn.close(), () => "closed"),
        (state) => state === undefined,
      );

      const folder = new AcmeFolder(directory);
      const arrived = changed(acme);
      acme.begin([type]);
      await arrived.catch((error) => {
        throw new Error(`${error.message}: ${folder.state(NAME).lastError}`);
      });
      const first = new X509Certificate(acme.pairs[0].cert);
      assert.equal(first.checkHost(NAME), NAME);
      assert.match(first.issuer, /Pebble/);

      const renewed = changed(acme);
      folder.demand(NAME);
      await renewed;
      assert.notEqual(new X509Certificate(acme.pairs[0].cert).serialNumber, first.serialNumber);
      assert.equal(folder.state(NAME).lastError, undefined);
    },
  );
}
