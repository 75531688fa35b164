import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { cliTest, converse, type Running } from "../admin/cli.ts";
import { TestAuthority } from "./authority.ts";
import { until } from "./support.ts";
import { certificateIn, said, type Visit, visitHttp, visitTls } from "./visits.ts";

const NAMES = ["mail.example.org", "imap.example.org"];

/** The ports as they are told, by protocol. */
async function listening(server: Running, protocols: readonly string[]): Promise<Record<string, number>> {
  const ports: Record<string, number> = {};
  for (const protocol of protocols) {
    const line = await server.line() ?? "";
    const port = /^listening (\S+) 127\.0\.0\.1:(\d+)$/.exec(line);
    if (port?.[1] !== protocol) throw new Error(`${protocol} does not listen: ${line}\n${await server.stderr}`);
    ports[protocol] = Number(port[2]);
  }
  return ports;
}

/** A client that asks for `name` gets its certificate, and the greeting. */
async function greeted(port: number, name: string, root: string): Promise<void> {
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
  const conn = await Deno.startTls(tcp, { hostname: name, caCerts: [root], alpnProtocols: ["imap"] });
  await converse(conn, "", /^\* OK .*\r\n/);
  conn.close();
}

const kinds: [string, string[], (port: () => number) => Visit][] = [
  ["http-01", ["imaps", "http"], visitHttp],
  ["tls-alpn-01", ["https"], visitTls],
];
for (const [type, protocols, visit] of kinds) {
  cliTest(
    `a server gets its certificates by ${type}, shows each to who asks for its name, and tells how they fare`,
    async (place) => {
      const { start, write, roost } = place;
      let ports: Record<string, number> = {};
      await using authority = await TestAuthority.start({
        terms: true,
        visits: { [type]: visit(() => ports[protocols.at(-1) ?? ""]) },
      });
      const root = authority.issuer.pem;
      write("root.pem", root);
      write(
        "roost.yaml",
        `tls:
  acme:
    directory: ${authority.directory}
    caFile: root.pem
    agreeTerms: true
    hostnames: [${NAMES}]
    challenges: [${type}]
listeners: [${protocols.map((protocol) => `{ protocol: ${protocol}, port: 0 }`)}]
`,
      );
      const none = "none\t-\t-\t0";
      const status = async () => (await roost(["acme", "status", "-c", "roost.yaml"])).stdout;
      assert.equal(await status(), `${NAMES[0]}\t${none}\n${NAMES[1]}\t${none}\n`);

      const server = start(["serve", "-c", "roost.yaml"]);
      ports = await listening(server, protocols);
      await until(() => authority.issued, (count) => count === NAMES.length);
      const [port] = Object.values(ports);
      for (const name of NAMES) {
        await until(() => greeted(port, name, root).then(() => true, (error) => error), (done) => done === true);
      }

      assert.match(
        await status(),
        /^mail\.example\.org\tvalid\t\d{4}-\S+Z\t\d{4}-\S+Z\t0\nimap\.example\.org\tvalid\t/,
      );
      const [{ name, state, expires, error }] = JSON.parse(
        (await roost(["acme", "status", "--json", "-c", "roost.yaml"])).stdout,
      );
      assert.deepEqual([name, state, error], [NAMES[0], "valid", null]);
      if (ports.http !== undefined) {
        const metrics = await (await fetch(`http://127.0.0.1:${ports.http}/metrics`)).text();
        const told = /^roost_certificate_expiry_seconds\{name="mail\.example\.org"\} (\d+)$/m.exec(metrics)?.[1];
        assert.equal(Number(told), Date.parse(expires) / 1000);
      }
      // Who asks for another name, or for none, sees the first certificate, and nothing is ordered.
      for (const asked of [["-servername", "other.example.net"], ["-noservername"]]) {
        const told = await said(["openssl", "s_client", "-connect", `127.0.0.1:${port}`, ...asked]);
        const shown = new X509Certificate(certificateIn(told));
        assert.equal(shown.subjectAltName, `DNS:${NAMES[0]}`);
      }
      server.child.kill("SIGTERM");
      assert.equal((await server.child.status).code, 0, await server.stderr);
      assert.equal(authority.issued, NAMES.length);
    },
  );
}

cliTest("`acme renew` leaves word for the server, for configured names only", async ({ roost, write, directory }) => {
  write("roost.yaml", "tls: { acme: { hostnames: [Mail.Example.org] } }\n");
  const early = await roost(["acme", "renew", "-c", "roost.yaml"]);
  assert.deepEqual(early, { code: 1, stdout: "", stderr: "roost: no server has run with tls.acme yet\n" });
  await Deno.mkdir(`${directory}/data/acme`, { recursive: true });
  const renewed = await roost(["acme", "renew", "MAIL.example.org", "-c", "roost.yaml"]);
  assert.deepEqual(renewed, {
    code: 0,
    stdout: "a running server orders within half a minute: mail.example.org\n",
    stderr: "",
  });
  Deno.statSync(`${directory}/data/acme/certificates/mail.example.org.renew`);
  const { code, stderr } = await roost(["acme", "renew", "other.example.org", "-c", "roost.yaml"]);
  assert.deepEqual({ code, stderr }, { code: 1, stderr: "roost: tls.acme.hostnames has no other.example.org\n" });
  write("roost.yaml", "");
  assert.equal((await roost(["acme", "status", "-c", "roost.yaml"])).stderr, "roost: tls.acme is not configured\n");
});
