/** Which SQL reads a set of columns, and how its values become those of the row. */
import type { BytesColumn, Column, PackedColumn } from "../store.ts";
import type { Durability, SqlValue } from "./database.ts";
import { parseMore } from "./keywords.ts";

type Table =
  | "email"
  | "header"
  | "search_header"
  | "search_text"
  | "sort_key"
  | "sort_address"
  | "thread_key"
  | "content";

interface ColumnSource {
  /** Expressions; `m` is message or expunged. */
  readonly sql: readonly string[];
  readonly tables: readonly Table[];
  /**
   * light: a few bytes; middling: small but for strange messages; bulky: some kilobytes, so fewer rows are read at once; heavy: up to
   * 128 KiB, so few are.
   */
  readonly weight: "light" | "middling" | "bulky" | "heavy";
  readonly value?: (values: readonly SqlValue[], at: number) => unknown;
}

const light = (sql: string, ...tables: Table[]): ColumnSource => ({ sql: [sql], tables, weight: "light" });
const middling = (sql: string, ...tables: Table[]): ColumnSource => ({ sql: [sql], tables, weight: "middling" });
const bulky = (sql: string, ...tables: Table[]): ColumnSource => ({ sql: [sql], tables, weight: "bulky" });

const COLUMNS: Readonly<Record<Column, ColumnSource>> = {
  uid: light("m.uid"),
  flagWord: light("m.flags"),
  moreKeywords: { ...light("m.more_keywords"), value: (values, at) => parseMore(values[at] as string | null) },
  modseq: light("m.modseq"),
  internalDate: light("m.internal_date"),
  saveDate: light("m.save_date"),
  size: light("m.size"),
  emailId: light("m.email_id"),
  threadId: light("email.thread_id", "email"),
  sentDay: light("email.sent_day", "email"),
  sentTime: light("ifnull(sort_key.sent, m.internal_date)", "sort_key"),
  isReply: light("sort_key.is_reply", "sort_key"),
  baseSubject: light("sort_key.subject", "sort_key"),
  sortFrom: light("sort_address.sender", "sort_address"),
  sortTo: light("sort_address.recipient", "sort_address"),
  sortCc: light("sort_address.cc", "sort_address"),
  displayFrom: light("sort_address.display_from", "sort_address"),
  displayTo: light("sort_address.display_to", "sort_address"),
  threadKey: light("thread_key.message_id", "thread_key"),
  threadReferences: light("thread_key.refs", "thread_key"),
  preview: light("email.preview", "email"),
  envelope: middling("email.envelope", "email"),
  bodyStructure: middling("email.bodystructure", "email"),
  body: middling("email.body", "email"),
  header: middling("header.bytes", "header"),
  structure: middling("header.structure", "header"),
  searchHeaders: middling("search_header.folded", "search_header"),
  searchText: bulky("search_text.folded", "search_text"),
  inlineContent: {
    // The header of what is in a file can be large, and is in the file too.
    sql: ["iif(content.bytes IS NULL, NULL, header.bytes)", "content.bytes"],
    tables: ["header", "content"],
    weight: "heavy",
    value: (values, at) => joined(values[at] as Uint8Array | null, values[at + 1] as Uint8Array | null),
  },
};

/** All columns there are. */
export const ALL_COLUMNS = Object.keys(COLUMNS) as readonly Column[];

/** Values beyond so many bytes come as 0 at first, so that a batch of many rows stays small. */
const LIMITS: Readonly<Partial<Record<ColumnSource["weight"], number>>> = { middling: 16 * 1024, bulky: 32 * 1024 };
/** Rows of a batch, and of one with bulky or heavy values. */
const MOST_ROWS = 1024;
const MOST_BULKY_ROWS = 128;
const MOST_HEAVY_ROWS = 32;
const LEAST_HEAVY_ROWS = 8;

function joined(header: Uint8Array | null, body: Uint8Array | null): Uint8Array | null {
  if (header === null || body === null) return null;
  const bytes = new Uint8Array(header.length + body.length);
  bytes.set(header);
  bytes.set(body, header.length);
  return bytes;
}

/** The statements for one kind of rows: live messages or expunged ones. */
export interface ReadSql {
  /** Parameters: mailbox, first, last, limit (and the modseq above which expunged ones count). */
  readonly range: string;
  /** Parameters: mailbox, ranges as JSON, limit (and the modseq). */
  readonly ranges: string;
}

/** Statements that give all rows as one, see packedread.ts. Parameters as those of ReadSql. */
export type PackedSql = ReadSql;

export interface ReadPlan {
  readonly live: ReadSql;
  readonly expunged: ReadSql;
  /** Reads one row whatever its size. Parameters as `range`. */
  readonly whole: { readonly live: string; readonly expunged: string };
  /** Of one batch. */
  readonly mostRows: number;
  /** Of a batch of values that may each be heavy: the next can have more rows where the last was small. */
  readonly leastRows: number;
  /** Makes the row out of the values, whose last is the UID; undefined: a value is too large to come with others. Takes the array. */
  row(values: SqlValue[]): unknown[] | undefined;
}

/** How safe parsing must be of the emails that they are read of; undefined: they are not made of an email's bytes by parsing. */
export function parsedFor(columns: readonly Column[]): Durability | undefined {
  if (columns.includes("threadId")) return "full";
  const isParsed = (column: Column) =>
    column === "structure" || !COLUMNS[column].tables.every((table) => table === "header" || table === "content");
  return columns.some(isParsed) ? "flags" : undefined;
}

/** Larger values are not packed. */
export const MOST_PACKED = 16 * 1024;

const plans = new Map<string, ReadPlan>();
const packedPlans = new Map<string, PackedSql>();
const MAX_PLANS = 500;

export function readPlan(columns: readonly Column[]): ReadPlan {
  const key = columns.join();
  let plan = plans.get(key);
  if (!plan) {
    if (plans.size >= MAX_PLANS) plans.clear();
    plan = makePlan(columns);
    plans.set(key, plan);
  }
  return plan;
}

export function isBytes(column: PackedColumn): column is BytesColumn {
  return COLUMNS[column].weight === "middling";
}

/**
 * One row: how many there are, the last removal in the mailbox, then for each column its numbers with commas between, or the lengths of
 * its values and the values one after another. A value that is too large is left out, its length told.
 */
export function packedPlan(columns: readonly PackedColumn[]): PackedSql {
  const key = columns.join();
  let plan = packedPlans.get(key);
  if (!plan) {
    if (packedPlans.size >= MAX_PLANS) packedPlans.clear();
    plan = { range: packedSql(columns, false), ranges: packedSql(columns, true) };
    packedPlans.set(key, plan);
  }
  return plan;
}

function packedSql(columns: readonly PackedColumn[], ranges: boolean): string {
  const inner = columns.flatMap((name, i) => {
    const [text] = COLUMNS[name].sql;
    if (!isBytes(name)) return [`${text} AS c${i}`];
    return [`length(${text}) AS l${i}`, `iif(length(${text}) > ${MOST_PACKED}, x'', ${text}) AS c${i}`];
  });
  const outer = columns.flatMap((name, i) =>
    isBytes(name) ? [`group_concat(l${i})`, `CAST(group_concat(c${i}, '') AS BLOB)`] : [`group_concat(c${i})`]
  );
  const tables = [...new Set(columns.flatMap((name) => COLUMNS[name].tables))];
  return `SELECT count(*), (SELECT expungeseq FROM mailbox WHERE id = ?1), ${outer.join(", ")} FROM (SELECT ${
    inner.join(", ")
  } FROM ${from("message", tables, ranges)}${ranges ? "" : " ORDER BY m.uid"} LIMIT ${ranges ? "?3" : "?4"})`;
}

function from(table: "message" | "expunged", tables: readonly Table[], ranges: boolean): string {
  return `${ranges ? "json_each(?2) r CROSS JOIN " : ""}${table} m${tables.map(join).join("")}` +
    ` WHERE m.mailbox_id = ?1 AND m.uid BETWEEN ${ranges ? "r.value ->> 0 AND r.value ->> 1" : "?2 AND ?3"}`;
}

function makePlan(columns: readonly Column[]): ReadPlan {
  const sources = columns.map((name) => COLUMNS[name]);
  const tables = [...new Set(sources.flatMap((source) => source.tables))];
  const isHeavy = sources.some(({ weight }) => weight === "heavy");
  const isGuarded = sources.some(({ weight }) => LIMITS[weight] !== undefined);
  const expressions = (guard: boolean) =>
    [...sources.flatMap(({ sql, weight }) => guard ? sql.map((text) => guarded(text, LIMITS[weight])) : sql), "m.uid"]
      .join(", ");
  const statement = (table: "message" | "expunged", ranges: boolean, guard: boolean) => {
    const limit = ranges ? "?3" : "?4";
    const since = ranges ? "?4" : "?5";
    return `SELECT ${expressions(guard)} FROM ${from(table, tables, ranges)}` +
      (table === "expunged" ? ` AND m.modseq > ${since} AND m.email_id IS NOT NULL` : "") +
      (ranges ? "" : " ORDER BY m.uid") + ` LIMIT ${limit}`;
  };
  const both = (table: "message" | "expunged"): ReadSql => ({
    range: statement(table, false, isGuarded),
    ranges: statement(table, true, isGuarded),
  });
  return {
    live: both("message"),
    expunged: both("expunged"),
    whole: { live: statement("message", false, false), expunged: statement("expunged", false, false) },
    mostRows: rowsAtOnce(sources),
    leastRows: isHeavy ? LEAST_HEAVY_ROWS : 0,
    row: rowMaker(sources, isGuarded),
  };
}

function rowsAtOnce(sources: readonly ColumnSource[]): number {
  if (sources.some(({ weight }) => weight === "heavy")) return MOST_HEAVY_ROWS;
  return sources.some(({ weight }) => weight === "bulky") ? MOST_BULKY_ROWS : MOST_ROWS;
}

function guarded(expression: string, limit: number | undefined): string {
  return limit === undefined ? expression : `iif(length(${expression}) > ${limit}, 0, ${expression})`;
}

function join(table: Table): string {
  const key = table === "email" ? "id" : "email_id";
  const kind = table === "search_text" ? "LEFT JOIN" : "CROSS JOIN";
  return ` ${kind} ${table} ON ${table}.${key} = m.email_id`;
}

/**
 * Values come in the order of the columns, the UID last. Where every column is one value, the row is the array that the database
 * gave, without the UID.
 */
function rowMaker(sources: readonly ColumnSource[], isGuarded: boolean): ReadPlan["row"] {
  const starts: number[] = [];
  let at = 0;
  for (const { sql } of sources) {
    starts.push(at);
    at += sql.length;
  }
  const guardedAt = starts.filter((_, i) => isGuarded && LIMITS[sources[i].weight] !== undefined);
  const plain = sources.every(({ value }) => !value);
  return (values) => {
    for (const at of guardedAt) if (values[at] === 0) return undefined;
    if (!plain) return sources.map(({ value }, i) => value ? value(values, starts[i]) : values[starts[i]]);
    values.pop();
    return values;
  };
}
