/** A table of figures: a row for each thing measured, a column for each server, the median of the rounds, and the ratio. */
import { type Figure, median } from "./measure.ts";

/** Markdown. The last column is the first server's figure divided by the second's. */
export function table(figures: readonly Figure[]): string {
  const servers = [...new Set(figures.map(({ server }) => server))];
  const rows = Map.groupBy(figures, ({ what, unit }) => `${what} | ${unit}`);
  const head = ["what", "unit", ...servers, ...(servers.length === 2 ? ["ratio"] : [])];
  const lines = [`| ${head.join(" | ")} |`, `|${head.map(() => "---").join("|")}|`];
  for (const [name, row] of rows) {
    const medians = servers.map((server) => {
      const values = row.filter((figure) => figure.server === server).map(({ value }) => value);
      return values.length === 0 ? undefined : median(values);
    });
    const cells = medians.map((value) => value === undefined ? "" : shown(value));
    const [first, second] = medians;
    if (servers.length === 2) {
      cells.push(first === undefined || second === undefined ? "" : (first / second).toFixed(2));
    }
    lines.push(`| ${name} | ${cells.join(" | ")} |`);
  }
  return lines.join("\n");
}

function shown(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
