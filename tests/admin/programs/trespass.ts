/** A thread that tries what its permissions may forbid, and tells what worked. Told: names, each with a function's text. */
import { DatabaseSync } from "node:sqlite";

const tries: Record<string, (path: string) => unknown> = {
  read: (path) => Deno.statSync(path),
  write: (path) => Deno.writeTextFileSync(path, "x"),
  database: (path) => new DatabaseSync(path).close(),
  run: () => new Deno.Command(Deno.execPath(), { args: ["--version"] }).outputSync(),
  listen: () => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(),
  socket: (path) => Deno.listen({ transport: "unix", path }).close(),
  openssl: () => Deno.dlopen("libcrypto.so.3", {}).close(),
};

const thread = globalThis as unknown as {
  onmessage: (event: MessageEvent<[string, string][]>) => void;
  postMessage(message: string[]): void;
};

thread.onmessage = async ({ data }) => {
  const worked: string[] = [];
  for (const [what, path] of data) {
    try {
      await tries[what](path);
      worked.push(`${what} ${path}`.trim());
    } catch (error) {
      if (!(error instanceof Deno.errors.NotCapable)) throw error;
    }
  }
  thread.postMessage(worked);
};
