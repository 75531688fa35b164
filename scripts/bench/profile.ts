/** `--profile SCENARIO`: the functions of Roost that take the most time of their own, over all its threads and starts. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { markdown } from "./report.ts";
import { Run, type Scale, type Scenario } from "./run.ts";
import { startRoost } from "./servers.ts";

const SHOWN = 20;

/** As V8 writes it; times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Time of its own of each function, in milliseconds, by name and place; the heaviest first. Waiting is left out. */
export function selfTimes(profiles: readonly CpuProfile[], root = ""): [string, number][] {
  const times = new Map<string, number>();
  for (const { nodes, samples, timeDeltas } of profiles) {
    const names = new Map(nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const place = url === "" ? "" : ` ${url.replace(root, "")}:${lineNumber + 1}`;
      return [id, (functionName || "(anonymous)") + place];
    }));
    samples.forEach((id, at) => {
      const name = names.get(id) ?? "(unknown)";
      times.set(name, (times.get(name) ?? 0) + timeDeltas[at] / 1000);
    });
  }
  times.delete("(idle)");
  times.delete("(root)");
  // What is outside of JavaScript, waiting too.
  times.delete("(program)");
  times.delete("op_worker_maybe_wait_for_debugger");
  return [...times].sort(([, a], [, b]) => b - a);
}

/** One round of a scenario. @returns a table */
export async function profileTable(scenario: Scenario, scale: Scale): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "roost-bench-profile-" });
  try {
    const server = await startRoost({
      flags: ["--cpu-prof", `--cpu-prof-dir=${folder}`],
      main: fileURLToPath(new URL("profiledmain.ts", import.meta.url)),
    });
    const run = new Run(server, scale, scenario.name, 0);
    try {
      await scenario.prepare?.(run);
      await server.restart(); // what was prepared is no part of it
      for (const { name } of Deno.readDirSync(folder)) await Deno.remove(join(folder, name));
      await scenario.measure(run);
    } finally {
      run.close();
      await server.close();
    }
    const files = [...Deno.readDirSync(folder)].map(({ name }) => join(folder, name));
    const profiles = files.map((file) => JSON.parse(Deno.readTextFileSync(file)) as CpuProfile);
    const times = selfTimes(profiles, new URL("../../", import.meta.url).href);
    const sum = times.reduce((all, [, time]) => all + time, 0);
    const rows = times.slice(0, SHOWN).map(([name, time]) => {
      return [time.toFixed(0), (time / sum * 100).toFixed(1), name];
    });
    return markdown(["ms", "%", `${scenario.name}: ${Math.round(sum)} ms in all`], rows);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
