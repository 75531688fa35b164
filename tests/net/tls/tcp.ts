/** An engine behind a TCP port, for real clients. */
import type { TlsFacts } from "../../../auth/types.ts";
import type { AcceptOptions, TlsEngine } from "../../../server/net/tls/engine.ts";
import { bytes, IMAP } from "./support.ts";

export interface Seen {
  readonly facts: TlsFacts;
  /** What could be bound to while the connection was open, hex. */
  readonly bindings: Readonly<Record<string, string>>;
}

export interface Echo extends AsyncDisposable {
  readonly port: number;
  /** The connections so far, and the faults of those that failed. */
  readonly seen: Seen[];
  readonly faults: string[];
}

/** Says `* OK` and the first line back, then ends the connection. */
export function echo(engine: TlsEngine, options: AcceptOptions = IMAP): Echo {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const seen: Seen[] = [];
  const faults: string[] = [];
  const under: Promise<void>[] = [];

  async function serve(socket: Deno.Conn): Promise<void> {
    try {
      const connection = await engine.accept(socket, options);
      try {
        const { facts } = connection;
        const bindings = facts.bindings.map((type) => [type, facts.binding(type)?.toHex() ?? "missing"]);
        seen.push({ facts, bindings: Object.fromEntries(bindings) });
        await connection.write(bytes("* OK\r\n"));
        const line = new Uint8Array(1024);
        const count = await connection.read(line);
        await connection.write(line.subarray(0, count ?? 0));
        await connection.closeWrite?.();
        while (await connection.read(line));
      } finally {
        connection.close();
      }
    } catch (fault) {
      faults.push((fault as Error).message);
    }
  }

  const accepting = (async () => {
    for await (const socket of listener) under.push(serve(socket));
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    seen,
    faults,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting.catch(() => {});
      await Promise.all(under);
      engine.close();
    },
  };
}

/** Runs a program; what it printed on both. */
export async function run(program: string, args: string[], input = ""): Promise<string> {
  const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const feeding = (async () => {
    const writer = child.stdin.getWriter();
    await writer.write(bytes(input));
    await writer.close();
  })().catch(() => {}); // It has ended before.
  const [{ stdout, stderr }] = await Promise.all([child.output(), feeding]);
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

/** s_client says hello and waits for the server's end. */
export function sClient(port: number, ...args: string[]): Promise<string> {
  return run("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, "-ign_eof", ...args], "hello\n");
}
