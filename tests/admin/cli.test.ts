import assert from "node:assert/strict";
import { VERSION } from "../../server/version.ts";
import { cliTest } from "./cli.ts";

cliTest("version prints the version", async ({ roost }) => {
  assert.deepEqual(await roost(["version"]), { code: 0, stdout: `roost ${VERSION}\n`, stderr: "" });
});

cliTest("a wrong call is one clear line and exit code 2", async ({ roost }) => {
  const wrong: [string[], RegExp][] = [
    [["serv"], /^roost: unknown command 'serv'/],
    [["account", "remove"], /^roost: missing required argument 'address'/],
    [["deliver", "a@b", "--mail"], /^roost: unknown option '--mail'/],
    [["account", "add"], /^roost: which account\?/],
    [["account", "add", "a@b", "--batch", "x"], /^roost: --batch takes/],
    [["account", "quota", "a@b", "much"], /^roost: .*500 MiB/],
  ];
  for (const [args, message] of wrong) {
    const { code, stdout, stderr } = await roost(args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, message);
    assert.equal(stderr.trimEnd().split("\n").filter((line) => !line.startsWith("(Did you mean")).length, 1);
  }
});

cliTest("--config is understood before and after the subcommand", async ({ roost, write }) => {
  write("bad.yaml", "quota: much\n");
  const message = 'roost: bad.yaml:1: quota: expected a number of bytes or a size as "100 MiB"\n';
  for (
    const args of [["--config", "bad.yaml", "account", "list"], ["account", "list", "--config", "bad.yaml"], [
      "account",
      "-c",
      "bad.yaml",
      "list",
    ]]
  ) {
    assert.deepEqual(await roost(args), { code: 1, stdout: "", stderr: message });
  }
});

cliTest("config check tells all faults, each with its place, and fails", async ({ roost, write }) => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  write(
    "roost.yaml",
    `tls: { cert: none.pem, key: none.key }
listeners:
  - { protocol: imap, port: ${port} }
  - { protocol: imap, port: ${port} }
`,
  );
  const checked = await roost(["config", "check", "--config", "roost.yaml"]);
  assert.equal(checked.code, 1);
  assert.deepEqual(checked.stderr.trimEnd().split("\n").map((line) => line.replace(/\/\S*\//, "")), [
    "roost: roost.yaml:1: tls.cert: none.pem cannot be read: there is no such file",
    `roost: roost.yaml:3: listeners[0].port: 127.0.0.1:${port} is in use by another program`,
    `roost: roost.yaml:4: listeners[1].port: 127.0.0.1:${port} is taken by listeners[0]`,
  ]);
  write("roost.yaml", `listeners: [{ protocol: imap, port: ${port} }]`);
  const free = await roost(["config", "check", "--no-ports", "--config", "roost.yaml"]);
  assert.deepEqual(free, { code: 0, stdout: "configuration is valid\n", stderr: "" });
});

cliTest("config example is a valid configuration, config schema is JSON", async ({ roost, write }) => {
  const example = await roost(["config", "example"]);
  assert.equal(example.code, 0);
  write("roost.yaml", example.stdout);
  assert.equal((await roost(["config", "check", "--no-ports", "--config", "roost.yaml"])).code, 0);
  const schema = await roost(["config", "schema"]);
  assert.equal(JSON.parse(schema.stdout).type, "object");
});
