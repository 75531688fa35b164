import { run } from "./server/admin/cli.ts";

Deno.exit(await run(Deno.args));
