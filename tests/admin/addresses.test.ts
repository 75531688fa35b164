import assert from "node:assert/strict";
import { cliTest, type Place } from "./cli.ts";

/** Runs commands that must succeed and print nothing. */
async function quietly({ roost }: Place, ...commands: string[]): Promise<void> {
  for (const command of commands) {
    assert.deepEqual(await roost(command.split(" ")), { code: 0, stdout: "", stderr: "" }, command);
  }
}

async function fails({ roost }: Place, command: string, code: number, message: RegExp): Promise<void> {
  const outcome = await roost(command.split(" "), "a long secret");
  assert.equal(outcome.code, code, command);
  assert.equal(outcome.stdout, "");
  assert.match(outcome.stderr, message);
  assert.equal(outcome.stderr.trimEnd().split("\n").length, 1);
}

async function add({ roost }: Place, address: string): Promise<void> {
  assert.equal((await roost(["account", "add", address, "--password-stdin"], "a long secret")).code, 0);
}

const stdout = async ({ roost }: Place, command: string) => (await roost(command.split(" "))).stdout;

cliTest("addresses of an account: add, list, remove, rename", async (place) => {
  await add(place, "ann@example.org");
  await add(place, "bob@example.org");
  await quietly(
    place,
    "account address add ann@example.org sales@example.org",
    "account address add ann@example.org @example.org",
    "account address add SALES@example.org ann",
  );
  assert.equal(
    await stdout(place, "account address list ann"),
    "ann@example.org\town\nann\talias\nsales@example.org\talias\n@example.org\tall of the domain\n",
  );
  assert.deepEqual(JSON.parse(await stdout(place, "account address list bob@example.org --json")), [
    { address: "bob@example.org", kind: "own" },
  ]);
  await fails(
    place,
    "account address add bob@example.org Ann",
    1,
    /^roost: the address Ann is the account ann@example.org's$/m,
  );
  await fails(place, "account address remove ann ann@example.org", 1, /own address/);
  await fails(place, "account address remove bob@example.org sales@example.org", 1, /is no address of bob@example.org/);
  await fails(
    place,
    "account add sales@example.org --password-stdin",
    1,
    /sales@example.org is an address of ann@example.org/,
  );
  await quietly(place, "account address remove ann sales@example.org", "account rename ann anna@example.org --keep");
  assert.equal(
    await stdout(place, "account list"),
    "anna@example.org\tenabled\tdefault\t\tann ann@example.org @example.org\nbob@example.org\tenabled\tdefault\n",
  );
  await quietly(place, "account rename anna@example.org ann@example.org");
  assert.equal(
    await stdout(place, "account address list ann").then((text) => text.split("\n")[0]),
    "ann@example.org\town",
  );
  await fails(place, "account passwd anna@example.org --password-stdin", 1, /there is no account anna@example.org/);
  await fails(place, "account rename ann bob@example.org", 1, /is the account bob@example.org's/);
});

cliTest("domains: add, list, disable, enable, remove", async (place) => {
  await quietly(place, "domain add example.org", "domain add example.net");
  await add(place, "ann@example.org");
  await fails(place, "domain add Example.org", 1, /^roost: the domain example.org is there already$/m);
  await fails(place, "domain add a@b", 1, /"a@b" is no domain/);
  await fails(place, "domain remove example.org", 1, /1 addresses are of the domain/);
  await fails(place, "domain disable example.com", 1, /there is no domain example.com/);
  await fails(place, "account add bob@example.com --password-stdin", 1, /example.com is not one of this server's/);
  await quietly(place, "domain disable example.org", "domain remove example.net");
  assert.equal(await stdout(place, "domain list"), "example.org\tdisabled\t1\n");
  assert.equal(await stdout(place, "account list"), "ann@example.org\tdomain disabled\tdefault\n");
  const enabled = await place.roost(["account", "enable", "ann@example.org"]);
  assert.equal(enabled.code, 0);
  assert.match(enabled.stderr, /^roost: note: logins are still refused: the domain/);
  const delivered = await place.roost(["deliver", "ann@example.org"], "Subject: x\n\nx\n");
  assert.deepEqual([delivered.code, delivered.stderr], [75, "roost: the domain of ann@example.org is disabled\n"]);
  await quietly(place, "domain enable example.org");
  const [{ created, ...domain }] = JSON.parse(await stdout(place, "domain list --json"));
  assert.deepEqual(domain, { name: "example.org", disabled: false, addresses: 1 });
  assert.match(created, /^\d{4}-/);
  assert.equal(await stdout(place, "account list"), "ann@example.org\tenabled\tdefault\n");
});

cliTest("a removed account is closed, can be restored, and is gone after its time or at once", async (place) => {
  const { roost, write } = place;
  write("soon.yaml", "accounts: { removeAfter: 0s }\n");
  await add(place, "ann@example.org");
  assert.equal((await roost(["deliver", "ann@example.org"], "Subject: x\n\nx\n")).code, 0);
  await fails(place, "account restore ann@example.org", 1, /is not removed/);
  await quietly(place, "account remove ann@example.org");
  assert.equal(await stdout(place, "account list"), "ann@example.org\tremoved\tdefault\n");
  const [{ removed, gone, state }] = JSON.parse(await stdout(place, "account list --json"));
  assert.equal(state, "removed");
  assert.equal(Date.parse(gone) - Date.parse(removed), 14 * 86_400_000);
  await fails(place, "account remove ann@example.org", 1, /is removed already, and gone at \d{4}-/);
  await fails(place, "account add ann@example.org --password-stdin", 1, /is removed; `account restore` brings it back/);
  const delivered = await roost(["deliver", "ann@example.org"], "Subject: x\n\nx\n");
  assert.deepEqual([delivered.code, delivered.stderr], [67, "roost: the account ann@example.org is removed\n"]);
  await quietly(place, "account purge", "account restore ann@example.org");
  assert.match(await stdout(place, "quota ann@example.org"), /^ann@example.org\t\d+\tnone\t1\tnone\t-\n$/);
  await quietly(place, "account purge -c soon.yaml", "account remove ann@example.org");
  assert.equal(await stdout(place, "account purge -c soon.yaml"), "ann@example.org is gone\n");
  assert.equal(await stdout(place, "account list"), "");
  await add(place, "ann@example.org");
  await quietly(place, "account remove --now ann@example.org");
  assert.equal(await stdout(place, "account list"), "");
});

cliTest("quota tells what is used, of one account or all, and takes messages too", async (place) => {
  await add(place, "ann@example.org");
  await add(place, "bob");
  await quietly(place, "account quota ann@example.org 1000 --messages 2", "account quota bob --messages 0");
  await place.roost(["deliver", "ann@example.org"], "Subject: x\n\nx\n");
  const [ann, bob] = JSON.parse(await stdout(place, "quota --json"));
  const { bytes, percent, ...limits } = ann;
  assert.deepEqual(limits, { address: "ann@example.org", limitBytes: 1000, messages: 1, limitMessages: 2 });
  assert.ok(bytes > 0 && bytes < 500 && percent === 50);
  assert.deepEqual(bob, { address: "bob", bytes: 0, limitBytes: 0, messages: 0, limitMessages: 0, percent: null });
  assert.equal(await stdout(place, "quota"), `ann@example.org\t${bytes}\t1000\t1\t2\t50 %\nbob\t0\tnone\t0\tnone\t-\n`);
  await quietly(place, "account quota ann@example.org default --messages default");
  assert.equal(await stdout(place, "quota ann@example.org"), `ann@example.org\t${bytes}\tnone\t1\tnone\t-\n`);
  await fails(place, "account quota bob", 2, /^roost: how much\?/);
  await fails(place, "account quota bob --messages -1", 2, /It must be a number/);
  await fails(place, "quota nobody", 1, /there is no account nobody/);
});

cliTest("quota names the account that cannot be read, and tells of the others", async (place) => {
  await add(place, "ann");
  await add(place, "bob");
  await place.roost(["quota"]);
  const [folder] = [...Deno.readDirSync(`${place.directory}/data/accounts`)].map(({ name }) => name).toSorted();
  place.write(`data/accounts/${folder}/mail.db`, "this is no database, however long one reads it".repeat(100));
  const { code, stdout, stderr } = await place.roost(["quota"]);
  assert.equal(code, 1);
  assert.equal(stdout, "bob\t0\tnone\t0\tnone\t-\n");
  assert.match(stderr, /^roost: ann: .+\n$/);
});
