/**
 * Tests that drive a real mail client. A file has one server; each test has its own account and directory. A client that is not
 * installed makes its tests ignored, or failed with ROOST_REQUIRE_CLIENTS=1.
 */
import { startServer, type TestServer } from "../../support/server.ts";
import { Observer } from "./observer.ts";
import { type Ran, type RunOptions, runProgram } from "./run.ts";

/** What a client's tests need of the machine. */
export interface Client {
  /** Stands before each test's title. */
  readonly name: string;
  /** Programs by name (looked for in PATH) or by absolute path. */
  readonly programs: readonly string[];
  /** The Debian packages that bring them. */
  readonly packages: string;
  /** More that must hold, as a Perl module: a command that exits with 0. */
  readonly probe?: readonly string[];
}

export interface TestOptions {
  /** The test needs Roost's command line, which another server does not have. */
  readonly roostOnly?: boolean;
  readonly ignore?: boolean;
}

export type RegisterTest = (title: string, run: (scene: Scene) => Promise<void>, options?: TestOptions) => void;

/** The scene of one test. */
export class Scene {
  constructor(
    readonly server: TestServer,
    readonly address: string,
    readonly password: string,
    /** Empty at first; also HOME of the programs. */
    readonly directory: string,
    readonly observer: Observer,
  ) {}

  path(name: string): string {
    return `${this.directory}/${name}`;
  }

  /** Writes a file that only its owner can read and returns its path. */
  async file(name: string, text: string | Uint8Array, mode = 0o600): Promise<string> {
    const path = this.path(name);
    await Deno.writeFile(path, typeof text === "string" ? new TextEncoder().encode(text) : text, { mode });
    return path;
  }

  async folder(name: string): Promise<string> {
    const path = this.path(name);
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }

  /**
   * Runs a program in the test's directory with a small environment of its own.
   * @throws Error with what the program and the server wrote, when it takes too long or ends with another exit code
   */
  async run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const { fault, ...ran } = await runProgram(program, args, { cwd: this.directory, ...options });
    if (fault !== "") throw new Error(this.explain(`${program} ${args.join(" ")}\n${fault}`, ran));
    return ran;
  }

  /** A failure's text: what went wrong, what the program said, what the server logged. */
  explain(what: string, ran: Ran): string {
    return [
      what,
      "--- stdout",
      ran.stdout.slice(-8000),
      "--- stderr",
      ran.stderr.slice(-8000),
      "--- server",
      this.server.logTail(),
    ].join("\n");
  }
}

function installed(program: string): boolean {
  const places = program.startsWith("/")
    ? [program]
    : (Deno.env.get("PATH") ?? "").split(":").map((p) => `${p}/${program}`);
  return places.some((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** What is missing, in words, or "". */
function missing(client: Client): string {
  const absent = client.programs.filter((program) => !installed(program));
  if (absent.length > 0) return `${absent.join(", ")} not installed (Debian: ${client.packages})`;
  if (client.probe !== undefined) {
    const [program, ...args] = client.probe;
    const probed = new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync();
    if (!probed.success) return `${client.probe.join(" ")} fails (Debian: ${client.packages})`;
  }
  return "";
}

/**
 * Registers the hooks of a client's file and returns the function that registers its tests.
 * @example
 * const test = clientSuite({ name: "mbsync", programs: ["mbsync"], packages: "isync" });
 * test("brings new mail down", async (scene) => { await scene.run("mbsync", ["-a"]); });
 */
export function clientSuite(client: Client): RegisterTest {
  const lack = missing(client);
  const foreign = Deno.env.get("ROOST_TEST_SERVER");
  const required = Deno.env.get("ROOST_REQUIRE_CLIENTS") === "1";
  const password = foreign === undefined ? "Sturgeon-42" : JSON.parse(foreign).password as string;
  const addresses: string[] = [];
  let server: TestServer | undefined;
  let failure: unknown;

  if (lack === "") {
    Deno.test.beforeAll(async () => {
      try {
        server = await startServer({ config: { log: { level: "trace" } } }); // the protocol, for failure messages
        await server.addAccounts(addresses.map((address) => ({ address, password })));
      } catch (error) {
        failure = error; // each test fails with it: a throwing hook would hide how many there are
      }
    });
    Deno.test.afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
    });
  }

  return (title, run, options = {}) => {
    const absent = lack !== "" && !required;
    const slug = client.name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    const address = `${slug}-${addresses.length + 1}-${crypto.randomUUID().slice(0, 8)}@example.org`;
    addresses.push(address);
    Deno.test({
      name: `${client.name} ${title}${absent ? ` [skipped: ${lack}]` : ""}`,
      ignore: absent || options.ignore === true || (options.roostOnly === true && foreign !== undefined),
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        if (lack !== "") throw new Error(`ROOST_REQUIRE_CLIENTS=1: ${lack}`);
        if (server === undefined || failure !== undefined) throw failure;
        const directory = await Deno.makeTempDir({ prefix: `roost-${slug}-` });
        server.takeErrors(); // of a test that failed before
        const observer = await Observer.connect(server.imapPort, address, password);
        try {
          await run(new Scene(server, address, password, directory, observer));
          await observer.close();
          const errors = server.takeErrors();
          if (errors.length > 0) throw new Error(`the server logged errors:\n${errors.join("\n")}`);
        } catch (error) {
          observer.drop();
          if (error instanceof Error && !error.message.includes("--- server")) {
            error.message += `\n--- server\n${server.logTail()}`;
          }
          throw error;
        } finally {
          await Deno.remove(directory, { recursive: true });
        }
      },
    });
  };
}
