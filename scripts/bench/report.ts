/** What a run found, and its table: a row for each thing measured, medians of the rounds, the ratio, the aim. */
import { aimOf, aimText, isMet } from "./aims.ts";
import type { Machine } from "./machine.ts";
import { exponent, type Figure, median } from "./measure.ts";

/** A run as `--json` saves it. */
export interface Report {
  readonly date: string;
  readonly scale: string;
  readonly machine: Machine;
  readonly servers: readonly { readonly name: string; readonly version: string; readonly durability: string }[];
  readonly titles: Readonly<Record<string, string>>;
  readonly figures: readonly Figure[];
  /** Wrong answers and other faults. */
  readonly failures: readonly Failure[];
  readonly growth: readonly Growth[];
  readonly starts: readonly Start[];
}

export interface Failure {
  readonly scenario: string;
  readonly server: string;
  readonly message: string;
}

/** One thing measured at several sizes. */
export interface Growth {
  readonly what: string;
  readonly unit: string;
  /** What the size counts. */
  readonly of: "messages" | "accounts";
  readonly points: readonly { readonly size: number; readonly value: number }[];
}

export interface Start {
  readonly accounts: number;
  /** Milliseconds from the start of the process until it listens. */
  readonly ms: number;
  /** The same until a client that connects at once is greeted; some parts are loaded after it listens. */
  readonly greeted: number;
  /** Bytes a moment later. */
  readonly memory: number;
}

/** A client that takes more of its core is what is measured. */
const CLIENT_BOUND = 0.8;
/** Client and server together take so much of all cores: the machine is full. */
const MACHINE_BOUND = 0.85;
/** The server takes so much of one core: one of its threads is at its limit. */
const THREAD_BOUND = [0.85, 1.15];
/** Client and server each take less of a core: both wait, for the disk or for each other. */
const WAITING = 0.5;
/** Rounds that differ by more, beside their median. */
const NOISE = 0.3;

export const LEGEND =
  "Medians of the rounds. What limits a figure: `C` the client, which took more than 80 % of a core, so that the server may be faster " +
  "than told; `M` the machine, which client and server filled together; `S` one thread of the server; `W` waiting, for the disk or for " +
  "each other. `~`: the rounds differ by more than 30 %. CPU: of client and server, in parts of one core, for each server.";

/** Markdown; all scenarios of the report, or one. */
export function table(report: Report, scenario?: string): string {
  const figures = report.figures.filter((figure) => scenario === undefined || figure.scenario === scenario);
  const servers = report.servers.map(({ name }) => name);
  const two = servers.length === 2;
  const lead = scenario === undefined ? ["scenario", "what"] : ["what"];
  const head = [...lead, "unit", ...servers, ...(two ? ["ratio", "aim"] : ["aim"]), "CPU"];
  const rows = Map.groupBy(figures, (figure) => `${figure.scenario}|${figure.what}|${figure.unit}`).values();
  const lines = rows.map((row) => {
    const [first] = row;
    const columns = servers.map((server) => row.filter((figure) => figure.server === server));
    const failed = servers.map((server) => isFailed(report, first.scenario, server));
    const medians = columns.map((column, at) =>
      column.length === 0 || failed[at] ? undefined : median(column.map(({ value }) => value))
    );
    const [ours, theirs] = medians;
    const cells = columns.map((column, at) => failed[at] ? "WRONG" : cell(column, report.machine.cores));
    if (two) cells.push(ours === undefined || !theirs ? "" : (ours / theirs).toPrecision(3));
    cells.push(aimCell(first, ours, theirs), columns.map(cpuShares).filter((share) => share !== "").join(" "));
    return [...(scenario === undefined ? [first.scenario] : []), first.what, first.unit, ...cells];
  });
  return markdown(head, [...lines]);
}

function isFailed({ failures }: Report, scenario: string, server: string): boolean {
  return failures.some((failure) => failure.scenario === scenario && failure.server === server);
}

function cell(figures: readonly Figure[], cores: number): string {
  if (figures.length === 0) return "";
  const values = figures.map(({ value }) => value);
  const middle = median(values);
  const noisy = Math.max(...values) - Math.min(...values) > NOISE * Math.abs(middle);
  return [shown(middle), bound(figures, cores), noisy ? "~" : ""].filter((part) => part !== "").join(" ");
}

function bound(figures: readonly Figure[], cores: number): string {
  const [client, server] = shares(figures);
  if (client > CLIENT_BOUND) return "C";
  if (client + server > MACHINE_BOUND * cores) return "M";
  if (server >= THREAD_BOUND[0] && server <= THREAD_BOUND[1]) return "S";
  return client < WAITING && server < WAITING ? "W" : "";
}

/** Medians; NaN where they were not measured. */
function shares(figures: readonly Figure[]): [number, number] {
  const of = (values: readonly (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? NaN : median(known);
  };
  return [of(figures.map(({ clientCpu }) => clientCpu)), of(figures.map(({ serverCpu }) => serverCpu))];
}

function cpuShares(figures: readonly Figure[]): string {
  const [client, server] = shares(figures);
  return Number.isNaN(client) ? "" : `${client.toFixed(1)}/${server.toFixed(1)}`;
}

function aimCell(figure: Figure, ours: number | undefined, theirs: number | undefined): string {
  const aim = aimOf(figure);
  if (!aim) return "";
  const met = ours === undefined ? undefined : isMet(aim, ours, theirs);
  return aimText(aim) + (met === undefined ? "" : met ? " ✓" : " ✗");
}

/** A row for each thing, a column for each size, and the exponent. */
export function growthTable(growth: readonly Growth[], of: Growth["of"]): string {
  const rows = growth.filter((row) => row.of === of);
  const sizes = [...new Set(rows.flatMap(({ points }) => points.map(({ size }) => size)))].sort((a, b) => a - b);
  const head = ["what", "unit", ...sizes.map((size) => size.toLocaleString("en")), "exponent"];
  return markdown(
    head,
    rows.map(({ what, unit, points }) => {
      const cells = sizes.map((size) => points.find((point) => point.size === size)?.value);
      return [what, unit, ...cells.map((value) => value === undefined ? "" : shown(value)), slope(points)];
    }),
  );
}

function slope(points: Growth["points"]): string {
  const value = exponent(points);
  return Number.isFinite(value) ? value.toFixed(2).replace("-0.00", "0.00") : "";
}

export function startTable(starts: readonly Start[]): string {
  const rows = starts.map(({ accounts, ms, greeted, memory }) => [
    accounts.toLocaleString("en"),
    shown(ms),
    shown(greeted),
    shown(memory / 2 ** 20),
  ]);
  return markdown(["accounts", "until it listens, ms", "until a client is greeted, ms", "memory, MiB"], rows);
}

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}

function shown(value: number): string {
  if (!Number.isFinite(value)) return "";
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
