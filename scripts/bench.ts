/**
 * `deno task bench`: Roost and, where it is installed, Dovecot, the same work in turn. Every answer is checked; a wrong one ends the
 * run with exit code 1.
 */
import { parseArgs } from "node:util";
import { startDovecot } from "./bench/dovecot.ts";
import { measureGrowth } from "./bench/growth.ts";
import { thisMachine } from "./bench/machine.ts";
import { measureAll, type Measurements } from "./bench/measureall.ts";
import { performancePage } from "./bench/performancepage.ts";
import { profileTable } from "./bench/profile.ts";
import { growthTable, LEGEND, type Report, startTable, table } from "./bench/report.ts";
import { SCALES } from "./bench/run.ts";
import { SCENARIOS } from "./bench/scenarios.ts";
import { startRoost } from "./bench/servers.ts";
import { measureStarts } from "./bench/start.ts";

const USAGE = `usage: bench [--scale small|full] [--only SCENARIO,…] [--json FILE] [--report]
       bench --growth|--start [--scale small|full] [--json FILE]
       bench --profile SCENARIO [--scale small|full]
       bench --report --from FILE

  --only     these scenarios: ${SCENARIOS.map(({ name }) => name).join(", ")}
  --json     save the run
  --growth   how cost grows with messages and accounts, instead
  --start    time and memory of a start by accounts, instead
  --profile  where Roost spends its time in one scenario, instead
  --report   write docs/performance.md; measures all of it, or takes a saved run with --from`;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    scale: { type: "string", default: "small" },
    only: { type: "string" },
    json: { type: "string" },
    from: { type: "string" },
    profile: { type: "string" },
    report: { type: "boolean" },
    growth: { type: "boolean" },
    start: { type: "boolean" },
  },
});
const scale = SCALES[values.scale];
const names = (values.profile ?? values.only)?.split(",");
const scenarios = SCENARIOS.filter(({ name }) => names?.includes(name) ?? true);
if (!scale || names?.some((name) => !SCENARIOS.some((scenario) => scenario.name === name))) {
  console.error(USAGE);
  Deno.exit(2);
}

if (values.profile !== undefined) {
  for (const scenario of scenarios) console.log(await profileTable(scenario, scale));
} else {
  const report = values.from === undefined
    ? await measure()
    : JSON.parse(await Deno.readTextFile(values.from)) as Report;
  if (values.json !== undefined) await Deno.writeTextFile(values.json, JSON.stringify(report, undefined, 2) + "\n");
  if (values.report) {
    await Deno.writeTextFile(new URL("../docs/performance.md", import.meta.url), performancePage(report));
  }
  if (report.figures.length > 0) console.log(`${table(report)}\n\n${LEGEND}`);
  for (const by of ["messages", "accounts"] as const) {
    if (report.growth.length > 0) console.log(growthTable(report.growth, by));
  }
  if (report.starts.length > 0) console.log(startTable(report.starts));
  Deno.exit(report.failures.length > 0 ? 1 : 0);
}

/** What was asked for; everything for the page. */
async function measure(): Promise<Report> {
  const date = new Date().toISOString();
  const machine = await thisMachine();
  if (machine.load > machine.cores / 2) {
    console.error(`the machine is busy (load ${machine.load}): figures will be rough`);
  }
  const only = Boolean(values.growth || values.start) && !values.report;
  const servers = only ? [] : [await startRoost(), await startDovecot()].filter((server) => server !== undefined);
  let measured: Measurements = { figures: [], failures: [] };
  try {
    if (!only) measured = await measureAll(servers, scenarios, scale);
  } finally {
    for (const server of servers) await server.close();
  }
  return {
    date,
    scale: scale.name,
    machine,
    servers: servers.map(({ name, version, durability }) => ({ name, version, durability })),
    titles: Object.fromEntries(scenarios.map(({ name, title }) => [name, title])),
    ...measured,
    growth: values.growth || values.report ? await measureGrowth(scale) : [],
    starts: values.start || values.report ? await measureStarts() : [],
  };
}
