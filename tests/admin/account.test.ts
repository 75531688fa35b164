import assert from "node:assert/strict";
import { checkAddress, parseBatch } from "../../server/admin/account.ts";
import { cliTest } from "./cli.ts";

cliTest("an account's life: add, list, quota, passwd, disable, enable, remove", async ({ roost }) => {
  const done = { code: 0, stdout: "", stderr: "" };
  const list = async () => (await roost(["account", "list"])).stdout;
  assert.deepEqual(await roost(["account", "add", "ann@example.org", "--password-stdin"], "secret\n"), done);
  assert.deepEqual(await roost(["account", "add", "bob", "--password-stdin", "--quota", "10 MiB"], "secret"), done);
  assert.equal(await list(), "ann@example.org\tenabled\tdefault\nbob\tenabled\t10485760\n");
  assert.deepEqual(await roost(["account", "disable", "ann@example.org", "--message", "Moved away."]), done);
  assert.deepEqual(await roost(["account", "quota", "BOB", "0"]), done);
  assert.equal(await list(), "ann@example.org\tdisabled\tdefault\nbob\tenabled\tnone\n");
  assert.deepEqual(await roost(["account", "enable", "ann@example.org"]), done);
  assert.deepEqual(await roost(["account", "passwd", "ann@example.org", "--password-stdin"], "other\n"), done);
  assert.deepEqual(await roost(["account", "remove", "bob", "--now"]), done);
  assert.deepEqual(await roost(["account", "admin", "ann@example.org", "on"]), done);
  assert.equal(await list(), "ann@example.org\tenabled\tdefault\tadmin\n");
  assert.deepEqual(await roost(["account", "admin", "ann@example.org", "off"]), done);
  assert.equal(await list(), "ann@example.org\tenabled\tdefault\n");
  assert.equal((await roost(["account", "admin", "ann@example.org", "maybe"])).code, 2);
});

cliTest("capabilities are withheld from an account and given back", async ({ roost }) => {
  await roost(["account", "add", "ann@example.org", "--password-stdin"], "secret\n");
  const list = async () => (await roost(["account", "list"])).stdout;
  const withhold = ["account", "withhold", "ann@example.org"];
  assert.equal((await roost([...withhold, "uidonly", "COMPRESS=DEFLATE"])).code, 0);
  assert.equal(await list(), "ann@example.org\tenabled\tdefault\twithout UIDONLY COMPRESS=DEFLATE\n");
  const { code, stderr } = await roost([...withhold, "NOSUCH"]);
  assert.equal(code, 2);
  assert.match(stderr, /there is no capability NOSUCH/);
  assert.equal((await roost(withhold)).code, 0);
  assert.equal(await list(), "ann@example.org\tenabled\tdefault\n");
});

cliTest("what cannot be done is one line and exit code 1", async ({ roost, write }) => {
  write("notes", "not a directory");
  write("file.yaml", "dataDir: notes");
  const fails = async (args: string[], stdin: string, message: RegExp) => {
    const { code, stdout, stderr } = await roost(args, stdin);
    assert.equal(code, 1, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, message);
    assert.equal(stderr.trimEnd().split("\n").length, 1);
  };
  await fails(["account", "list"], "", /^roost: there is no data in .*data$/m);
  assert.equal((await roost(["account", "add", "a@b", "--password-stdin"], "x")).code, 0);
  await fails(["account", "add", "A@B", "--password-stdin"], "x", /^roost: there is an account A@B already$/m);
  await fails(["account", "add", "c@d", "--password-stdin"], "\n", /^roost: the password is empty$/m);
  await fails(["account", "add", "c d", "--password-stdin"], "x", /^roost: "c d" is no address/m);
  await fails(["account", "list", "-c", "file.yaml"], "", /^roost: the data in .*notes cannot be opened: /);
  await fails(["account", "passwd", "c@d", "--password-stdin"], "x", /^roost: there is no account c@d$/m);
});

cliTest("a batch is added whole or not at all", async ({ roost, write }) => {
  const count = 200;
  write("users", Array.from({ length: count }, (_, i) => `u${i}@example.org\tpass word ${i}\n`).join(""));
  const added = await roost(["account", "add", "--batch", "users"]);
  assert.deepEqual(added, { code: 0, stdout: `${count} accounts added\n`, stderr: "" });
  const again = await roost(["account", "add", "--batch", "-"], "new@example.org\tx\nU7@example.org\tx\n");
  assert.deepEqual(again, {
    code: 1,
    stdout: "",
    stderr: "roost: line 2: there is an account U7@example.org already\n",
  });
  assert.equal((await roost(["account", "list"])).stdout.trimEnd().split("\n").length, count);
});

Deno.test("a batch's faults are told all at once, with their lines", () => {
  assert.deepEqual(parseBatch("a@b\tsecret\r\n\nc@d\ta\tb"), [
    { line: 1, address: "a@b", password: "secret" },
    { line: 3, address: "c@d", password: "a\tb" },
  ]);
  assert.throws(() => parseBatch("a@b secret\na@b\tx\nA@B\ty\n\tz\nc@d\t\n"), {
    message: [
      "line 1: expected address<TAB>password",
      "line 3: A@B stands in line 2 already",
      "line 4: the address is empty",
      "line 5: the password is empty",
    ].join("\n"),
  });
});

Deno.test("addresses are kept in NFC, and are visible text without spaces", () => {
  assert.equal(checkAddress("u\u0308@example.org"), "ü@example.org");
  for (const bad of ["", "a b", "a\u00a0b", "a\n", "a\u0000", "a\u200b", "x".repeat(321)]) {
    assert.throws(() => checkAddress(bad), bad);
  }
});
