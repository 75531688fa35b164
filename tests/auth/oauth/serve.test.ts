import assert from "node:assert/strict";
import { startServer } from "../../support/server.ts";
import { ALICE } from "../testing.ts";
import { Issuer } from "./issuer.ts";

Deno.test({
  name: "a running server asks the issuer, with a secret from a file and with its keys",
  ignore: Deno.env.has("ROOST_TEST_SERVER"),
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const issuer = await Issuer.start();
    const secrets = await Deno.makeTempDir({ prefix: "roost-oauth-" });
    try {
      await Deno.writeTextFile(`${secrets}/secret`, "s ecret\n");
      const audience = ["imap.example.org"];
      const introspection = {
        url: `${issuer.url}/introspect`,
        clientId: "roost:1",
        clientSecretFile: `${secrets}/secret`,
      };
      issuer.active.set("opaque", { active: true, ...issuer.claims() });
      for (
        const [oauth, token] of [
          [{ issuer: issuer.url, audience, introspection }, "opaque"],
          [{ issuer: issuer.url, audience }, await issuer.token()],
        ] as const
      ) {
        await using server = await startServer({ config: { oauth } });
        await server.addAccount(ALICE, "secret");
        const said = await authenticate(server.imapPort, `n,,\x01auth=Bearer ${token}\x01\x01`);
        assert.match(said, /^a OK \[CAPABILITY /m, server.logTail());
      }
    } finally {
      await issuer.stop();
      await Deno.remove(secrets, { recursive: true });
    }
  },
});

/** All that the server says up to its farewell. */
async function authenticate(port: number, message: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(`a AUTHENTICATE OAUTHBEARER ${btoa(message)}\r\nb LOGOUT\r\n`));
  return await new Response(connection.readable).text();
}
