/** Which columns of the store the items of a FETCH need, and typed access to them. */
import type { Column, ColumnTypes } from "../../../store/mod.ts";
import type { Item, PlainName } from "./items.ts";

const PLAIN_COLUMNS: Readonly<Record<PlainName, readonly Column[]>> = {
  "UID": [],
  "FLAGS": [],
  "MODSEQ": ["modseq"],
  "INTERNALDATE": ["internalDate"],
  "SAVEDATE": ["saveDate"],
  "RFC822.SIZE": ["size"],
  "ENVELOPE": ["envelope"],
  "BODY": ["body"],
  "BODYSTRUCTURE": ["bodyStructure"],
  "EMAILID": ["emailId"],
  "THREADID": ["threadId"],
  "PREVIEW": ["preview"],
};

/** The message's own header: kept beside the content, so the content need not be read. */
export function isHeader(item: Item): boolean {
  return item.kind === "content" && item.section.path.length === 0 && item.section.what === "HEADER";
}

/** All of the message. */
export function isWhole(item: Item): boolean {
  return item.kind === "content" && item.section.path.length === 0 && item.section.what === "";
}

/** The item is cut out of the content. */
export function needsContent(item: Item): boolean {
  return item.kind !== "plain" && !isHeader(item);
}

/** The item is found by the offsets of the message's parts. */
export function needsStructure(item: Item): boolean {
  return needsContent(item) && !isWhole(item);
}

/** Nothing that is not needed: columns are read for every message. */
export function columnsFor(items: readonly Item[]): Column[] {
  const columns = new Set<Column>(["uid"]);
  // For messages that are gone from the index, which holds the flags of all others.
  if (items.some((item) => item.kind === "plain" ? item.name === "FLAGS" : item.seen)) {
    columns.add("flagWord").add("moreKeywords");
  }
  for (const item of items) {
    if (item.kind === "plain") { for (const column of PLAIN_COLUMNS[item.name]) columns.add(column); }
    else if (isHeader(item)) columns.add("header");
    else columns.add("inlineContent").add("emailId");
    if (needsStructure(item)) columns.add("structure");
  }
  return [...columns];
}

/** One row at a time, by the names of its columns. */
export class RowView {
  private readonly at: Partial<Record<Column, number>> = {};
  private values: readonly unknown[] = [];

  constructor(columns: readonly Column[]) {
    columns.forEach((column, i) => this.at[column] = i);
  }

  show(values: readonly unknown[]): void {
    this.values = values;
  }

  /** Only for columns that were read. */
  get<C extends Column>(column: C): ColumnTypes[C] {
    const at = this.at[column];
    if (at === undefined) throw new Error(`column ${column} was not read`);
    return this.values[at] as ColumnTypes[C];
  }
}
