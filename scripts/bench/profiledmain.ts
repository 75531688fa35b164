/** As main.ts, but stays for a while at the end: Deno writes the profile of a thread after it has ended, and tells nobody when. */
import { run } from "../../server/admin/run.ts";
import { sleep } from "./measure.ts";

const WRITING = 3000;

Deno.exitCode = await run(Deno.args);
await sleep(WRITING);
