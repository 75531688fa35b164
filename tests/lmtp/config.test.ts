import assert from "node:assert/strict";
import { checkConfig } from "../../server/config/check.ts";
import { ConfigError, formatFault, parseConfig } from "../../server/config/load.ts";

async function check(listeners: string[], { ports = true } = {}): Promise<{ faults: string[]; warnings: string[] }> {
  const dataDir = await Deno.makeTempDir();
  try {
    const text = `dataDir: ${dataDir}\nlisteners:\n${listeners.map((listener) => `  - { ${listener} }\n`).join("")}`;
    const { faults, warnings } = await checkConfig(parseConfig(text, "/etc/roost.yaml"), { ports });
    const told = (fault: Parameters<typeof formatFault>[1]) => formatFault(undefined, fault);
    return { faults: faults.map(told), warnings: warnings.map(told) };
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

function refused(listener: string): string[] {
  try {
    parseConfig(`listeners: [{ ${listener} }]`, undefined);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((fault) => formatFault(undefined, fault));
  }
}

Deno.test("a listener has a port or, for lmtp, a path; permissions are octal", () => {
  assert.deepEqual(refused("protocol: lmtp"), ["listeners[0].port: is missing"]);
  assert.deepEqual(refused("protocol: lmtp, path: a, port: 1"), ["listeners[0].path: and port exclude each other"]);
  assert.deepEqual(refused("protocol: imap, path: a"), ["listeners[0].path: is for lmtp only"]);
  assert.deepEqual(refused('protocol: lmtp, path: a, mode: "0999"'), [
    'listeners[0].mode: expected permissions as "0660"',
  ]);
  assert.deepEqual(refused("protocol: lmtp, path: a"), []);
  const { config } = parseConfig("listeners: [{ protocol: lmtp, path: run/lmtp }]", "/etc/roost/roost.yaml");
  assert.equal(config.listeners[0].path, "/etc/roost/run/lmtp");
});

Deno.test("lmtp that others reach is warned of, unless networks say who may", async () => {
  assert.deepEqual(
    await check(["protocol: lmtp, port: 0", 'protocol: lmtp, address: "0.0.0.0", port: 0, networks: [10.0.0.0/8]']),
    {
      faults: [],
      warnings: [],
    },
  );
  assert.deepEqual((await check(['protocol: lmtp, address: "0.0.0.0", port: 0'])).warnings, [
    "listeners[0].networks: anybody who reaches 0.0.0.0:0 can deliver mail",
  ]);
});

Deno.test("sockets that are in use, that are none, and without a directory are told", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const path = `${directory}/socket`;
    using _listener = Deno.listen({ transport: "unix", path });
    Deno.writeTextFileSync(`${directory}/file`, "");
    const listeners = ["socket", "file", "none/socket", "free", "free"].map((name) =>
      `protocol: lmtp, path: ${directory}/${name}`
    );
    const others = [
      `listeners[1].path: ${directory}/file is no socket, and will not be removed`,
      `listeners[2].path: ${directory}/none does not exist`,
      `listeners[4].path: ${directory}/free is taken by listeners[3]`,
    ];
    const used = `listeners[0].path: ${path} is in use by another program`;
    assert.deepEqual((await check(listeners)).faults, [used, ...others]);
    assert.deepEqual((await check(listeners, { ports: false })).faults, others);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
