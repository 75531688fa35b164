import { run } from "./server/admin/run.ts";

Deno.exit(await run(Deno.args));
