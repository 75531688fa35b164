/** `deno task fuzz [--seconds 60] [--seed S]`: hostile input against a live server; exit code 1 and the conversation when it did wrong. */
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz/run.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string" } },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
  console.error("usage: fuzz [--seconds N] [--seed S]");
  Deno.exit(2);
}

try {
  const result = await fuzz({ seconds, seed });
  const { slowest } = result;
  console.log([
    `fuzz: seed ${seed}`,
    `${result.seconds} s`,
    `${result.sessions} sessions`,
    `${result.inputs} inputs`,
    `${result.mails} mails`,
    `${result.answers} commands answered`,
    `canary ${result.canaryRounds} rounds`,
    `peak RSS ${Math.round(result.peakRss / 1024 / 1024)} MiB`,
    `slowest ${Math.round(slowest.ms)} ms: ${slowest.input}`,
  ].join(", "));
} catch (error) {
  console.error(`fuzz: seed ${seed}: ${(error as Error).message}`);
  Deno.exit(1);
}
