import assert from "node:assert/strict";
import { cliTest, converse, program } from "./cli.ts";

/** A started `imapserve`, spoken to by standard input and output. */
class Session implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(directory: string, args: readonly string[]) {
    const [command, ...before] = program();
    this.#child = new Deno.Command(command, {
      args: [...before, "imapserve", ...args],
      cwd: directory,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reader = this.#child.stdout.getReader();
  }

  async exchange(send: string, until: RegExp): Promise<string> {
    if (send !== "") await this.#writer.write(new TextEncoder().encode(send));
    let text = "";
    while (!until.test(text)) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error(`the session ended after: ${text}`);
      text += new TextDecoder().decode(value);
    }
    return text;
  }

  /** Closes its input and waits for its end. @returns the exit code */
  async end(): Promise<number> {
    await this.#writer.close();
    while (!(await this.#reader.read()).done);
    return (await this.#child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#reader.cancel();
    await this.#writer.abort().catch(() => {});
  }
}

cliTest(
  "imapserve, deliver and a running server share one live mailbox",
  async ({ directory, write, roost, start }) => {
    write("roost.yaml", "listeners: [{ protocol: imap, port: 0, cleartextLogin: true }]\n");
    assert.equal((await roost(["account", "add", "a@b", "-c", "roost.yaml", "--password-stdin"], "x")).code, 0);
    const server = start(["serve", "-c", "roost.yaml"]);
    const port = Number((await server.line())?.split(":")[1]);
    const remote = await Deno.connect({ hostname: "127.0.0.1", port });
    await converse(remote, "a LOGIN a@b x\r\n", /^a OK .*\r\n/m);
    await converse(remote, "b SELECT INBOX\r\n", /^b OK .*\r\n/m);
    await converse(remote, "c IDLE\r\n", /^\+ .*\r\n/m);

    await using local = new Session(directory, ["A@B", "-c", "roost.yaml"]);
    await local.exchange("a SELECT INBOX\r\n", /^a OK .*\r\n/m);
    await local.exchange("b APPEND INBOX {4+}\r\n\r\n\r\n\r\n", /^b OK .*\r\n/m);
    await converse(remote, "", /^\* 1 EXISTS\r\n/m);

    await local.exchange("c IDLE\r\n", /^\+ .*\r\n/m);
    assert.equal((await roost(["deliver", "a@b", "-c", "roost.yaml"], "Subject: hello\n\n")).code, 0);
    await Promise.all([converse(remote, "", /^\* 2 EXISTS\r\n/m), local.exchange("", /^\* 2 EXISTS\r\n/m)]);

    await converse(remote, "DONE\r\nd STORE 2 +FLAGS.SILENT \\Flagged\r\n", /^d OK .*\r\n/m);
    await local.exchange("", /^\* 2 FETCH \(.*FLAGS \(.*\\Flagged.*\r\n/m);
    await local.exchange("DONE\r\n", /^c OK .*\r\n/m);
    assert.equal(await local.end(), 0);
    remote.close();
  },
);

cliTest("imapserve refuses accounts that are not there", async ({ roost }) => {
  assert.equal((await roost(["account", "add", "a@b", "--password-stdin"], "x")).code, 0);
  const unknown = await roost(["imapserve", "c@d"]);
  assert.deepEqual(unknown, { code: 1, stdout: "", stderr: "roost: there is no account c@d\n" });
});

cliTest("imapserve serves a disabled account: it needs no login", async ({ roost }) => {
  assert.equal((await roost(["account", "add", "a@b", "--password-stdin"], "x")).code, 0);
  assert.equal((await roost(["account", "disable", "a@b", "--message", "Moved away."])).code, 0);
  const session = await roost(["imapserve", "a@b"], "a SELECT INBOX\r\nb LOGOUT\r\n");
  assert.match(session.stdout, /^\* PREAUTH .*\r\na OK \[READ-WRITE\].*\r\nb OK /s);
});
