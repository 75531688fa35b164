/** A real Dovecot: its IMAP process on each connection to a port on loopback, logged in already; commands of the test beside. */
import assert from "node:assert/strict";

async function installed(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command("which", { args: [program] }).output()).success;
  } catch {
    return false;
  }
}

const required = Deno.env.get("ROOST_REQUIRE_CLIENTS") === "1";
export const hasDovecot = Deno.build.os === "linux" && (required || await installed("/usr/lib/dovecot/imap"));
export const hasMbsync = required || await installed("mbsync");

const PROGRAM = "/usr/lib/dovecot/imap";
/** Dovecot does not serve root's mail. */
const owner = Deno.uid() === 0 ? 65534 : Deno.uid() ?? 0;

export class Dovecot implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #served = new Set<Promise<void>>();
  readonly #open = new Set<Deno.Conn>();
  /** Connections so far. */
  connections = 0;
  /** What clients sent. */
  sent = "";
  /** Ends each connection when it has sent that many bytes; raised by as much each time. */
  cutAfter = Infinity;

  private constructor(readonly folder: string) {
    this.#serve();
  }

  /** @param settings lines for the configuration */
  static async start(settings = ""): Promise<Dovecot> {
    const folder = await Deno.makeTempDir({ prefix: "roost-dovecot-" });
    Deno.writeTextFileSync(
      `${folder}/dovecot.conf`,
      `log_path = ${folder}/log
base_dir = ${folder}/run
mail_location = maildir:${folder}/mail
ssl = no
first_valid_uid = 1
mail_uid = ${owner}
mail_gid = ${owner === 65534 ? 65534 : Deno.gid()}
mail_home = ${folder}/home
mail_fsync = never
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    special_use = \\Sent
  }
}
${settings}
`,
    );
    Deno.mkdirSync(`${folder}/mail`);
    if (Deno.uid() === 0) {
      const { success } = await new Deno.Command("chown", { args: ["-R", `${owner}:${owner}`, folder] }).output();
      assert.ok(success);
    }
    return new Dovecot(folder);
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  get command(): string[] {
    return [PROGRAM, "-c", `${this.folder}/dovecot.conf`];
  }

  get env(): Record<string, string> {
    return { USER: "tester", HOME: this.folder };
  }

  #spawn(): Deno.ChildProcess {
    const [command, ...args] = this.command;
    return new Deno.Command(command, { args, env: this.env, stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  }

  async #serve(): Promise<void> {
    for await (const conn of this.#listener) {
      this.connections++;
      this.#open.add(conn);
      const served = this.#one(conn).finally(() => this.#served.delete(served));
      this.#served.add(served);
    }
  }

  async #one(conn: Deno.Conn): Promise<void> {
    const child = this.#spawn();
    let left = this.cutAfter;
    const heard = new TextDecoder("latin1");
    const up = conn.readable.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform: (bytes, controller) => {
          this.sent += heard.decode(bytes);
          controller.enqueue(bytes);
        },
      }),
    ).pipeTo(child.stdin).catch(() => {});
    const cut = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(bytes, controller) {
        if (bytes.length < left) controller.enqueue(bytes);
        else {
          controller.enqueue(bytes.subarray(0, left));
          controller.error(new Error("cut"));
        }
        left -= bytes.length;
      },
    });
    await child.stdout.pipeThrough(cut).pipeTo(conn.writable).catch(() => {});
    try {
      conn.close();
    } catch {
      // It is closed.
    }
    await up;
    await child.stdin.close().catch(() => {});
    await child.status;
    this.#open.delete(conn);
  }

  /** Runs commands in a session of their own. @returns all that was answered */
  async run(...commands: readonly string[]): Promise<string> {
    const child = this.#spawn();
    const output = child.output();
    const writer = child.stdin.getWriter();
    const lines = commands.map((command, at) => `c${at} ${command}\r\n`).join("");
    await writer.write(new TextEncoder().encode(`${lines}z LOGOUT\r\n`));
    await writer.close();
    const text = new TextDecoder().decode((await output).stdout);
    assert.match(text, /^z OK/m, text);
    assert.doesNotMatch(text, /^c\d+ (?:NO|BAD)/m);
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#open) {
      try {
        conn.close();
      } catch {
        // It is closed.
      }
    }
    await Promise.all(this.#served);
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** @param content lines end with LF here, CRLF there */
export function append(mailbox: string, content: string, flags = "", date = "01-Feb-2020 10:00:00 +0000"): string {
  const text = content.replaceAll("\n", "\r\n");
  return `APPEND "${mailbox}" (${flags}) "${date}" {${text.length}+}\r\n${text}`;
}

export function letter(n: number | string, extra = ""): string {
  return `From: a@b\nSubject: message ${n}\nMessage-ID: <${n}@example.org>\n${extra}\nline ${n}\n`;
}
