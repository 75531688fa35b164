/**
 * A Roost process of a test's own: temporary data, free ports on loopback, its log kept for failure messages.
 *
 * With ROOST_TEST_SERVER set to `{"imapPort":…,"imapsPort":…,"password":"…","certificate":"FILE"}` no process is started and
 * the tests speak to that server, in which every account must exist with that password: so a test can be proven on another
 * server.
 */
import { fileURLToPath } from "node:url";
import { selfSigned } from "./certificate.ts";

export interface ServerOptions {
  /** Values for the configuration's `limits`, by name. */
  readonly limits?: Record<string, number>;
  /** More top-level keys of the configuration. */
  readonly config?: Record<string, unknown>;
  /** What `serve` is started with. */
  readonly program?: Program;
  /** How long a start may take, in milliseconds. */
  readonly startTimeout?: number;
}

export interface Program {
  /** More flags for Deno. */
  readonly flags?: readonly string[];
  /** Path of the main module, other than main.ts. */
  readonly main?: string;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: Uint8Array<ArrayBuffer>;
  readonly stderr: string;
}

export interface TestServer {
  readonly imapPort: number;
  readonly imapsPort: number;
  /** Path of the PEM certificate that the imaps listener shows. */
  readonly certificate: string;
  readonly dataDir: string;
  readonly configFile: string;
  /** The running process; 0 while there is none of ours. */
  readonly pid: number;
  /** Not Roost: there is no command line and no data directory. */
  readonly foreign: boolean;
  /** @throws Error when the command line refuses */
  addAccount(address: string, password: string): Promise<void>;
  addAccounts(accounts: readonly { address: string; password: string }[]): Promise<void>;
  /** Runs the command line with this server's configuration. */
  roost(args: readonly string[], stdin?: string | Uint8Array): Promise<Outcome>;
  /** The words of such a command, to start it by oneself. */
  command(args: readonly string[]): string[];
  /** SIGTERM, and waits for the end; SIGKILL after ten seconds. @returns the exit code */
  stop(): Promise<number>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** Starts it again after stop() or kill() (a running one is stopped first), on the same ports and data. */
  restart(): Promise<void>;
  /** The end of what the server wrote, for failure messages. */
  logTail(lines?: number): string;
  /** What it logged as errors since it was asked last: mistakes of its own, whatever the client was answered. */
  takeErrors(): string[];
  /** Kills a running server and removes its files. */
  [Symbol.asyncDispose](): Promise<void>;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** `deno run` with the permissions that the serve task gives, up to and with `main.ts`. */
function program({ flags = [], main = root + "main.ts" }: Program = {}): string[] {
  const tasks = JSON.parse(Deno.readTextFileSync(root + "deno.json")).tasks as Record<string, string>;
  const words = tasks.serve.split(" ");
  const permissions = words.filter((word) => word.startsWith("-"));
  return [Deno.execPath(), "run", ...flags, ...permissions, main];
}

/** Runs a program to its end. */
export async function runProgram(words: readonly string[], stdin?: string | Uint8Array): Promise<Outcome> {
  const child = new Deno.Command(words[0], {
    args: words.slice(1),
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const output = child.output();
  if (stdin !== undefined) {
    const writer = child.stdin.getWriter();
    try {
      await writer.write(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin);
      await writer.close();
    } catch {
      // It ended without reading all: its exit code and stderr tell why.
    }
  }
  const { code, stdout, stderr } = await output;
  return { code, stdout, stderr: new TextDecoder().decode(stderr) };
}

/** Starts `roost serve` and waits until it listens. @throws Error with its output when it does not */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const foreign = Deno.env.get("ROOST_TEST_SERVER");
  if (foreign !== undefined) return foreignServer(JSON.parse(foreign));
  const directory = await Deno.makeTempDir({ prefix: "roost-test-" });
  const server = new ServerProcess(directory, options);
  try {
    await server.prepare();
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

class ServerProcess implements TestServer {
  readonly foreign = false;
  readonly dataDir: string;
  readonly configFile: string;
  readonly certificate: string;
  imapPort = 0;
  imapsPort = 0;
  #child: Deno.ChildProcess | undefined;
  #pumps: Promise<void>[] = [];
  #log: string[] = [];
  #errors: string[] = [];

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  constructor(readonly directory: string, readonly options: ServerOptions) {
    this.dataDir = directory + "/data";
    this.configFile = directory + "/roost.yaml";
    this.certificate = directory + "/cert.pem";
  }

  async prepare(): Promise<void> {
    const { cert, key } = await selfSigned();
    await Deno.writeTextFile(this.certificate, cert);
    await Deno.writeTextFile(this.directory + "/key.pem", key);
  }

  async start(): Promise<void> {
    await this.#writeConfig();
    const [command, ...args] = [...program(this.options.program), "serve", "--config", this.configFile];
    const child = new Deno.Command(command, {
      args,
      cwd: this.directory,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    const ready = Promise.withResolvers<void>();
    const heard = new Map<string, number>();
    const hear = (line: string) => {
      this.#log.push(line);
      if (/\blevel=(error|fatal)\b|"level":"(error|fatal)"/i.test(line)) this.#errors.push(line);
      if (this.#log.length > 20_000) this.#log.splice(0, 10_000);
      const match = /listening (imaps?) 127\.0\.0\.1:(\d+)/.exec(line);
      if (match === null) return;
      heard.set(match[1], Number(match[2]));
      if (heard.size === 2) ready.resolve();
    };
    this.#pumps = [eachLine(child.stdout, hear), eachLine(child.stderr, hear)];
    const timeout = this.options.startTimeout ?? 30_000;
    const timer = setTimeout(() => ready.reject(new Error(`the server did not listen within ${timeout} ms`)), timeout);
    child.status.then(({ code, signal }) => ready.reject(new Error(`the server ended: ${signal ?? `code ${code}`}`)));
    try {
      await ready.promise;
    } catch (error) {
      await this.kill();
      throw new Error(`${(error as Error).message}\n${this.logTail()}`);
    } finally {
      clearTimeout(timer);
    }
    this.imapPort = heard.get("imap")!;
    this.imapsPort = heard.get("imaps")!;
  }

  async #writeConfig(): Promise<void> {
    const config = {
      dataDir: this.dataDir,
      hostname: "localhost",
      tls: { cert: this.certificate, key: this.directory + "/key.pem" },
      listeners: [
        { protocol: "imap", address: "127.0.0.1", port: this.imapPort, cleartextLogin: true },
        { protocol: "imaps", address: "127.0.0.1", port: this.imapsPort },
      ],
      limits: this.options.limits ?? {},
      ...this.options.config,
    };
    await Deno.writeTextFile(this.configFile, JSON.stringify(config, undefined, 2) + "\n"); // JSON is YAML
  }

  async addAccount(address: string, password: string): Promise<void> {
    const added = await this.roost(["account", "add", address, "--password-stdin"], password + "\n");
    if (added.code !== 0) throw new Error(`account add failed: ${added.stderr}`);
  }

  async addAccounts(accounts: readonly { address: string; password: string }[]): Promise<void> {
    if (accounts.length === 0) return;
    const file = await Deno.makeTempFile({ dir: this.directory });
    await Deno.writeTextFile(file, accounts.map((a) => `${a.address}\t${a.password}\n`).join(""));
    const added = await this.roost(["account", "add", "--batch", file]);
    if (added.code !== 0) throw new Error(`account add --batch failed: ${added.stderr}`);
  }

  roost(args: readonly string[], stdin?: string | Uint8Array): Promise<Outcome> {
    return runProgram(this.command(args), stdin);
  }

  command(args: readonly string[]): string[] {
    return [...program(), ...args, "--config", this.configFile];
  }

  async stop(): Promise<number> {
    return await this.#end("SIGTERM");
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: Deno.Signal): Promise<number> {
    const child = this.#child;
    if (child === undefined) return 0;
    this.#child = undefined;
    send(child, signal);
    const timer = setTimeout(() => send(child, "SIGKILL"), 10_000);
    const { code } = await child.status;
    clearTimeout(timer);
    await Promise.all(this.#pumps);
    return code;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  logTail(lines = 60): string {
    return this.#log.slice(-lines).join("\n");
  }

  takeErrors(): string[] {
    return this.#errors.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.directory, { recursive: true });
  }
}

function send(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself.
  }
}

async function eachLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>, hear: (line: string) => void): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(hear);
  }
  if (rest !== "") hear(rest);
}

interface Foreign {
  readonly imapPort: number;
  readonly imapsPort: number;
  readonly password: string;
  readonly certificate: string;
}

function foreignServer(known: Foreign): TestServer {
  const unable = () => {
    throw new Error("not possible with a server that ROOST_TEST_SERVER names");
  };
  const addAccounts = async (accounts: readonly { address: string; password: string }[]) => {
    if (accounts.some(({ password }) => password !== known.password)) unable();
  };
  return {
    ...known,
    foreign: true,
    dataDir: "",
    configFile: "",
    pid: 0,
    addAccounts,
    addAccount: (address, password) => addAccounts([{ address, password }]),
    roost: unable,
    command: unable,
    stop: unable,
    kill: unable,
    restart: unable,
    logTail: () => "(another server's log)",
    takeErrors: () => [],
    [Symbol.asyncDispose]: async () => {},
  };
}
