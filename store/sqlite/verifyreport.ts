/** Where faults are collected, and how the verifying code reads: one connection that never writes, on one snapshot. */
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";

/** A promise of the store that does not hold, and where. */
export interface StoreFaultReport {
  readonly account?: string;
  readonly mailbox?: string;
  readonly uid?: number;
  /** The number of the email that something is wrong with. */
  readonly email?: number;
  readonly what: string;
  /** Nothing is broken: something is left over that the next purge removes. Not counted as a fault. */
  readonly note?: true;
}

export type Report = (fault: StoreFaultReport) => void;

export type Values = Record<string, SQLOutputValue>;

/** Milliseconds to wait for a process that is just opening or closing the database. */
const BUSY_TIMEOUT = 10_000;

/** Most faults that SQLite's own check lists. */
const INTEGRITY_FAULTS = 100;

/** A database as it is at one moment, whoever goes on writing to it. */
export class Snapshot implements Disposable {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(readonly path: string) {
    this.#db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT });
    try {
      this.#db.exec("BEGIN");
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  rows<T extends Values>(text: string, ...values: SQLInputValue[]): T[] {
    return this.#prepared(text).all(...values) as T[];
  }

  row<T extends Values>(text: string, ...values: SQLInputValue[]): T | undefined {
    return this.#prepared(text).get(...values) as T | undefined;
  }

  #prepared(text: string): StatementSync {
    const statement = this.#statements.get(text) ?? this.#db.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  /** One at a time, so that wide rows are not all in memory. */
  each<T extends Values>(text: string, ...values: SQLInputValue[]): Iterable<T> {
    return this.#db.prepare(text).iterate(...values) as Iterable<T>;
  }

  /** Makes tables that are this connection's alone, with which it reads as if they were there. */
  temporary(tables: string): void {
    this.#db.exec(tables.replaceAll("CREATE TABLE", "CREATE TEMP TABLE"));
  }

  /** SQLite's own check of pages, indexes and constraints: what it finds, a line each. */
  integrityFaults(): string[] {
    const found = this.rows<{ integrity_check: string }>(`PRAGMA integrity_check(${INTEGRITY_FAULTS})`)
      .map(({ integrity_check }) => integrity_check).filter((line) => line !== "ok");
    const dangling = this.rows<{ table: string; parent: string }>("PRAGMA foreign_key_check")
      .map(({ table, parent }) => `a row of ${table} refers to nothing in ${parent}`);
    return [...found, ...dangling];
  }

  /** Steps of migration that were done; undefined: the file was made and nothing written to it yet. */
  schemaVersion(): number | undefined {
    const version = Number(this.row("PRAGMA user_version")?.user_version);
    return version === 0 && this.row("SELECT 1 FROM sqlite_schema") === undefined ? undefined : version;
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

/** Names of a folder's entries; none where there is no folder. */
export function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
