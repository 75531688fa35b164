/**
 * `deno task bench [--scale small|full] [--only handshakes,logins,…] [--json FILE]`: Roost and, where it is installed, Dovecot, the same
 * work one after the other. Every answer is checked; a wrong one ends the run with exit code 1.
 */
import { parseArgs } from "node:util";
import { growth, handshakes, logins, noopDuringHashes } from "./bench/door.ts";
import type { Figure } from "./bench/measure.ts";
import { table } from "./bench/report.ts";
import { type BenchServer, startDovecot, startRoost } from "./bench/servers.ts";

const SCALES = {
  small: { seconds: 2, rounds: 2, handshakes: 2_000 },
  full: { seconds: 5, rounds: 3, handshakes: 100_000 },
} as const;

type Scale = (typeof SCALES)[keyof typeof SCALES];

const SCENARIOS: Readonly<Record<string, (server: BenchServer, scale: Scale) => Promise<Figure[]>>> = {
  handshakes: (server, scale) => handshakes(server, scale.seconds),
  logins: (server, scale) => logins(server, scale.seconds),
  hashes: (server, scale) => noopDuringHashes(server, scale.seconds),
  growth: (server, scale) => growth(server, scale.handshakes),
};
/** Takes long and hardly varies. */
const ONCE = ["growth"];

const { values } = parseArgs({
  args: Deno.args,
  options: { scale: { type: "string", default: "small" }, only: { type: "string" }, json: { type: "string" } },
});
const scale = SCALES[values.scale as keyof typeof SCALES];
const names = values.only?.split(",") ?? Object.keys(SCENARIOS);
if (!scale || names.some((name) => !SCENARIOS[name])) {
  console.error(`usage: bench [--scale small|full] [--only ${Object.keys(SCENARIOS).join(",")}] [--json FILE]`);
  Deno.exit(2);
}

const figures: Figure[] = [];
const servers = [await startRoost(), await startDovecot()].filter((server) => server !== undefined);
try {
  for (const name of names) {
    // In turn, so that what else the machine does meets all of them.
    for (let round = 0; round < (ONCE.includes(name) ? 1 : scale.rounds); round++) {
      for (const server of servers) {
        if (ONCE.includes(name) && server.name !== "Roost") continue;
        figures.push(...await SCENARIOS[name](server, scale));
      }
    }
  }
  console.log(table(figures));
  if (values.json !== undefined) await Deno.writeTextFile(values.json, JSON.stringify(figures, null, 2) + "\n");
} finally {
  for (const server of servers) await server.close();
}
