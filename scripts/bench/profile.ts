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
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Outside of JavaScript, and waiting. */
const LEFT_OUT = ["(idle)", "(root)", "(program)", "op_worker_maybe_wait_for_debugger"];

/**
 * Time of its own of each function, in milliseconds, by name and place; the heaviest first. What is not from files below `root`, such as
 * calls of SQLite, is told by who called it from there.
 */
export function selfTimes(profiles: readonly CpuProfile[], root: string): [string, number][] {
  const times = new Map<string, number>();
  for (const { nodes, samples, timeDeltas } of profiles) {
    const names = namesOf(nodes, root);
    samples.forEach((id, at) => {
      const name = names.get(id) ?? "(unknown)";
      times.set(name, (times.get(name) ?? 0) + timeDeltas[at] / 1000);
    });
  }
  for (const name of LEFT_OUT) times.delete(name);
  return [...times].sort(([, a], [, b]) => b - a);
}

type Node = CpuProfile["nodes"][number];

function namesOf(nodes: readonly Node[], root: string): Map<number, string> {
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)));
  /** The nearest caller from below `root`, in another file. */
  const callerOf = (node: Node) => {
    let caller = parents.get(node.id);
    while (caller && !(caller.callFrame.url.startsWith(root) && caller.callFrame.url !== node.callFrame.url)) {
      caller = parents.get(caller.id);
    }
    return caller;
  };
  const named = ({ callFrame: { functionName, url, lineNumber } }: Node) =>
    `${functionName || "(anonymous)"}${url === "" ? "" : ` ${url.replace(root, "")}:${lineNumber + 1}`}`;
  return new Map(nodes.map((node) => {
    const first = node.callFrame.url.startsWith(root) ? undefined : callerOf(node);
    // Most such calls come from one file that is made for them; who called that is what one wants to know.
    const second = first && callerOf(first);
    return [node.id, [node, first, second].filter((frame) => frame !== undefined).map(named).join(", called by ")];
  }));
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
    // The main thread starts that of the server and then only waits.
    const threads = files.filter((file) => file.includes(".worker-"));
    const profiles = threads.map((file) => JSON.parse(Deno.readTextFileSync(file)) as CpuProfile);
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
