/** `roost sync` as it is called: from another Roost, of many accounts, killed in the middle. */
import assert from "node:assert/strict";
import { startServer, type TestServer } from "../support/server.ts";

const PASSWORD = "a long secret";
const letters = (count: number) =>
  Array.from({ length: count }, (_, n) => {
    return `From a@b Tue Jan  2 03:04:05 2024\nFrom: a@b\nSubject: message ${n}\n\nbody of ${n}\n${
      "text\n".repeat(40)
    }\n`;
  }).join("");

interface Roost {
  readonly server: TestServer;
  /** A file of the test. */
  file(name: string, text: string): string;
  /** Runs the command and takes its exit code for right. */
  run(args: readonly string[], stdin?: string, code?: number): Promise<{ stdout: string; stderr: string }>;
  /** Where an account's mail is to be had, by TLS. */
  from(user: string): string[];
  /** Of an account's INBOX. */
  subjects(address: string): Promise<string[]>;
}

function commandTest(title: string, body: (t: Roost) => Promise<void>): void {
  Deno.test(title, async () => {
    await using server = await startServer();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const run: Roost["run"] = async (args, stdin = `${PASSWORD}\n`, code = 0) => {
      const ran = await server.roost(args, stdin);
      assert.equal(ran.code, code, `${args.join(" ")}: ${text(ran.stdout)}${ran.stderr}`);
      return { stdout: text(ran.stdout), stderr: ran.stderr };
    };
    await body({
      server,
      run,
      file(name, content) {
        const path = `${server.dataDir}/../${name}`;
        Deno.writeTextFileSync(path, content);
        return path;
      },
      from: (user) => ["--from", `imaps://${user}@localhost:${server.imapsPort}`, "--tls-ca", server.certificate],
      async subjects(address) {
        const folder = `${server.dataDir}/../${address}-out`;
        await run(["export", "mbox", address, folder], "");
        return Deno.readTextFileSync(`${folder}/INBOX`).split("\n").filter((line) => line.startsWith("Subject: "));
      },
    });
  });
}

async function accounts({ server, run, file }: Roost, count: number, ...addresses: string[]): Promise<void> {
  await server.addAccounts(addresses.map((address) => ({ address, password: PASSWORD })));
  if (count > 0) await run(["import", "mbox", file("in", letters(count)), addresses[0]], "");
}

commandTest("another Roost is a source: over TLS, over STARTTLS, dry first", async (t) => {
  const { run, from, server } = t;
  await accounts(t, 5, "old@example.org", "new@example.org");
  const args = ["sync", ...from("old@example.org"), "--to", "new@example.org", "--password-stdin"];
  const dry = await run([...args, "--dry-run"]);
  assert.match(dry.stdout, /^INBOX\tINBOX\t5\t\d{4}\t0\t0\t0\n(?:.*\n)*all\tnew@example\.org\t5\t\d{4}\t0\t0\t0\n$/m);
  const first = await run(args);
  assert.equal(first.stdout, "6 mailboxes: 5 messages copied, 0 there already, 0 flags changed, 0 removed\n");
  assert.equal(first.stderr, "");
  await run(["import", "mbox", `${server.dataDir}/../in`, "old@example.org", "--mailbox", "Räume/Süd"], "");
  const more = await run([...args, "--quiet"]);
  assert.equal(more.stdout, "8 mailboxes: 5 messages copied, 0 there already, 0 flags changed, 0 removed\n");
  const { stdout } = await run(["export", "eml", "new@example.org", `${server.dataDir}/../out`], "");
  assert.match(stdout, /\b10 /);
  const starttls = ["--from", `imap://old@example.org@localhost:${server.imapPort}`, "--tls-ca", server.certificate];
  const again = await run(["sync", ...starttls, "--to", "new@example.org", "--password-stdin"]);
  assert.equal(again.stdout, "8 mailboxes: 0 messages copied, 0 there already, 0 flags changed, 0 removed\n");
});

commandTest("faults are one clear line each, and no secret is in them", async (t) => {
  const { run, from, server, file } = t;
  await accounts(t, 0, "old@example.org", "new@example.org");
  const fails = async (args: string[], text: RegExp, code = 1, password = PASSWORD) => {
    const { stderr } = await run(["sync", ...args], password, code);
    assert.match(stderr, text);
    assert.ok(!stderr.includes(password), stderr);
  };
  const to = ["--to", "new@example.org", "--password-stdin"];
  await fails([...from("old@example.org"), ...to], /^roost: the login at localhost failed: /m, 1, "a wrong secret");
  await fails(
    ["--from", `imaps://old@localhost:${server.imapsPort}`, ...to],
    /^roost: no connection to localhost, port \d+: /m,
  );
  await fails(["--from", "imaps://old@localhost:1", ...to], /^roost: no connection to localhost, port 1: /m);
  await fails(["--from", "https://old@localhost", ...to], /must be imaps:\/\/user@host/, 2);
  await fails(["--from", "imaps://old:secret@localhost", ...to], /a password in the address/, 2);
  await fails(
    [...from("old@example.org"), "--to", "nobody@example.org", "--password-stdin"],
    /there is no account nobody/,
  );
  await fails(["--to", "new@example.org"], /--from and --to are needed, or --batch/, 2);
  await fails(["--batch", file("list", "imaps://a@b\n")], /list, line 1: it must be URL, password and address/);
});

commandTest("of many accounts one that fails does not stop the others", async (t) => {
  const { run, file, server } = t;
  await accounts(t, 3, "old@example.org", "one@example.org", "two@example.org");
  const url = `imaps://old@example.org@localhost:${server.imapsPort}`;
  const secret = file("secret", `${PASSWORD}\n`);
  const lines = [
    "# URL, password, address",
    `${url}\tfile:${secret}\tone@example.org`,
    `${url}\twrong\ttwo@example.org`,
    `${url}\t${PASSWORD}\tnobody@example.org`,
    `${url}\t\ttwo@example.org`,
  ];
  const list = file("list", lines.join("\n"));
  const args = ["sync", "--batch", list, "--password-file", secret, "--parallel", "2", "--tls-ca", server.certificate];
  const { stdout, stderr } = await run(args, "", 1);
  assert.match(stderr, /^roost: two@example\.org: the login at localhost failed/m);
  assert.match(stderr, /^roost: nobody@example\.org: there is no account/m);
  assert.match(stdout, /^one@example\.org: 6 mailboxes: 3 messages copied/m);
  assert.match(stdout, /^two@example\.org: 6 mailboxes: 3 messages copied/m);
  assert.match(stdout, /^2 accounts synced, 2 failed: 6 messages copied, 0 skipped$/m);
});

commandTest("killed in the middle it goes on: no message twice, none missing", async (t) => {
  const { server, run, from, subjects } = t;
  const messages = 1600;
  await accounts(t, messages, "old@example.org", "new@example.org");
  const secret = t.file("secret", PASSWORD);
  const args = ["sync", ...from("old@example.org"), "--to", "new@example.org", "--password-file", secret];
  const log = `${server.dataDir}/accounts/2/mail.db-wal`;
  const size = () => {
    try {
      return Deno.statSync(log).size;
    } catch {
      return 0;
    }
  };
  const [command, ...words] = server.command(args);
  const child = new Deno.Command(command, { args: words, stdout: "null", stderr: "null" }).spawn();
  // Something has been committed, not all.
  while (size() < 1_000_000) await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill("SIGKILL");
  await child.status;
  const { stdout } = await run(args, "");
  const copied = Number(/(\d+) messages copied/.exec(stdout)?.[1]);
  assert.ok(copied > 0 && copied < messages, stdout);
  const found = await subjects("new@example.org");
  assert.deepEqual([found.length, new Set(found).size], [messages, messages]);
  await run(["verify"], "");
});

commandTest("every `roost sync` of docs/migrate.md runs", async (t) => {
  const page = Deno.readTextFileSync(new URL("../../docs/migrate.md", import.meta.url));
  const lines = page.split("\n").map((line) => line.trim()).filter((line) => line.startsWith("roost sync "));
  assert.ok(lines.length >= 5);
  await accounts(t, 2, "ann@old.example.org", "ann@example.org", "bob@example.org");
  const { server, file } = t;
  const here = (user: string) => `imaps://${user}@localhost:${server.imapsPort}`;
  const list = /```\n( *imaps:\/\/[^`]*)```/.exec(page)?.[1] ?? "";
  const batch = list.split("\n").map((line) => line.trim().replace(/^imaps:\S+/, here("ann@old.example.org"))).join(
    "\n",
  );
  file("accounts.tsv", batch);
  file("master", PASSWORD);
  const folder = `${server.dataDir}/..`;
  for (const line of lines) {
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word).slice(1)
      .map((word) => word === "imaps://ann@old.example.org" ? here("ann@old.example.org") : word)
      .map((word) => ["accounts.tsv", "master"].includes(word) ? `${folder}/${word}` : word);
    const password = words.includes("--password-file") ? [] : ["--password-stdin"];
    await t.run([...words, "--tls-ca", server.certificate, ...password]);
  }
});
