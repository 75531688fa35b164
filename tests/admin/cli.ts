/** Runs the real command line in a temporary directory, with the permissions that the serve task gives. */
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The words up to and with `main.ts`. */
export function program(): string[] {
  const { serve } = JSON.parse(Deno.readTextFileSync(root + "deno.json")).tasks as Record<string, string>;
  return [Deno.execPath(), "run", ...serve.split(" ").filter((word) => word.startsWith("-")), root + "main.ts"];
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  readonly directory: string;
  /** Runs it to its end. */
  roost(args: readonly string[], stdin?: string | Uint8Array): Promise<Outcome>;
  /** Starts it and reads its standard output line by line; killed at the end of the test if it still runs. */
  start(args: readonly string[]): Running;
  write(file: string, text: string): void;
}

export interface Running {
  readonly child: Deno.ChildProcess;
  /** The next line on standard output; undefined at its end. */
  line(): Promise<string | undefined>;
  /** Everything on standard error, once it has ended. */
  readonly stderr: Promise<string>;
}

/** A test in an empty directory of its own. */
export function cliTest(name: string, work: (place: Place) => Promise<void>): void {
  Deno.test(name, async () => {
    const directory = await Deno.makeTempDir({ prefix: "roost-cli-" });
    const children: Deno.ChildProcess[] = [];
    const [command, ...before] = program();
    const options = { cwd: directory, env: { NO_COLOR: "1" }, stdout: "piped", stderr: "piped" } as const;
    try {
      await work({
        directory,
        write: (file, text) => Deno.writeTextFileSync(`${directory}/${file}`, text),
        async roost(args, stdin = "") {
          const child = new Deno.Command(command, { ...options, args: [...before, ...args], stdin: "piped" }).spawn();
          const output = child.output();
          const writer = child.stdin.getWriter();
          const bytes = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
          // A program that does not read its input may have ended before it got all.
          await writer.write(bytes).then(() => writer.close()).catch(() => {});
          const { code, stdout, stderr } = await output;
          return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
        },
        start(args) {
          const child = new Deno.Command(command, { ...options, args: [...before, ...args], stdin: "null" }).spawn();
          children.push(child);
          const lines = readLines(child.stdout);
          return { child, line: async () => (await lines.next()).value, stderr: new Response(child.stderr).text() };
        },
      });
    } finally {
      for (const child of children) {
        try {
          child.kill("SIGKILL");
        } catch {
          // It has ended.
        }
        await child.status;
        if (!child.stdout.locked) await child.stdout.cancel();
      }
      await Deno.remove(directory, { recursive: true });
    }
  });
}

async function* readLines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Sends lines on a connection and reads until a line that matches; gives all that was read. */
export async function converse(conn: Deno.Conn, send: string, until: RegExp): Promise<string> {
  const bytes = new TextEncoder().encode(send);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
  const buffer = new Uint8Array(8192);
  let text = "";
  while (!until.test(text)) {
    const size = await conn.read(buffer);
    if (size === null) throw new Error(`the connection ended after: ${text}`);
    text += new TextDecoder().decode(buffer.subarray(0, size));
  }
  return text;
}
