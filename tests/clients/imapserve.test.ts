import assert from "node:assert/strict";
import { clientSuite, type Scene } from "./support/suite.ts";
import { attachment, mail } from "./support/mail.ts";
import { bytes, characters, withTimeout } from "./support/observer.ts";

const roost = { roostOnly: true };
const test = clientSuite({ name: "imapserve", programs: ["python3"], packages: "python3" });

/** An imapserve process whose standard input and output a test speaks IMAP on. */
class Session {
  #rest = "";
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #errors: Promise<string>;

  constructor(readonly child: Deno.ChildProcess) {
    this.#writer = child.stdin.getWriter();
    this.#reader = child.stdout.getReader();
    this.#errors = new Response(child.stderr).text();
  }

  async send(text: string): Promise<void> {
    await this.#writer.write(bytes(text));
  }

  /** Reads up to and with the first line that matches. @returns all that was read */
  async until(pattern: RegExp): Promise<string> {
    while (true) {
      const match = pattern.exec(this.#rest);
      const end = match === null ? -1 : this.#rest.indexOf("\r\n", match.index);
      if (end >= 0) {
        const text = this.#rest.slice(0, end + 2);
        this.#rest = this.#rest.slice(end + 2);
        return text;
      }
      const late = `no ${pattern} within 15 s, but ${JSON.stringify(this.#rest)}`;
      const { done, value } = await withTimeout(this.#reader.read(), 15_000, late);
      if (done) throw new Error(`ended before ${pattern}: ${JSON.stringify(this.#rest)} ${await this.#errors}`);
      this.#rest += characters(value);
    }
  }

  async exchange(tag: string, command: string): Promise<string> {
    await this.send(`${tag} ${command}\r\n`);
    const text = await this.until(new RegExp(`^${tag} `, "m"));
    assert.match(text, new RegExp(`^${tag} OK`, "m"), text);
    return text;
  }

  /** Closes its input and waits for the end. @returns the exit code */
  async end(): Promise<number> {
    await this.#writer.close().catch(() => {}); // after LOGOUT it is closed already
    while (!(await withTimeout(this.#reader.read(), 10_000, "imapserve did not end")).done);
    await this.#errors;
    return (await this.child.status).code;
  }
}

async function withSession(scene: Scene, work: (session: Session) => Promise<void>): Promise<void> {
  const [program, ...args] = scene.server.command(["imapserve", scene.address]);
  const options = { args, stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(program, options).spawn();
  const session = new Session(child);
  try {
    await work(session);
    assert.equal(await session.end(), 0);
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await child.status;
  }
}

test("greets with PREAUTH, reads, appends and says goodbye", async (scene) => {
  await scene.observer.append("INBOX", attachment);
  await withSession(scene, async (session) => {
    assert.match(await session.until(/^\* /m), /^\* PREAUTH \[CAPABILITY [^\]]*IMAP4rev1[^\]]*\]/);
    assert.match(await session.exchange("a1", "SELECT INBOX"), /^\* 1 EXISTS\r$/m);
    const fetched = await session.exchange("a2", "FETCH 1 BODY.PEEK[]");
    assert.ok(fetched.includes(`{${attachment.length}}\r\n${attachment})`));
    const content = mail("through the pipe");
    await session.exchange("a3", `APPEND INBOX (\\Flagged) {${content.length}+}\r\n${content}`);
    assert.match(await session.exchange("a4", "LOGOUT"), /^\* BYE/);
  });
  assert.deepEqual(await scene.observer.summary("INBOX"), ["attachment", "through the pipe: \\Flagged"]);
}, roost);

test("is the same live mailbox as the server's: changes are seen both ways", async (scene) => {
  await scene.observer.append("INBOX", mail("first"));
  await withSession(scene, async (session) => {
    await session.until(/^\* PREAUTH/m);
    await session.exchange("a1", "SELECT INBOX");
    await session.send("a2 IDLE\r\n");
    await session.until(/^\+ /m);
    await scene.observer.append("INBOX", mail("second"));
    await session.until(/^\* 2 EXISTS/m);
    await scene.observer.store("INBOX", 1, "+FLAGS (\\Answered)");
    await session.until(/^\* 1 FETCH \(.*\\Answered/m);
    await scene.observer.command("UID STORE 1 +FLAGS.SILENT (\\Deleted)");
    await scene.observer.command("EXPUNGE");
    await session.until(/^\* 1 EXPUNGE/m);
    await session.send("DONE\r\n");
    await session.until(/^a2 OK/m);

    await scene.observer.command("SELECT INBOX");
    await session.exchange("a3", "STORE 1 +FLAGS (\\Flagged)");
    await session.exchange("a4", `APPEND INBOX {2+}\r\nx\r`);
    const heard = await untilNoop(scene, /^\* 2 EXISTS$/m);
    assert.match(heard, /^\* 1 FETCH \(.*\\Flagged/m);
    await session.exchange("a5", "UID STORE 2 +FLAGS.SILENT (\\Deleted)");
    await session.exchange("a6", "EXPUNGE");
    await untilNoop(scene, /^\* 1 EXPUNGE$/m);
    await session.exchange("a7", "CREATE Made");
    assert.ok((await scene.observer.mailboxes()).includes("Made"));
    await session.exchange("a8", "LOGOUT");
  });
}, roost);

test("ends when its input does, and refuses an unknown account", async (scene) => {
  await withSession(scene, async (session) => {
    await session.until(/^\* PREAUTH/m);
    await session.exchange("a1", "SELECT INBOX");
  });
  const { code, stdout, stderr } = await scene.server.roost(["imapserve", "nobody@example.org"], "");
  assert.notEqual(code, 0);
  assert.equal(stdout.length, 0);
  assert.match(stderr, /nobody@example\.org/);
}, roost);

test("speaks both ways on descriptor 0 with --fd0", async (scene) => {
  const script = await scene.file(
    "fd0.py",
    `import socket, subprocess, sys
ours, theirs = socket.socketpair()
ours.settimeout(15)
child = subprocess.Popen(sys.argv[1:], stdin=theirs.fileno(), stdout=subprocess.DEVNULL)
theirs.close()
stream = ours.makefile("rwb")
print(stream.readline().decode(), end="")
for number, command in enumerate([b"SELECT INBOX", b"FETCH 1 BODY.PEEK[TEXT]", b"LOGOUT"]):
    stream.write(b"f%d %s\\r\\n" % (number, command))
    stream.flush()
    line = b""
    while not line.startswith(b"f%d " % number):
        line = stream.readline()
        assert line, "the connection ended"
        print(line.decode(), end="")
assert stream.readline() == b""
sys.exit(child.wait(10))
`,
  );
  await scene.observer.append("INBOX", mail("one", "By one descriptor.\r\n"));
  const { stdout } = await scene.run("python3", [
    script,
    ...scene.server.command(["imapserve", scene.address, "--fd0"]),
  ]);
  assert.match(stdout, /^\* PREAUTH/);
  assert.match(stdout, /^By one descriptor\.\r?$/m);
  assert.match(stdout, /^f2 OK/m);
}, roost);

/** NOOP until the server's session has heard; @returns all it was told since the first. */
async function untilNoop(scene: Scene, pattern: RegExp): Promise<string> {
  let heard = "";
  for (let i = 0; i < 200; i++) {
    heard += (await scene.observer.command("NOOP")).join("\n") + "\n";
    if (pattern.test(heard)) return heard;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not told of ${pattern}: ${heard}`);
}
