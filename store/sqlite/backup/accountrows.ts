/** What directory.db says of one account, out of a backup's copy into the one that is in use. */
import { join } from "node:path";
import type { SQLOutputValue } from "node:sqlite";
import { type AccountId, StoreError } from "../../types.ts";
import type { SqlValue } from "../database.ts";
import { foldAddress } from "../directoryaddress.ts";
import { openPatiently } from "../directorydatabase.ts";
import { storeFault } from "../errors.ts";
import { exists, Snapshot, type Values } from "../verifyreport.ts";

/**
 * Tables of what belongs to accounts: the column with the account's number, columns that are made anew, and what a row is called.
 * Names to log in with come first: without its address there is no account.
 */
const BELONGINGS = [
  { table: "login", owner: "account_id", anew: [], called: "name", what: "the address" },
  { table: "credential", owner: "account_id", anew: [], called: "mechanism", what: "the secret for" },
  { table: "app_password", owner: "account_id", anew: ["id"], called: "name", what: "the app password" },
  { table: "client_key", owner: "account_id", anew: [], called: "fingerprint", what: "the client key" },
  { table: "acl", owner: "owner_id", anew: [], called: "identifier", what: "what was shared with" },
] as const;

const SAVED = "SELECT account.* FROM login JOIN account ON account.id = login.account_id WHERE login.name = ?";
const TAKEN = `SELECT 1 FROM account WHERE id = ?1 UNION SELECT 1 FROM removal WHERE account_id = ?1`;
const LOGIN_TAKEN = "SELECT 1 FROM login WHERE name = ?";
const LAST = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'account'), 0)";
const FORGET_LAST = "DELETE FROM sqlite_sequence WHERE name = 'account'";
const SET_LAST = "INSERT INTO sqlite_sequence (name, seq) VALUES ('account', ?)";

/** The account's row in the backup. */
export interface SavedAccount extends Values {
  readonly id: number;
  readonly address: string;
}

export class AccountRows implements Disposable {
  readonly #saved: Snapshot;
  readonly #db: ReturnType<typeof openPatiently>;
  readonly #accounts: string;

  /** @param copy of directory.db @param dataDir of the store that is in use */
  constructor(copy: string, dataDir: string) {
    this.#saved = new Snapshot(copy);
    this.#accounts = join(dataDir, "accounts");
    try {
      this.#db = openPatiently(join(dataDir, "directory.db"));
    } catch (error) {
      this.#saved[Symbol.dispose]();
      throw error;
    }
  }

  saved(address: string): SavedAccount | undefined {
    return this.#saved.row<SavedAccount>(SAVED, foldAddress(address.normalize("NFC")));
  }

  /** A number that no other account gets: its own where it is free. @throws {StoreError} alreadyexists */
  reserve({ id, address }: SavedAccount): AccountId {
    return this.#write(() => {
      if (this.#db.row(LOGIN_TAKEN, foldAddress(address))) throw taken(address);
      const last = this.#db.row<[number]>(LAST)?.[0] ?? 0;
      const free = !this.#db.row(TAKEN, id) && !exists(join(this.#accounts, String(id)));
      const given = free ? id : last + 1;
      this.#db.run(FORGET_LAST);
      this.#db.run(SET_LAST, Math.max(last, given));
      return given as AccountId;
    });
  }

  /** Adds all of them. @returns rows that could not be added, since somebody else has them @throws {StoreError} alreadyexists */
  add({ id: before, ...account }: SavedAccount, id: AccountId): string[] {
    return this.#write(() => {
      if (this.#db.row(LOGIN_TAKEN, foldAddress(account.address))) throw taken(account.address);
      this.#insert("account", { ...account, id, removed: null });
      const left: string[] = [];
      for (const { table, owner, anew, called, what } of BELONGINGS) {
        for (const row of this.#saved.rows<Values>(`SELECT * FROM ${table} WHERE ${owner} = ?`, before)) {
          const values = Object.fromEntries(
            Object.entries(row).filter(([name]) => !anew.some((column) => column === name)),
          );
          if (!this.#insert(table, { ...values, [owner]: id })) left.push(`${what} ${row[called]}`);
        }
      }
      return left;
    });
  }

  /** @returns false: there is such a row already */
  #insert(table: string, values: Record<string, SQLOutputValue>): boolean {
    const names = Object.keys(values);
    const marks = names.map(() => "?").join(", ");
    const text = `INSERT OR IGNORE INTO ${table} (${names.join(", ")}) VALUES (${marks})`;
    return this.#db.run(text, ...Object.values(values) as SqlValue[]) > 0;
  }

  #write<T>(work: () => T): T {
    try {
      return this.#db.write("full", work);
    } catch (error) {
      throw storeFault(error);
    }
  }

  [Symbol.dispose](): void {
    this.#saved[Symbol.dispose]();
    this.#db.close();
  }
}

function taken(address: string): StoreError {
  return new StoreError("alreadyexists", `there is an account ${address} already`);
}
