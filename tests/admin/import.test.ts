import assert from "node:assert/strict";
import { Progress } from "../../server/admin/progress.ts";
import { runProgram } from "../support/server.ts";
import { cliTest, type Place, program } from "./cli.ts";

const DATE = "Tue Jan  2 03:04:05 2024";
const letter = (n: number) => `From a@b ${DATE}\nFrom: a@b\nSubject: message ${n}\n\nbody of ${n}\n\n`;
const letters = (count: number, first = 0) => Array.from({ length: count }, (_, n) => letter(first + n)).join("");

async function withAccount(roost: Place["roost"], address = "ann@example.org"): Promise<void> {
  assert.equal((await roost(["account", "add", address, "--password-stdin"], "a long secret")).code, 0);
}

cliTest("import prints a summary and what it skipped; exit code 1 when something was", async ({ roost, write }) => {
  await withAccount(roost);
  write("good", letters(2));
  write("bad", `garbage\x1b[31m\n${letters(3)}`);
  assert.deepEqual(await roost(["import", "mbox", "good", "ann@example.org"]), {
    code: 0,
    stdout: "1 mailboxes: 2 messages imported, 0 there already, 0 skipped\n",
    stderr: "",
  });
  const bad = await roost(["import", "mbox", "bad", "ann@example.org"]);
  assert.equal(bad.code, 1);
  assert.equal(bad.stdout, "1 mailboxes: 1 messages imported, 2 there already, 1 skipped\n");
  assert.match(bad.stderr, /^roost: skipped: \/\S+\/bad, bytes 0 to 13: no From line before them\n$/);
});

cliTest("import and export say what is wrong with their arguments", async ({ roost, write }) => {
  await withAccount(roost);
  write("in", letters(1));
  const fails = async (args: string[], code: number, text: RegExp) => {
    const outcome = await roost(args);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr, text);
  };
  await fails(["import", "mbox", "none", "ann@example.org"], 1, /^roost: none: there is no such file$/m);
  await fails(["import", "maildir", ".", "ann@example.org"], 1, /^roost: \. is no Maildir/m);
  await fails(["import", "mbox", "in", "bob@example.org"], 1, /^roost: there is no account bob@example.org$/m);
  await fails(["import", "pst", "in", "ann@example.org"], 2, /Allowed choices are maildir, mbox, eml/);
  await fails(["import", "mbox", "in", "ann@example.org", "--mailbox", "a//b"], 2, /empty level/);
  await fails(["export", "mbox", "ann@example.org", "in"], 1, /^roost: .*goes on from there$/m);
});

cliTest("an import over the quota is not refused, and told", async ({ roost, write }) => {
  await withAccount(roost);
  assert.equal((await roost(["account", "quota", "ann@example.org", "100"])).code, 0);
  write("in", letters(10));
  const { code, stdout, stderr } = await roost(["import", "mbox", "in", "ann@example.org"]);
  assert.equal(code, 0);
  assert.match(stdout, /^1 mailboxes: 10 messages imported/);
  assert.match(stderr, /^roost: note: ann@example.org is over its quota now/);
});

cliTest("an import that was killed goes on where it was", async ({ roost, start, write, directory }) => {
  await withAccount(roost);
  const count = 6000;
  write("in", letters(count));
  const running = start(["import", "mbox", "in", "ann@example.org"]);
  // Something has been committed, not all.
  const database = `${directory}/data/accounts/1/mail.db-wal`;
  while (!sizeAbove(database, 1_000_000)) await new Promise((resolve) => setTimeout(resolve, 5));
  running.child.kill("SIGKILL");
  await running.child.status;
  const { code, stdout } = await roost(["import", "mbox", "in", "ann@example.org"]);
  assert.equal(code, 0);
  const [, added, present] = /: (\d+) messages imported, (\d+) there already, 0 skipped/.exec(stdout) ?? [];
  assert.equal(Number(added) + Number(present), count);
  assert.ok(Number(present) > 0, stdout);
  const verified = await roost(["verify"]);
  assert.equal(verified.code, 0, verified.stdout);
  assert.match(verified.stdout, new RegExp(`\\b${count} messages`));
});

function sizeAbove(path: string, size: number): boolean {
  try {
    return Deno.statSync(path).size > size;
  } catch {
    return false;
  }
}

const OWN_MOUNT = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"];
const canMount = Deno.build.os === "linux" && await (async () => {
  try {
    return (await runProgram([...OWN_MOUNT, "mount -t tmpfs -o size=64k tmpfs /mnt"])).code === 0;
  } catch {
    return false;
  }
})();

Deno.test({
  name: "a full disk stops an import with a clear message; the same command goes on when there is room",
  ignore: !canMount,
  fn: async () => {
    const directory = await Deno.makeTempDir({ prefix: "roost-import-" });
    try {
      await Deno.writeTextFile(`${directory}/in`, letters(20_000));
      await Deno.mkdir(`${directory}/disk`);
      await Deno.writeTextFile(`${directory}/roost.yaml`, "dataDir: disk/data\n");
      const script = `
        cd "$0" && mount -t tmpfs -o size=8m tmpfs disk &&
        echo a long secret | "$@" account add a@b --password-stdin -c roost.yaml &&
        ! "$@" import mbox in a@b -c roost.yaml >first 2>told &&
        mount -o remount,size=400m disk &&
        "$@" import mbox in a@b -c roost.yaml && "$@" verify -c roost.yaml`;
      const ran = await runProgram([...OWN_MOUNT, script, directory, ...program()]);
      const { code, stderr } = ran;
      const stdout = new TextDecoder().decode(ran.stdout);
      assert.equal(code, 0, `${stdout}${stderr}`);
      assert.match(
        await Deno.readTextFile(`${directory}/told`),
        /^roost: .*what was imported stays, the same command/m,
      );
      const [, added, present] = /: (\d+) messages imported, (\d+) there already/.exec(stdout) ?? [];
      assert.equal(Number(added) + Number(present), 20_000);
      assert.ok(Number(present) > 0, stdout);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});

Deno.test("progress is a bar on a terminal, a line every 10 s elsewhere, nothing with --quiet", () => {
  const show = (terminal: boolean, quiet: boolean) => {
    let now = 0;
    let text = "";
    const progress = new Progress("imported", quiet, {
      terminal,
      quiet,
      now: () => now,
      write: (more) => text += more,
    });
    progress.total = 200;
    for (let at = 0; at < 15; at++) {
      now += 1000;
      progress.add(10, 100);
    }
    progress.line("roost: skipped");
    progress.end();
    return text;
  };
  assert.equal(show(false, false), "50 %, 1000 messages imported, 100/s, 0:10 left\nroost: skipped\n");
  assert.equal(show(false, true), "roost: skipped\n");
  const bar = show(true, false);
  assert.ok(
    bar.includes("\r[###############               ] 50 %, 1000 messages imported, 100/s, 0:10 left\x1b[K"),
    bar,
  );
  assert.ok(bar.endsWith("\r\x1b[Kroost: skipped\n"), bar);
});

cliTest("every command of docs/migrate.md runs", async ({ roost, write, directory }) => {
  const page = Deno.readTextFileSync(new URL("../../docs/migrate.md", import.meta.url));
  const commands = [...page.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block]) => block.trimEnd().split("\n"));
  const own = commands.filter((line) => /^roost (?:account|import|export) /.test(line));
  assert.ok(own.length >= 9);
  for (const folder of ["maildir/cur", "Mail", "letters"]) {
    Deno.mkdirSync(`${directory}/${folder}`, { recursive: true });
  }
  write("maildir/cur/1.x:2,S", "Subject: 1\n\n");
  write("Mail/Sent", letter(1));
  write("takeout.mbox", letter(2));
  write("letters/1.eml", "Subject: 2\n\n");
  const places: Record<string, string> = { "/var/mail/ann/Maildir": "maildir", "~/": "" };
  for (const line of own) {
    const here = Object.entries(places).reduce((text, [there, ours]) => text.replace(there, ours), line);
    const words = [...here.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word).slice(1);
    const stdin = words[0] === "account" ? ["--password-stdin"] : [];
    const { code, stderr } = await roost([...words, ...stdin], "a long secret");
    assert.equal(code, 0, `${line}: ${stderr}`);
  }
});
