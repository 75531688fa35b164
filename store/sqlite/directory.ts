/**
 * directory.db: accounts, the names they log in with, credentials, settings. Every call asks the database, so a change by
 * another process is seen by the next call.
 *
 * An account is gone when its row is. That its mail folder is still to be removed is written down in the same transaction, and
 * done at the next opening where it was interrupted.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Account, Credentials, Directory, NewAccount } from "../store.ts";
import { type AclAccess, FORGET_ACCOUNT } from "./acl.ts";
import { type AccountId, StoreError } from "../types.ts";
import { AccountDatabase } from "./database.ts";
import { checkedAddress, foldAddress } from "./directoryaddress.ts";
import { DIRECTORY_STEPS } from "./directoryschema.ts";
import { isBusy, storeFault } from "./errors.ts";
import { makeFolder } from "./folders.ts";

const COLUMNS = "account.id, address, disabled, quota_bytes, quota_messages, admin, withheld, created";
const LIST = `SELECT ${COLUMNS} FROM account ORDER BY id`;
const GET = `SELECT ${COLUMNS} FROM account WHERE id = ?`;
const FIND = `SELECT ${COLUMNS} FROM login JOIN account ON account.id = login.account_id WHERE login.name = ?`;
const ADD = "INSERT INTO account (address, created) VALUES (?, ?) RETURNING id";
const TAKEN = "SELECT 1 FROM login WHERE name = ?";
const ADD_LOGIN = "INSERT INTO login (name, account_id) VALUES (?, ?)";
const REMOVE = "DELETE FROM account WHERE id = ?";
const REMOVE_LOGINS = "DELETE FROM login WHERE account_id = ?";
const CREDENTIALS = "SELECT mechanism, secret FROM credential WHERE account_id = ?";
const ADD_CREDENTIAL = "INSERT INTO credential (account_id, mechanism, secret) VALUES (?, ?, ?)";
const REMOVE_CREDENTIALS = "DELETE FROM credential WHERE account_id = ?";
const SET_DISABLED = "UPDATE account SET disabled = ? WHERE id = ?";
const SET_QUOTA = "UPDATE account SET quota_bytes = ?, quota_messages = ? WHERE id = ?";
const SET_WITHHELD = "UPDATE account SET withheld = ? WHERE id = ?";
const SET_ADMIN = "UPDATE account SET admin = ? WHERE id = ?";
const SETTING = "SELECT value FROM setting WHERE name = ?";
const SET_SETTING = "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value";
const ADD_REMOVAL = "INSERT INTO removal (account_id) VALUES (?)";
const REMOVALS = "SELECT account_id FROM removal";
const END_REMOVAL = "DELETE FROM removal WHERE account_id = ?";

/** Longest wait for another process's transaction, and the pause between attempts, in milliseconds. */
const BUSY_WAIT = 10_000;
const BUSY_PAUSE = 10;

/** Made with the directory: what logins of unknown users are answered with comes from it. */
const LOGIN_SECRET = "loginSecret";

type AccountValues = [number, string, string | null, number | null, number | null, number, string, number];

/**
 * Opens the directory of a data folder; makes both where they are not there.
 * @throws {StoreError} cannot (written by a newer program), inuse, diskfull
 */
export function openDirectory(dataDir: string): Directory & { readonly access: AclAccess; close(): void } {
  makeFolder(join(dataDir, "accounts"));
  const db = openPatiently(join(dataDir, "directory.db"));
  try {
    return new SqliteDirectory(dataDir, db);
  } catch (error) {
    db.close();
    throw storeFault(error);
  }
}

class SqliteDirectory implements Directory {
  /** For the access control lists, which are kept here too. */
  readonly access: AclAccess = {
    read: (work) => this.#read(() => work(this.#db)),
    write: (work) => this.#write(() => work(this.#db)),
  };
  quotaVersion = 0;
  readonly #accounts: string;
  readonly #db: AccountDatabase;

  constructor(dataDir: string, db: AccountDatabase) {
    this.#accounts = join(dataDir, "accounts");
    this.#db = db;
    for (const [id] of db.rows<[number]>(REMOVALS)) {
      this.#setAside(id);
      removeFolder(this.#aside(id));
      // Another process that opens now may end it first; both find nothing left to do.
      db.write("full", () => db.run(END_REMOVAL, id));
    }
  }

  async add(accounts: readonly NewAccount[]): Promise<Account[]> {
    const addresses = accounts.map(({ address }) => checkedAddress(address));
    const created = Math.floor(Date.now() / 1000);
    return await this.#write(() =>
      accounts.map(({ credentials }, at) => {
        const address = addresses[at];
        const name = foldAddress(address);
        if (this.#db.row(TAKEN, name)) throw new StoreError("alreadyexists", `the account ${address} exists already`);
        const [id] = this.#db.row<[AccountId]>(ADD, address, created) ?? unreachable();
        this.#db.run(ADD_LOGIN, name, id);
        this.#addCredentials(id, credentials);
        return {
          id,
          address,
          disabled: null,
          quotaBytes: null,
          quotaMessages: null,
          admin: false,
          withheld: [],
          created,
        };
      })
    );
  }

  async remove(id: AccountId): Promise<void> {
    await this.#write(() => {
      found(this.#db.run(REMOVE, id));
      for (const text of FORGET_ACCOUNT) this.#db.run(text, id);
      this.#db.run(REMOVE_LOGINS, id);
      this.#db.run(REMOVE_CREDENTIALS, id);
      this.#db.run(ADD_REMOVAL, id);
    });
    this.#setAside(id);
    await Deno.remove(this.#aside(id), { recursive: true }).catch(ignoreMissing);
    await this.#write(() => this.#db.run(END_REMOVAL, id));
  }

  async list(): Promise<Account[]> {
    return await this.#read(() => this.#db.rows<AccountValues>(LIST).map(asAccount));
  }

  async find(address: string): Promise<Account | undefined> {
    return asKnown(await this.#read(() => this.#db.row<AccountValues>(FIND, foldAddress(address))));
  }

  async get(id: AccountId): Promise<Account | undefined> {
    return asKnown(await this.#read(() => this.#db.row<AccountValues>(GET, id)));
  }

  async credentials(id: AccountId): Promise<Credentials> {
    return Object.fromEntries(await this.#read(() => this.#db.rows<[string, string]>(CREDENTIALS, id)));
  }

  async setCredentials(id: AccountId, credentials: Credentials): Promise<void> {
    await this.#write(() => {
      found(this.#db.row(GET, id) ? 1 : 0);
      this.#db.run(REMOVE_CREDENTIALS, id);
      this.#addCredentials(id, credentials);
    });
  }

  async setDisabled(id: AccountId, message: string | null): Promise<void> {
    await this.#write(() => found(this.#db.run(SET_DISABLED, message, id)));
  }

  async setQuota(id: AccountId, quota: { bytes: number | null; messages: number | null }): Promise<void> {
    await this.#write(() => found(this.#db.run(SET_QUOTA, quota.bytes, quota.messages, id)));
    this.quotaVersion++;
  }

  async setWithheld(id: AccountId, capabilities: readonly string[]): Promise<void> {
    await this.#write(() => found(this.#db.run(SET_WITHHELD, [...new Set(capabilities)].join(" "), id)));
  }

  async setAdmin(id: AccountId, admin: boolean): Promise<void> {
    await this.#write(() => found(this.#db.run(SET_ADMIN, admin ? 1 : 0, id)));
  }

  async setting(name: string): Promise<string | undefined> {
    return (await this.#read(() => this.#db.row<[string]>(SETTING, name)))?.[0];
  }

  async setSetting(name: string, value: string): Promise<void> {
    await this.#write(() => this.#db.run(SET_SETTING, name, value));
  }

  close(): void {
    this.#db.close();
  }

  #addCredentials(id: AccountId, credentials: Credentials): void {
    for (const [mechanism, secret] of Object.entries(credentials)) this.#db.run(ADD_CREDENTIAL, id, mechanism, secret);
  }

  #aside(id: number): string {
    return join(this.#accounts, `.removed-${id}`);
  }

  /** From here on nobody finds the folder under the account's number. */
  #setAside(id: number): void {
    // A removal that was interrupted may have left one, and a server that did not know yet have made a new one.
    removeFolder(this.#aside(id));
    try {
      Deno.renameSync(join(this.#accounts, String(id)), this.#aside(id));
    } catch (error) {
      ignoreMissing(error);
    }
  }

  async #read<T>(work: () => T): Promise<T> {
    return await patiently(work);
  }

  async #write<T>(work: () => T): Promise<T> {
    return await patiently(() => this.#db.write("full", work));
  }
}

/** Tries again while another process holds the lock, without blocking the thread in between. */
async function patiently<T>(work: () => T): Promise<T> {
  for (const end = performance.now() + BUSY_WAIT;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw storeFault(error);
      await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE));
    }
  }
}

/** As `patiently`; opening is synchronous, so waiting blocks. */
function openPatiently(path: string): AccountDatabase {
  for (const end = performance.now() + BUSY_WAIT;;) {
    try {
      return new AccountDatabase(
        path,
        true,
        (db) => void db.run(SET_SETTING, LOGIN_SECRET, randomBytes(32).toString("hex")),
        DIRECTORY_STEPS,
      );
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw storeFault(error);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE);
    }
  }
}

function asAccount(values: AccountValues): Account {
  const [id, address, disabled, quotaBytes, quotaMessages, admin, words, created] = values;
  const withheld = words === "" ? [] : words.split(" ");
  return { id: id as AccountId, address, disabled, quotaBytes, quotaMessages, admin: admin === 1, withheld, created };
}

function asKnown(values: AccountValues | undefined): Account | undefined {
  return values && asAccount(values);
}

function found(rows: number): void {
  if (rows === 0) throw new StoreError("nonexistent", "the account does not exist");
}

function unreachable(): never {
  throw new Error("INSERT returned no row");
}

function removeFolder(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    ignoreMissing(error);
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
