/**
 * One account's open database: prepared statements, transactions, durability.
 *
 * Invariants: a transaction begins and ends within one synchronous call, and any throw rolls it back. `synchronous` changes only
 * between transactions. Rows are arrays (measured: six times faster than objects).
 */
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { MAIL_STEPS, migrate, schemaVersion } from "./migrations.ts";
import { syncFolder } from "./folders.ts";
import { sql } from "./statements.ts";

/** The runtime has this, its types do not yet. */
interface ArrayStatement extends StatementSync {
  setReturnArrays(enabled: boolean): void;
}

export type SqlValue = number | string | Uint8Array | null;

/** What a commit is worth when it is there: "full" survives power loss, "flags" a killed process. */
export type Durability = "full" | "flags";

const BEGIN = sql("BEGIN");
const BEGIN_IMMEDIATE = sql("BEGIN IMMEDIATE");
const COMMIT = sql("COMMIT");
const ROLLBACK = sql("ROLLBACK");
const DATA_VERSION = sql("PRAGMA data_version");
const CHANGES = sql("SELECT total_changes()");
const NEW_STATE = sql("UPDATE account SET state = random()");

/** Milliseconds a statement waits, blocking the thread, for another connection; beyond, the caller waits without blocking. */
const BUSY_TIMEOUT = 50;
/** Bytes; measured against 8192: commits of single messages and flags are 10 and 40 % faster, reads the same. */
export const PAGE_SIZE = 4096;
/**
 * Pages of write-ahead log before a commit copies them into the database, and waits for the disk. Of accounts' mail that is done on a
 * thread long before (see checkpoints.ts); but while it is always written to, only a commit can begin the log anew.
 */
const CHECKPOINT_PAGES = 4000;
const MAIL_CHECKPOINT_PAGES = 16_000;
/** The log is cut to this many bytes after a checkpoint. */
const LOG_LIMIT = 24 * 1024 * 1024;
/** Negative: KiB. Small, because each idle account that is open pays it. */
const CACHE_KIB = -512;
const MAP_BYTES = 1 << 28;

export class AccountDatabase {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #synchronous: Durability = "flags";
  #inTransaction = false;
  /** It is an account's, which has `state`. */
  readonly #hasState: boolean;
  /** Something was written since it was opened. */
  written = false;
  /** The last write transaction of an account's database changed something. */
  changed = false;
  #changesSeen = 0;
  #stateIsNew = false;

  /**
   * Opens or makes the file.
   * @param create fills a new database, inside the transaction that makes the tables
   * @param steps what makes the tables, see migrations.ts
   */
  constructor(
    path: string,
    create: (db: AccountDatabase) => void,
    steps: readonly string[] = MAIL_STEPS,
  ) {
    this.#hasState = steps === MAIL_STEPS;
    try {
      // SQLite gives its companions (-wal, -shm) the permissions of the database.
      Deno.openSync(path, { write: true, createNew: true, mode: 0o600 }).close();
      syncFolder(dirname(path));
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
    this.#db = new DatabaseSync(path, { enableForeignKeyConstraints: false, timeout: BUSY_TIMEOUT });
    try {
      this.#configure();
      if (schemaVersion(this.#db) !== steps.length) {
        this.write("full", () => {
          if (migrate(this.#db, steps) === 0) create(this);
        });
      }
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  #configure(): void {
    if (schemaVersion(this.#db) === 0) {
      // These count only while the file is empty; on a full one the second would be a write at each opening.
      this.#db.exec(`PRAGMA page_size = ${PAGE_SIZE}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL`);
    }
    this.#db.exec(
      `PRAGMA synchronous = NORMAL; PRAGMA cache_size = ${CACHE_KIB}; PRAGMA mmap_size = ${MAP_BYTES};
       PRAGMA temp_store = MEMORY;
       PRAGMA wal_autocheckpoint = ${this.#hasState ? MAIL_CHECKPOINT_PAGES : CHECKPOINT_PAGES};
       PRAGMA journal_size_limit = ${LOG_LIMIT}`,
    );
  }

  #prepare(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (!statement) {
      statement = this.#db.prepare(text);
      (statement as ArrayStatement).setReturnArrays(true);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  /** All rows, as arrays in the order of the columns. */
  rows<T extends readonly SqlValue[]>(text: string, ...values: SqlValue[]): T[] {
    return this.#prepare(text).all(...values) as unknown as T[];
  }

  /** The first row. */
  row<T extends readonly SqlValue[]>(text: string, ...values: SqlValue[]): T | undefined {
    return this.#prepare(text).get(...values) as unknown as T | undefined;
  }

  /** @returns the number of rows changed */
  run(text: string, ...values: SqlValue[]): number {
    return Number(this.#prepare(text).run(...values).changes);
  }

  /** As `run`, within `write`, of a statement that also gives the account another `state`. */
  runWithState(text: string, ...values: SqlValue[]): void {
    this.run(text, ...values);
    this.#stateIsNew = true;
  }

  /** Changes when another connection has committed. */
  dataVersion(): number {
    return this.row<[number]>(DATA_VERSION)?.[0] ?? 0;
  }

  #changes(): number {
    return this.row<[number]>(CHANGES)?.[0] ?? 0;
  }

  /** Runs reads on one snapshot. */
  read<T>(work: () => T): T {
    return this.#inTransaction ? work() : this.#transaction(BEGIN, work);
  }

  /** Runs a write transaction; a "full" one waits for the disk, and the thread with it. */
  write<T>(durability: Durability, work: () => T): T {
    if (durability !== this.#synchronous) {
      this.#db.exec(`PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`);
      this.#synchronous = durability;
    }
    this.written = true;
    if (!this.#hasState) return this.#transaction(BEGIN_IMMEDIATE, work);
    return this.#transaction(BEGIN_IMMEDIATE, () => {
      this.#stateIsNew = false;
      const result = work();
      const changes = this.#changes();
      this.changed = changes !== this.#changesSeen;
      this.#changesSeen = changes;
      if (this.changed && !this.#stateIsNew) this.#changesSeen += this.run(NEW_STATE);
      return result;
    });
  }

  /** Runs a write transaction for what it reads in it, and takes back what it wrote. It needs no room on the disk. */
  pretend<T>(work: () => T): T {
    this.run(BEGIN_IMMEDIATE);
    this.#inTransaction = true;
    try {
      return work();
    } finally {
      this.#rollback();
      this.#inTransaction = false;
    }
  }

  #transaction<T>(begin: string, work: () => T): T {
    this.run(begin);
    this.#inTransaction = true;
    try {
      const result = work();
      this.run(COMMIT);
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  /** After some faults (full disk, I/O) SQLite has rolled back itself, and says that there is no transaction. */
  #rollback(): void {
    try {
      this.run(ROLLBACK);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes("no transaction is active")) throw error;
    }
  }

  /** A statement waits for another connection no longer than this, in ms; then it throws, and its caller may wait without blocking. */
  impatient(ms: number): void {
    this.#db.exec(`PRAGMA busy_timeout = ${ms}`);
  }

  /** Copies the log into the database, and flushes both. */
  checkpoint(): void {
    this.#db.exec("PRAGMA wal_checkpoint(FULL)");
  }

  /** Gives up to `pages` free pages back to the file system. */
  shrink(pages: number): void {
    // Each row that is asked for frees a page.
    this.#db.prepare(`PRAGMA incremental_vacuum(${pages})`).all();
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }
}
