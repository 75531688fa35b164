/** Lists on standard output: for people a table, for programs lines with tabs or JSON. Nothing in a value can act on a terminal. */
import { printable } from "../printable.ts";

export interface Column<T> {
  /** Heading on a terminal. */
  readonly title: string;
  readonly value: (row: T) => string;
}

export interface TableOptions<T> {
  /** Asked for JSON: an array of these. */
  readonly json?: (row: T) => object;
}

/** Prints the rows. A terminal gets headings and even columns, anything else a line for each row with tabs between the values. */
export async function printTable<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  { json }: TableOptions<T> = {},
): Promise<void> {
  await print(
    json
      ? JSON.stringify(rows.map(json), undefined, 2) + "\n"
      : Deno.stdout.isTerminal()
      ? evenText(rows, columns)
      : tabbedText(rows, columns),
  );
}

/** A line for each row; empty values at its end are left out. */
export function tabbedText<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  return cells(rows, columns).map((values) => `${values.join("\t").trimEnd()}\n`).join("");
}

/** Headings, then the rows, each column as wide as its widest value. */
export function evenText<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  if (rows.length === 0) return "";
  const lines = [columns.map(({ title }) => title), ...cells(rows, columns)];
  const widths = columns.map((_, at) => lines.reduce((width, line) => Math.max(width, line[at].length), 0));
  return lines.map((line) => `${line.map((value, at) => value.padEnd(widths[at])).join("  ").trimEnd()}\n`).join("");
}

function cells<T>(rows: readonly T[], columns: readonly Column<T>[]): string[][] {
  return rows.map((row) => columns.map(({ value }) => printable(value(row)).replaceAll("\t", " ")));
}

/** All of a text on standard output, however slowly it is read. */
export async function print(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
}

/** "2026-01-31T12:00:00Z"; "" for null. @param seconds since 1970 */
export function timeText(seconds: number | null): string {
  return seconds === null ? "" : new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

/** The same for JSON, where null stays null. */
export function timeOrNull(seconds: number | null): string | null {
  return seconds === null ? null : timeText(seconds);
}
