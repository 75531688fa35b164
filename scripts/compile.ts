/** Makes the executable `roost`, with the permissions and the V8 flags that the serve task gives. */
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const { tasks } = JSON.parse(Deno.readTextFileSync(`${root}deno.json`));
const options = (tasks.serve as string).split(" ").filter((word) => word.startsWith("-"));

const info = await run(["info", "--json"]);
if (info.code !== 0) Deno.exit(info.code);
const { npmCache } = JSON.parse(new TextDecoder().decode(info.stdout)) as { npmCache: string };

// Deno 2.9 runs out of stack over a file of 100,000 numbers among that package's tests.
const unreadable = `${npmCache}/registry.npmjs.org/bintrees/1.0.2/test`;

const compiled = await run(
  [
    "compile",
    "--output",
    "roost",
    "--unstable-net",
    "--unstable-worker-options",
    "--include",
    "server/admin/cli.ts",
    "--include",
    "server/admin/servethread.ts",
    "--include",
    "store/sqlite/checkpointthread.ts",
    "--exclude",
    unreadable,
    ...options,
    ...Deno.args,
    "main.ts",
  ],
  "inherit",
);
Deno.exit(compiled.code);

async function run(
  args: string[],
  stdout: "piped" | "inherit" = "piped",
): Promise<{ code: number; stdout: Uint8Array }> {
  const child = new Deno.Command(Deno.execPath(), { args, cwd: root, stdin: "null", stdout, stderr: "inherit" })
    .spawn();
  if (stdout === "inherit") return { code: (await child.status).code, stdout: new Uint8Array() };
  return await child.output();
}
