/** docs/performance.md, from one run. */
import { growthTable, LEGEND, markdown, type Report, startTable, table } from "./report.ts";

export function performancePage(report: Report): string {
  const { machine, servers, growth, starts, failures } = report;
  const scenarios = [...new Set(report.figures.map(({ scenario }) => scenario))];
  const rows = [
    ["date", report.date.slice(0, 10)],
    ["machine", `${machine.processor}, ${machine.cores} cores, ${Math.round(machine.memory / 2 ** 30)} GiB`],
    ["system", `${machine.system}, ${machine.fileSystem}, load ${machine.load.toFixed(2)} at the start`],
    ...servers.map(({ name, version }) => [name, version]),
    ...servers.map(({ name, durability }) => [`safe when ${name} says OK`, durability]),
  ];
  const parts = [
    "# Performance",
    "Made by `deno task bench --report`; do not edit. Both servers run on the machine of the client, in turn (A B A B), with the same " +
    "work. The client checks every answer: a wrong one counts as no figure.",
    markdown(["run", `scale ${report.scale}`], rows),
    LEGEND,
    ...scenarios.flatMap((name) => [`## ${name}`, `${report.titles[name] ?? name}.`, table(report, name)]),
  ];
  if (growth.length > 0) {
    parts.push(
      "## How cost grows",
      "Roost alone. The exponent is the slope of the line through the logarithms: 0 does not grow, 1 grows as the size does, n log n is 1.1 " +
        "to 1.2.",
    );
    for (const by of ["messages", "accounts"] as const) {
      if (growth.some((row) => row.of === by)) parts.push(`By ${by}:`, growthTable(growth, by));
    }
  }
  if (starts.length > 0) parts.push("## Start", startTable(starts));
  if (failures.length > 0) {
    const wrong = failures.map(({ scenario, server, message }) => [scenario, server, message.slice(0, 200)]);
    parts.push("## Wrong answers", markdown(["scenario", "server", "what"], wrong));
  }
  return parts.join("\n\n") + "\n";
}
