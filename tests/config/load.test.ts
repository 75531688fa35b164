import assert from "node:assert/strict";
import { ConfigError, formatFault, loadConfig, parseConfig } from "../../server/config/load.ts";
import { defaultConfig } from "../../server/config/schema.ts";

/** The lines that tell what is wrong with a file's text. */
function faultsOf(text: string): string[] {
  try {
    parseConfig(text, "roost.yaml");
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split("\n");
  }
  return [];
}

Deno.test("without a file: data in ./data, IMAP and IMAPS on loopback, clear text allowed there", () => {
  const { config, file } = loadConfig(undefined);
  assert.equal(file, undefined);
  assert.equal(config.dataDir, `${Deno.cwd()}/data`);
  assert.deepEqual([config.tls.engine, config.tls.cert, config.tls.certificates], ["auto", undefined, []]);
  assert.deepEqual(
    config.listeners.map(({ protocol, address, port, cleartextLogin }) => [protocol, address, port, cleartextLogin]),
    [["imap", "127.0.0.1", 1143, true], ["imaps", "127.0.0.1", 1993, false]],
  );
});

Deno.test("the example of the documentation is understood", () => {
  const { config } = parseConfig(
    `
dataDir: /var/lib/roost
hostname: mail.example.org
tls: { cert: /etc/ssl/mail.pem, key: /etc/ssl/mail.key }   # read again when they change
listeners:
  - { protocol: imaps, address: "0.0.0.0", port: 993 }
  - { protocol: imap, address: 127.0.0.1, port: 143, cleartextLogin: true }
quota: 0            # bytes an account; 0 = none; also per account
limits: {}          # the design's table, each by name
log: { level: info, format: logfmt }   # or json
`,
    "/etc/roost.yaml",
  );
  assert.equal(config.dataDir, "/var/lib/roost");
  assert.deepEqual([config.tls.cert, config.tls.key], ["/etc/ssl/mail.pem", "/etc/ssl/mail.key"]);
  const [{ protocol, address, port, cleartextLogin }] = config.listeners;
  assert.deepEqual({ protocol, address, port, cleartextLogin }, {
    protocol: "imaps",
    address: "0.0.0.0",
    port: 993,
    cleartextLogin: false,
  });
  assert.equal(config.listeners[1].cleartextLogin, true);
  assert.deepEqual(config.limits, defaultConfig().limits);
});

Deno.test("an empty file, and sections without content, are all default", () => {
  assert.deepEqual(parseConfig("", undefined).config, loadConfig(undefined).config);
  assert.deepEqual(parseConfig("limits:\nlog:\ntls:\n", undefined).config, loadConfig(undefined).config);
});

Deno.test("relative paths start at the file's directory", () => {
  const { config } = parseConfig(
    "dataDir: mail\ntls: { cert: a.pem, key: ../b.pem, certificates: [{ cert: c.pem, key: /d.pem }] }",
    "/etc/roost/roost.yaml",
  );
  assert.equal(config.dataDir, "/etc/roost/mail");
  assert.deepEqual([config.tls.cert, config.tls.key], ["/etc/roost/a.pem", "/etc/b.pem"]);
  assert.deepEqual(config.tls.certificates, [{ cert: "/etc/roost/c.pem", key: "/d.pem" }]);
});

Deno.test("sizes are numbers or have a unit", () => {
  const size = (text: string) => parseConfig(`quota: ${text}`, "roost.yaml").config.quota;
  assert.equal(size("12345"), 12345);
  assert.equal(size("100 MiB"), 100 * 2 ** 20);
  assert.equal(size("10G"), 10 * 2 ** 30);
  assert.equal(size('"7"'), 7);
  assert.equal(size("1 kb"), 1024);
  assert.deepEqual(faultsOf("quota: 10 Gix"), [
    'roost.yaml:1: quota: expected a number of bytes or a size as "100 MiB"',
  ]);
  assert.equal(faultsOf("quota: -1").length, 1);
  assert.equal(faultsOf("quota: 999999999999999T").length, 1);
});

Deno.test("all faults are told at once, each with its line and its key's path", () => {
  assert.deepEqual(
    faultsOf(`# a comment
dataDir: 5
hostnam: x
tls: { cert: a }
limits:
  messageSize: 3
  nestin: 3
  shutdownSeconds: 9
  badCommands: 2.5
listeners:
  - { protocol: imap, address: 127.0.0.1, port: 99999 }
  - protocol: pop
    adress: 1.2.3.4
  - 5
  - { protocol: imap, address: example.org, port: 1, cleartextLogin: sure }
log: [a]
`),
    [
      "roost.yaml:2: dataDir: expected text, not 5",
      "roost.yaml:3: hostnam: there is no such key",
      "roost.yaml:4: tls.key: is missing",
      "roost.yaml:6: limits.messageSize: expected at least 1024, not 3",
      "roost.yaml:7: limits.nestin: there is no such key",
      "roost.yaml:8: limits.shutdownSeconds: expected at most 3, not 9",
      "roost.yaml:9: limits.badCommands: expected a whole number, not 2.5",
      "roost.yaml:11: listeners[0].port: expected at most 65535, not 99999",
      'roost.yaml:12: listeners[1].protocol: expected imap, imaps, https, http or lmtp, not "pop"',
      "roost.yaml:13: listeners[1].adress: there is no such key",
      "roost.yaml:14: listeners[2]: expected a mapping, not 5",
      "roost.yaml:15: listeners[3].address: expected an IP address or localhost",
      'roost.yaml:15: listeners[3].cleartextLogin: expected true or false, not "sure"',
      "roost.yaml:16: log: expected a mapping, not a list",
    ],
  );
});

Deno.test("what is not YAML is told with its lines", () => {
  assert.match(faultsOf("a: b\nc: [")[0], /^roost\.yaml:2: /);
  assert.match(faultsOf("quota: 1\nquota: 2").join("\n"), /^roost\.yaml:2: /);
  assert.deepEqual(faultsOf("- a"), ["roost.yaml:1: expected a mapping, not a list"]);
});

Deno.test("aliases that would grow without bound are refused", () => {
  const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 12; i++) bomb.push(`a${i}: &a${i} [${Array(9).fill(`*a${i - 1}`).join(", ")}]`);
  assert.match(faultsOf(bomb.join("\n"))[0], /alias/i);
});

Deno.test("a file that is not there, or not text, is told by name", async () => {
  assert.throws(() => loadConfig("/nowhere/roost.yaml"), {
    message: "/nowhere/roost.yaml: cannot be read: there is no such file",
  });
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeFile(file, new Uint8Array([0xff, 0xfe]));
    assert.throws(() => loadConfig(file), { message: `${file}: is not UTF-8 text` });
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a key that the file does not have is placed at the nearest one above", () => {
  const { fault } = parseConfig("\nlog:\n  level: debug\n", "roost.yaml");
  assert.equal(formatFault("roost.yaml", fault(["log", "level"], "no")), "roost.yaml:3: log.level: no");
  assert.equal(formatFault("roost.yaml", fault(["log", "format"], "no")), "roost.yaml:2: log.format: no");
  assert.equal(formatFault(undefined, parseConfig("", undefined).fault(["tls", "cert"], "no")), "tls.cert: no");
});
