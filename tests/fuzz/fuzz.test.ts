import assert from "node:assert/strict";
import { fuzz } from "../../scripts/fuzz/run.ts";

Deno.test("two seconds of hostile input in every state find nothing", async () => {
  const result = await fuzz({ seconds: 2, seed: 20 });
  assert(result.sessions > 0 && result.mails > 0 && result.canaryRounds > 0);
  assert(result.answers > result.inputs);
});
