/**
 * `deno task fuzz [--tls] [--seconds 60] [--seed S]`: hostile input against a live server; exit code 1 and the conversation when it
 * did wrong. With `--tls` against a server process, over sockets and TLS (needs libssl 3 and Linux).
 */
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz/run.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string" }, tls: { type: "boolean" } },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
  console.error("usage: fuzz [--tls] [--seconds N] [--seed S]");
  Deno.exit(2);
}

try {
  console.log(values.tls ? await overTls() : await inMemory());
} catch (error) {
  console.error(`fuzz: seed ${seed}: ${(error as Error).message}`);
  Deno.exit(1);
}

async function inMemory(): Promise<string> {
  const result = await fuzz({ seconds, seed });
  const { slowest } = result;
  return [
    `fuzz: seed ${seed}`,
    `${result.seconds} s`,
    `${result.sessions} sessions`,
    `${result.inputs} inputs`,
    `${result.mails} mails`,
    `${result.answers} commands answered`,
    `canary ${result.canaryRounds} rounds`,
    `peak RSS ${Math.round(result.peakRss / 1024 / 1024)} MiB`,
    `slowest ${Math.round(slowest.ms)} ms: ${slowest.input}`,
  ].join(", ");
}

async function overTls(): Promise<string> {
  // Loads libssl: only where it is wanted.
  const { fuzzTls } = await import("./fuzz/tlsrun.ts");
  const result = await fuzzTls({ seconds, seed });
  const { start, peak, end } = result.rss;
  return [
    `fuzz --tls: seed ${seed}`,
    `${result.seconds} s`,
    `${result.connections} connections, ${result.spoilt} spoilt on their way`,
    `${result.handshakes} handshakes, ${result.resumed} resumed, ${result.startTls} after STARTTLS`,
    `${result.inputs} inputs`,
    `${result.answers} commands answered`,
    `canary ${result.canaryRounds} commands`,
    `server RSS ${start} MiB at the start, ${peak} at its peak, ${end} at the end`,
  ].join(", ");
}
