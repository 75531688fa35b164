import assert from "node:assert/strict";
import { cliTest, type Place } from "./cli.ts";

async function addAccounts({ roost }: Place, ...addresses: string[]): Promise<void> {
  const batch = addresses.map((address) => `${address}\tsecret\n`).join("");
  const { code, stderr } = await roost(["account", "add", "--batch", "-"], batch);
  assert.equal(code, 0, stderr);
}

const COMMAND = ["account", "app-password"];

cliTest("an app password's life: made, listed, removed", async (place) => {
  const { roost } = place;
  await addAccounts(place, "ann@example.org");
  const made = await roost([...COMMAND, "add", "ann@example.org", "Ann's phone"]);
  assert.equal(made.code, 0);
  // Alone on standard output, so that a program can take it.
  assert.match(made.stdout, /^[a-z2-7]{16}\n$/);
  assert.match(made.stderr, /^app password "Ann's phone" of ann@example.org, shown only now:\n$/);
  const list = await roost([...COMMAND, "list", "ann@example.org"]);
  assert.match(list.stdout, /^Ann's phone\timap\tany\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\tnever\tnever\n$/);
  assert.deepEqual(await roost([...COMMAND, "remove", "ann@example.org", "ann's PHONE"]), {
    code: 0,
    stdout: "",
    stderr: "",
  });
  assert.equal((await roost([...COMMAND, "list", "ann@example.org"])).stdout, "");
});

cliTest("scope, networks and expiry of an app password; --json", async (place) => {
  const { roost } = place;
  await addAccounts(place, "ann@example.org");
  const options = [
    "--scope",
    "imap,lmtp",
    "--network",
    "192.0.2.7/24",
    "--network",
    "2001:DB8::/32",
    "--expires",
    "2099-01-31",
  ];
  assert.equal((await roost([...COMMAND, "add", "ann@example.org", "office", ...options])).code, 0);
  const { stdout } = await roost([...COMMAND, "list", "ann@example.org", "--json"]);
  const [{ created, ...listed }] = JSON.parse(stdout);
  assert.deepEqual(listed, {
    name: "office",
    scopes: ["imap", "lmtp"],
    networks: ["192.0.2.0/24", "2001:db8::/32"],
    expires: "2099-02-01T00:00:00Z",
    lastUsed: null,
    lastRemote: null,
  });
  assert.match(created, /^\d{4}-\d\d-\d\dT/);
});

cliTest("an app password that cannot be is refused in one line, and nothing is printed", async (place) => {
  const { roost } = place;
  await addAccounts(place, "ann@example.org");
  assert.equal((await roost([...COMMAND, "add", "ann@example.org", "phone"])).code, 0);
  const wrong: [string[], number, RegExp][] = [
    [["ann@example.org", "PHONE"], 1, /there is an app password PHONE already/],
    [["bob@example.org", "phone"], 1, /there is no account bob@example.org/],
    [["ann@example.org", "a\nb"], 1, /one line of text/],
    [["ann@example.org", "x", "--scope", "pop3"], 2, /"pop3" is no scope/],
    [["ann@example.org", "x", "--network", "10.0.0.0/33"], 2, /is no network/],
    [["ann@example.org", "x", "--expires", "2001-01-01"], 2, /is over already/],
    [["ann@example.org", "x", "--expires", "soon"], 2, /90d/],
  ];
  for (const [args, expected, message] of wrong) {
    const { code, stdout, stderr } = await roost([...COMMAND, "add", ...args]);
    assert.equal(code, expected, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, message);
    assert.equal(stderr.trimEnd().split("\n").length, 1);
  }
  const { code, stderr } = await roost([...COMMAND, "remove", "ann@example.org", "tablet"]);
  assert.equal(code, 1);
  assert.match(stderr, /there is no app password tablet/);
});

cliTest("the main password is refused to mail programs, and allowed again", async (place) => {
  const { roost } = place;
  await addAccounts(place, "ann@example.org", "bob@example.org");
  const only = ["account", "app-passwords-only", "ann@example.org"];
  assert.deepEqual(await roost([...only, "on"]), { code: 0, stdout: "", stderr: "" });
  const list = async () => (await roost(["account", "list"])).stdout;
  assert.equal(
    await list(),
    "ann@example.org\tenabled\tdefault\tapp passwords only\nbob@example.org\tenabled\tdefault\n",
  );
  assert.equal((await roost([...only, "off"])).code, 0);
  assert.equal(await list(), "ann@example.org\tenabled\tdefault\nbob@example.org\tenabled\tdefault\n");
  assert.equal((await roost([...only, "perhaps"])).code, 2);
});

cliTest("account list --json tells all that is kept of an account", async (place) => {
  const { roost } = place;
  await addAccounts(place, "ann@example.org");
  await roost(["account", "disable", "ann@example.org", "--message", "Unpaid."]);
  const [{ created, ...account }] = JSON.parse((await roost(["account", "list", "--json"])).stdout);
  assert.deepEqual(account, {
    address: "ann@example.org",
    disabled: "Unpaid.",
    quotaBytes: null,
    quotaMessages: null,
    admin: false,
    appPasswordsOnly: false,
    withheld: [],
    aliases: [],
    state: "disabled",
    removed: null,
    gone: null,
  });
  assert.match(created, /Z$/);
});
