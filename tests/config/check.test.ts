import assert from "node:assert/strict";
import { checkConfig } from "../../server/config/check.ts";
import { formatFault, parseConfig } from "../../server/config/load.ts";
import { makeSelfSigned } from "../../server/config/tls.ts";

async function check(text: string): Promise<{ faults: string[]; warnings: string[] }> {
  const { faults, warnings } = await checkConfig(parseConfig(text, "/etc/roost.yaml"), { ports: true });
  return {
    faults: faults.map((fault) => formatFault("roost.yaml", fault)),
    warnings: warnings.map((warning) => formatFault("roost.yaml", warning)),
  };
}

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("ports in use and listeners that are in each other's way are told", () =>
  inDirectory(async (directory) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr as Deno.NetAddr;
    const { faults } = await check(`dataDir: ${directory}
listeners:
  - { protocol: imap, port: ${port} }
  - { protocol: imap, port: 0 }
  - { protocol: imaps, port: 0 }
  - { protocol: http, address: "::1", port: 64321 }
  - { protocol: http, address: "::1", port: 64321 }
  - { protocol: http, address: "::", port: 64321 }
`);
    assert.deepEqual(faults, [
      `roost.yaml:3: listeners[0].port: 127.0.0.1:${port} is in use by another program`,
      "roost.yaml:7: listeners[4].port: [::1]:64321 is taken by listeners[3]",
      "roost.yaml:8: listeners[5].port: [::]:64321 is taken by listeners[3]",
    ]);
  }));

Deno.test("certificate and key must be there, be PEM, and belong together", () =>
  inDirectory(async (directory) => {
    const [one, other] = await Promise.all([makeSelfSigned("a.example"), makeSelfSigned("b.example")]);
    await Deno.writeTextFile(`${directory}/cert.pem`, one.cert);
    await Deno.writeTextFile(`${directory}/key.pem`, one.key);
    await Deno.writeTextFile(`${directory}/other.pem`, other.key);
    await Deno.writeTextFile(`${directory}/both.pem`, `chain and key\n${one.key}${one.cert}`);
    const faults = async (cert: string, key: string) =>
      (await check(
        `dataDir: ${directory}\ntls:\n  cert: ${directory}/${cert}\n  key: ${directory}/${key}\nlisteners: []`,
      ))
        .faults;
    assert.deepEqual(await faults("cert.pem", "key.pem"), []);
    assert.deepEqual(await faults("both.pem", "both.pem"), []);
    assert.deepEqual(await faults("none.pem", "key.pem"), [
      `roost.yaml:3: tls.cert: ${directory}/none.pem cannot be read: there is no such file`,
    ]);
    assert.deepEqual(await faults("key.pem", "key.pem"), [
      `roost.yaml:3: tls.cert: ${directory}/key.pem holds no PEM certificate`,
    ]);
    assert.deepEqual(await faults("cert.pem", "cert.pem"), [
      `roost.yaml:4: tls.key: ${directory}/cert.pem holds no PEM private key`,
    ]);
    assert.deepEqual(await faults("cert.pem", "other.pem"), [
      `roost.yaml:4: tls.key: ${directory}/other.pem is not the key of the certificate ${directory}/cert.pem`,
    ]);
  }));

Deno.test("a data directory that cannot be made is told", () =>
  inDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/file`, "");
    const { faults } = await check(`dataDir: ${directory}/file/data\nlisteners: []`);
    assert.equal(faults.length, 1);
    assert.match(faults[0], /^roost\.yaml:1: dataDir: .*\/file/);
  }));

Deno.test("clear text and metrics for everybody are allowed, with a warning", () =>
  inDirectory(async (directory) => {
    const { faults, warnings } = await check(`dataDir: ${directory}
listeners:
  - { protocol: imap, address: "0.0.0.0", port: 0, cleartextLogin: true }
  - { protocol: imap, address: "0.0.0.0", port: 0 }
  - { protocol: imap, address: 127.0.0.1, port: 0, cleartextLogin: true }
  - { protocol: http, address: "0.0.0.0", port: 0 }
`);
    assert.deepEqual(faults, []);
    assert.deepEqual(warnings, [
      "roost.yaml:3: listeners[0].cleartextLogin: passwords cross the network in clear text at 0.0.0.0:0",
      "roost.yaml:6: listeners[3].address: anybody who reaches 0.0.0.0:0 can read the metrics",
    ]);
  }));

Deno.test("what Deno's own TLS cannot do is a fault with engine deno", () =>
  inDirectory(async (directory) => {
    const [one, two] = await Promise.all([makeSelfSigned("a.example"), makeSelfSigned("b.example")]);
    await Deno.writeTextFile(`${directory}/one.pem`, one.cert + one.key);
    await Deno.writeTextFile(`${directory}/two.pem`, two.cert + two.key);
    const text = (engine: string) =>
      `dataDir: ${directory}
tls:
  engine: ${engine}
  cert: one.pem
  key: one.pem
  certificates: [{ cert: two.pem, key: two.pem }]
listeners:
  - { protocol: https, port: 0 }
  - { protocol: imaps, port: 0, proxyNetworks: [192.0.2.1] }
  - { protocol: imap, port: 0, proxyNetworks: [192.0.2.1] }
`.replaceAll(": one", `: ${directory}/one`).replaceAll(": two", `: ${directory}/two`);
    assert.deepEqual((await check(text("deno"))).faults, [
      "roost.yaml:6: tls.certificates: more than one certificate is not possible with tls.engine deno",
      "roost.yaml:8: listeners[0].protocol: https is not possible with tls.engine deno",
      "roost.yaml:9: listeners[1].proxyNetworks: a proxy before imaps is not possible with tls.engine deno",
    ]);
    for (const engine of ["openssl", "auto"]) assert.deepEqual((await check(text(engine))).faults, []);
  }));

Deno.test("every pair of tls.certificates is looked at", () =>
  inDirectory(async (directory) => {
    const pair = await makeSelfSigned("a.example");
    await Deno.writeTextFile(`${directory}/good.pem`, pair.cert + pair.key);
    const { faults } = await check(`dataDir: ${directory}
tls:
  certificates:
    - { cert: ${directory}/good.pem, key: ${directory}/good.pem }
    - { cert: ${directory}/good.pem, key: ${directory}/none.pem }
listeners: []
`);
    assert.deepEqual(faults, [
      `roost.yaml:5: tls.certificates[1].key: ${directory}/none.pem cannot be read: there is no such file`,
    ]);
  }));

Deno.test("monitoring and mail delivery take no PROXY header", () =>
  inDirectory(async (directory) => {
    const { faults } = await check(`dataDir: ${directory}
listeners:
  - { protocol: http, port: 0, proxyNetworks: [192.0.2.0/24] }
`);
    assert.deepEqual(faults, ["roost.yaml:3: listeners[0].proxyNetworks: is not possible with http"]);
  }));
