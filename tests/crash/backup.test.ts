/** A backup while mail comes in, the data directory lost, and all brought back; and what stands in its way. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertSound } from "../store/backup/support.ts";
import { runProgram, startServer, type TestServer } from "../support/server.ts";

const ADDRESSES = ["ann@example.org", "bob@example.org", "cyd@example.org"];
const PASSWORD = "secret";

/** One IMAP connection that says commands one by one. */
class Client implements Disposable {
  #tag = 0;
  #text = "";
  private constructor(readonly connection: Deno.TcpConn) {}

  static async login(server: TestServer, address: string): Promise<Client> {
    const client = new Client(await Deno.connect({ hostname: "127.0.0.1", port: server.imapPort }));
    await client.command(`LOGIN ${address} ${PASSWORD}`);
    return client;
  }

  /** @returns all lines of the answer @throws Error unless OK */
  async command(text: string): Promise<string> {
    const tag = `a${++this.#tag}`;
    const bytes = new TextEncoder().encode(`${tag} ${text}\r\n`);
    for (let at = 0; at < bytes.length;) at += await this.connection.write(bytes.subarray(at));
    const buffer = new Uint8Array(65536);
    const end = new RegExp(`^${tag} (\\w+)[^\\n]*\\n`, "m");
    for (;;) {
      const match = end.exec(this.#text);
      if (match) {
        const answer = this.#text.slice(0, match.index + match[0].length);
        this.#text = this.#text.slice(answer.length);
        if (match[1] !== "OK") throw new Error(answer);
        return answer;
      }
      const count = await this.connection.read(buffer);
      if (count === null) throw new Error(`the connection ended: ${this.#text}`);
      this.#text += new TextDecoder().decode(buffer.subarray(0, count));
    }
  }

  async append(mailbox: string, token: string, size = 300): Promise<void> {
    const text = letter(token, size);
    await this.command(`APPEND ${mailbox} (\\Seen) "20-Nov-2025 10:00:00 +0000" {${text.length}+}\r\n${text}`);
  }

  [Symbol.dispose](): void {
    this.connection.close();
  }
}

function letter(token: string, size: number): string {
  return `From: bob@example.org\r\nSubject: ${token}\r\nMessage-ID: <${token}@example.org>\r\n\r\n` +
    `${token}\r\n`.repeat(Math.ceil(size / token.length));
}

/** Subjects of a mailbox. */
async function subjects(client: Client, mailbox: string): Promise<Set<string>> {
  await client.command(`EXAMINE ${mailbox}`);
  const answer = await client.command("UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
  await client.command("UNSELECT");
  return new Set([...answer.matchAll(/Subject: (\S+)/g)].map(([, subject]) => subject));
}

async function roost(server: TestServer, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await server.roost(args);
  assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
  return new TextDecoder().decode(stdout);
}

Deno.test("backup under load, the data directory lost, restore: verify is clean, all acknowledged mail is there", async () => {
  await using server = await startServer();
  const target = join(server.dataDir, "..", "backup");
  await server.addAccounts(ADDRESSES.map((address) => ({ address, password: PASSWORD })));
  const acknowledged = new Map<string, string[]>(ADDRESSES.map((address) => [address, []]));
  let stopped = false;
  const load = Promise.all(ADDRESSES.map(async (address) => {
    using client = await Client.login(server, address);
    for (let n = 0; !stopped; n++) {
      const token = `m${n}`;
      await client.append("INBOX", token, n % 8 === 0 ? 150_000 : 300);
      acknowledged.get(address)?.push(token);
      if (n % 5 === 4) {
        await client.command("SELECT INBOX");
        await client.command("STORE * +FLAGS (\\Flagged)");
        await client.command("COPY * Archive");
        await client.command("UNSELECT");
      }
    }
  }));
  const deliveries = (async () => {
    for (let n = 0; !stopped; n++) {
      const token = `delivered${n}`;
      const { code } = await server.roost(["deliver", ADDRESSES[0]], letter(token, 300).replaceAll("\r\n", "\n"));
      if (code === 0) acknowledged.get(ADDRESSES[0])?.push(token);
    }
  })();
  load.catch(() => {}); // told below, unless something else fails before
  while (
    [...acknowledged.values()].some((tokens) => tokens.length < 10) ||
    !acknowledged.get(ADDRESSES[0])?.includes("delivered0")
  ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await roost(server, "backup", target);
  const before = new Map([...acknowledged].map(([address, tokens]) => [address, [...tokens]]));
  await roost(server, "backup", target); // this one finishes while mail goes on coming
  assert.ok([...before.values()].every((tokens) => tokens.length >= 10));
  stopped = true;
  await Promise.all([load, deliveries]);
  await server.stop();
  await Deno.remove(server.dataDir, { recursive: true });
  await roost(server, "restore", target);
  await assertSound(server.dataDir);
  assert.match(await roost(server, "verify"), /: 0 faults\n$/);
  await server.restart();
  for (const [address, tokens] of before) {
    using client = await Client.login(server, address);
    const there = await subjects(client, "INBOX");
    assert.deepEqual(tokens.filter((token) => !there.has(token)), []);
  }
  assert.deepEqual(server.takeErrors(), []);
});

Deno.test("restore into a running server: a message, a mailbox, an account; clients follow (RFC 7162 §3.2.5)", async () => {
  await using server = await startServer();
  const target = join(server.dataDir, "..", "backup");
  await server.addAccount("ann@example.org", PASSWORD);
  using ann = await Client.login(server, "ann@example.org");
  for (const token of ["one", "two", "three"]) await ann.append("INBOX", token);
  await ann.command("CREATE Lists");
  await ann.append("Lists", "four", 150_000);
  await roost(server, "backup", target);

  await ann.command("ENABLE QRESYNC");
  const selected = await ann.command("SELECT INBOX");
  const [, validity, modseq] = /UIDVALIDITY (\d+)[^]*HIGHESTMODSEQ (\d+)/.exec(selected)!;
  await ann.command("STORE 1:2 +FLAGS.SILENT (\\Deleted)");
  await ann.command("EXPUNGE");
  await ann.append("INBOX", "later");
  await ann.command("UNSELECT");

  const restore = async (...args: string[]) =>
    await roost(server, "restore", target, "--account", "ann@example.org", ...args);
  assert.equal(await restore("--message", "<one@example.org>"), "1 messages restored, 0 there already\n");
  assert.equal(await restore("--message", "one@example.org"), "0 messages restored, 1 there already\n");
  assert.equal(await restore("--mailbox", "INBOX", "--message", "2:3"), "1 messages restored, 1 there already\n");
  const resynced = await ann.command(`SELECT INBOX (QRESYNC (${validity} ${modseq}))`);
  assert.match(resynced, new RegExp(`UIDVALIDITY ${validity}`));
  assert.match(resynced, /^\* VANISHED \(EARLIER\) 1:2\r$/m);
  for (const uid of [4, 5, 6]) assert.match(resynced, new RegExp(`FETCH \\(UID ${uid} FLAGS`));
  assert.match(await ann.command("UID FETCH 5:6 (FLAGS INTERNALDATE)"), /\\Seen[^]*20-Nov-2025 10:00:00 \+0000/);
  await ann.command("UNSELECT");

  await ann.command("DELETE Lists");
  assert.equal(await restore("--mailbox", "Lists"), "1 messages restored, 0 there already\n");
  assert.deepEqual(await subjects(ann, "Lists"), new Set(["four"]));

  assert.equal(await restore(), "4 messages restored, 0 there already\n");
  assert.deepEqual(await subjects(ann, "Restored/INBOX"), new Set(["one", "two", "three"]));

  await ann.command("CREATE Newer");
  await ann.command("SELECT INBOX");
  await ann.command("UID STORE 3 FLAGS.SILENT (\\Flagged $Important)");
  assert.match(await restore("--replace"), /^0 messages restored, 4 there already, 5 newer ones expunged\n$/);
  const told = await ann.command("NOOP");
  assert.match(told, /^\* VANISHED 4\r$/m);
  assert.match(told, /UID 3 [^\r]*FLAGS \(\\Seen\)/);
  await ann.command("UNSELECT");
  assert.deepEqual(await subjects(ann, "INBOX"), new Set(["one", "two", "three"]));
  assert.doesNotMatch(await ann.command('LIST "" *'), /Newer|Restored/);
  assert.match(await roost(server, "undelete", "ann@example.org", "--mailbox", "INBOX", "--list"), /later/);
  assert.match(await roost(server, "verify", "ann@example.org"), /: 0 faults\n$/);
  assert.deepEqual(server.takeErrors(), []);
});

Deno.test("an account that is gone is made again beside a running server, with its password and what it shared", async () => {
  await using server = await startServer();
  const target = join(server.dataDir, "..", "backup");
  for (const address of ADDRESSES) await server.addAccount(address, PASSWORD);
  {
    using ann = await Client.login(server, ADDRESSES[0]);
    await ann.append("INBOX", "one");
    await ann.command("SETACL INBOX bob@example.org lr");
  }
  await roost(server, "backup", target);
  await roost(server, "account", "remove", "--yes", "--now", ADDRESSES[0]);
  await assert.rejects(Client.login(server, ADDRESSES[0]), / NO /);
  await roost(server, "restore", target, "--account", "ANN@example.org");
  using ann = await Client.login(server, ADDRESSES[0]);
  assert.deepEqual(await subjects(ann, "INBOX"), new Set(["one"]));
  assert.match(await ann.command("GETACL INBOX"), /bob@example\.org lr/);
  const again = await server.roost(["restore", target]);
  assert.match(again.stderr, /is not empty/);
  assert.match(await roost(server, "verify"), /: 0 faults\n$/);
});

Deno.test("a backup and a restore that are killed at any moment are done again", async () => {
  await using server = await startServer();
  const target = join(server.dataDir, "..", "backup");
  await server.addAccount("ann@example.org", PASSWORD);
  using ann = await Client.login(server, "ann@example.org");
  for (let n = 0; n < 12; n++) await ann.append("INBOX", `m${n}`, n % 2 ? 300 : 200_000);
  const killed = async (...args: string[]) => {
    const [command, ...words] = server.command(args);
    for (const wait of [150, 300, 400, 500]) {
      const child = new Deno.Command(command, { args: words, stdout: "null", stderr: "null" }).spawn();
      const timer = setTimeout(() => {
        try {
          child.kill("SIGKILL");
        } catch {
          // It has ended by itself.
        }
      }, wait);
      await child.status;
      clearTimeout(timer);
    }
  };
  await killed("backup", target);
  await roost(server, "backup", target);
  await server.stop();
  await Deno.remove(server.dataDir, { recursive: true });
  await killed("restore", target);
  // The last of them may have been fast enough.
  const { stderr } = await server.roost(["restore", target]);
  assert.match(stderr, /^$|is not empty/);
  await assertSound(server.dataDir);
  await server.restart();
  using client = await Client.login(server, "ann@example.org");
  assert.equal((await subjects(client, "INBOX")).size, 12);
});

/** A mount that only this process sees, and that goes with it. */
const OWN_MOUNT = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"];

async function canMount(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    return (await runProgram([...OWN_MOUNT, "mount -t tmpfs -o size=64k tmpfs /mnt"])).code === 0;
  } catch {
    return false;
  }
}

Deno.test({
  name: "a full or read-only disk: a clear message, the last good state, and all is well with room again",
  ignore: !await canMount(),
  fn: async () => {
    const directory = await Deno.makeTempDir({ prefix: "roost-full-" });
    const child = fileURLToPath(new URL("backupfullchild.ts", import.meta.url));
    try {
      const script = 'mount -t tmpfs -o size=12m tmpfs "$0" && TMPDIR="$0" exec "$1" run -A "$2"';
      const { code, stderr } = await runProgram([...OWN_MOUNT, script, directory, Deno.execPath(), child]);
      assert.equal(code, 0, stderr);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});
