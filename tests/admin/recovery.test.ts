import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { cliTest } from "./cli.ts";

const LETTER = "From: Bob <bob@example.org>\nSubject: hello\nMessage-ID: <1@example.org>\n\nHello.\n";

cliTest(
  "verify tells what is broken, --repair mends it, and a damaged database is salvaged",
  async ({ roost, write, directory }) => {
    write("roost.yaml", "log: { level: error }\n");
    const run = async (...args: string[]) => await roost([...args, "-c", "roost.yaml"]);
    await roost(["account", "add", "ann@example.org", "--password-stdin", "-c", "roost.yaml"], "secret\n");
    await Deno.mkdir(`${directory}/letters`);
    for (let n = 0; n < 30; n++) {
      await Deno.writeTextFile(
        `${directory}/letters/${n}.eml`,
        LETTER.replace("1@", `${n}@`).replace("Hello.", `Hello ${n}. `.repeat(300)),
      );
    }
    assert.equal((await run("import", "eml", "letters", "ann@example.org")).code, 0);
    assert.equal((await run("backup", "saved")).code, 0);

    const path = `${directory}/data/accounts/1/mail.db`;
    const db = new DatabaseSync(path);
    db.exec("UPDATE mailbox SET messages = 99 WHERE name = 'INBOX'");
    db.close();
    const broken = await run("verify", "ANN@example.org");
    assert.equal(broken.code, 1);
    assert.match(broken.stdout, /^fault: ann@example\.org: INBOX: messages is kept as 99, counted as 30\n/);
    const mended = await run("verify", "--repair");
    assert.deepEqual([mended.code, mended.stdout.split("\n").slice(-3)[0]], [0, "after the repair:"]);
    assert.equal((await run("verify", "nobody@example.org")).code, 1);

    const bytes = await Deno.readFile(path);
    bytes.fill(0xff, bytes.length - 20 * 4096, bytes.length - 19 * 4096);
    bytes.fill(0, 0, 100);
    await Deno.writeFile(path, bytes);
    const damaged = await run("verify", "--repair");
    assert.equal(damaged.code, 1);
    assert.match(damaged.stderr, /see: roost salvage ann@example\.org/);
    const backup = await run("backup", "saved");
    assert.equal(backup.code, 1);
    assert.match(backup.stderr, /^roost: ann@example\.org: /);
    const salvaged = await run("salvage", "ann@example.org");
    assert.match(salvaged.stdout, /^salvaged-ann@example\.org: (29|30) messages salvaged, /);
    assert.equal((await run("salvage", "ann@example.org")).code, 1, "the new account is there already");
    assert.equal((await run("salvage", path)).code, 2, "without --to");
    assert.equal((await run("salvage", "nothing", "--to", "x@example.org")).code, 1);
    assert.match(
      (await run("salvage", path, "--to", "x@example.org")).stdout,
      /^x@example\.org: (29|30) messages salvaged, /,
    );
  },
);

cliTest("restore is told what to restore: wrong calls", async ({ roost }) => {
  for (
    const args of [
      ["--mailbox", "INBOX"],
      ["--replace"],
      ["--account", "a@b", "--replace", "--mailbox", "INBOX"],
      ["--account", "a@b", "--message", "7"],
      ["--account", "a@b", "--into", "x", "--keep-uidvalidity"],
    ]
  ) {
    const { code, stderr } = await roost(["restore", "saved", ...args]);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, /^roost: [^\n]+\n$/);
  }
  assert.deepEqual(await roost(["restore", "saved"]), {
    code: 1,
    stdout: "",
    stderr: "roost: there is no backup in saved\n",
  });
});

cliTest("a closed account's mail is restored into it, and it stays closed", async ({ roost, write }) => {
  write("roost.yaml", "log: { level: error }\n");
  const run = async (...args: string[]) => await roost([...args, "-c", "roost.yaml"]);
  await roost(["account", "add", "ann@example.org", "--password-stdin", "-c", "roost.yaml"], "secret\n");
  await roost(["deliver", "ann@example.org", "-c", "roost.yaml"], LETTER);
  await run("backup", "saved");
  assert.equal((await run("account", "remove", "--yes", "ann@example.org")).code, 0);
  const { code, stdout, stderr } = await run("restore", "saved", "--account", "ann@example.org");
  assert.deepEqual([code, stdout, stderr], [0, "1 messages restored, 0 there already\n", ""]);
});
