/**
 * Accounts, the names they log in with, and their passwords' secrets.
 *
 * An account is gone when its row is. That its mail folder is still to be removed is written down in the same transaction, and
 * done at the next opening where it was interrupted.
 */
import { join } from "node:path";
import type { Account, Credentials, NewAccount } from "../store.ts";
import type { AccountId } from "../types.ts";
import { FORGET_ACCOUNT as FORGET_ACL } from "./acl.ts";
import { FORGET_ACCOUNT as FORGET_APP_PASSWORDS } from "./apppasswords.ts";
import { FORGET_ACCOUNT as FORGET_ATTEMPTS } from "./attempts.ts";
import { FORGET_ACCOUNT as FORGET_CLIENT_KEYS } from "./clientkeys.ts";
import type { AccountDatabase, SqlValue } from "./database.ts";
import { checkedAddress, domainOf, foldAddress } from "./directoryaddress.ts";
import { addAddress } from "./directoryaddresses.ts";
import type { DirectoryDatabase } from "./directorydatabase.ts";
import { found, requireAccount, words } from "./directoryrows.ts";

const COLUMNS =
  `account.id, address, account.disabled, (SELECT disabled FROM domain WHERE domain.name = account.domain), removed, quota_bytes,
   quota_messages, admin, app_passwords_only, withheld, created`;
const LIST = `SELECT ${COLUMNS} FROM account ORDER BY id`;
const GET = `SELECT ${COLUMNS} FROM account WHERE id = ?`;
const FIND = `SELECT ${COLUMNS} FROM login JOIN account ON account.id = login.account_id WHERE login.name = ?`;
const ADD = "INSERT INTO account (address, domain, created) VALUES (?, ?, ?) RETURNING id";
const REMOVE = "DELETE FROM account WHERE id = ?";
const REMOVABLE = "SELECT 1 FROM account WHERE id = ? AND removed <= ?";
const REMOVE_LOGINS = "DELETE FROM login WHERE account_id = ?";
const CREDENTIALS = "SELECT mechanism, secret FROM credential WHERE account_id = ?";
const ADD_CREDENTIAL = "INSERT INTO credential (account_id, mechanism, secret) VALUES (?, ?, ?)";
const REMOVE_CREDENTIALS = "DELETE FROM credential WHERE account_id = ?";
const SET_REMOVED = "UPDATE account SET removed = ? WHERE id = ?";
const SET_DISABLED = "UPDATE account SET disabled = ? WHERE id = ?";
const SET_QUOTA = "UPDATE account SET quota_bytes = ?, quota_messages = ? WHERE id = ?";
const SET_WITHHELD = "UPDATE account SET withheld = ? WHERE id = ?";
const SET_ADMIN = "UPDATE account SET admin = ? WHERE id = ?";
const SET_APP_PASSWORDS_ONLY = "UPDATE account SET app_passwords_only = ? WHERE id = ?";
const ADD_REMOVAL = "INSERT INTO removal (account_id) VALUES (?)";
const REMOVALS = "SELECT account_id FROM removal";
const END_REMOVAL = "DELETE FROM removal WHERE account_id = ?";

/** With an account; parameters: its number. What is found by its names comes before them. */
const FORGET = [...FORGET_ACL, ...FORGET_APP_PASSWORDS, ...FORGET_CLIENT_KEYS, ...FORGET_ATTEMPTS, REMOVE_LOGINS];

/** What is told instead of the account's own text. */
const REMOVED = "this account is removed";
const DOMAIN_DISABLED = "the domain of this account is disabled";

type AccountValues = [
  id: number,
  address: string,
  disabled: string | null,
  domainDisabled: number | null,
  removed: number | null,
  quotaBytes: number | null,
  quotaMessages: number | null,
  admin: number,
  appPasswordsOnly: number,
  withheld: string,
  created: number,
];

export class DirectoryAccounts {
  readonly #folder: string;
  readonly #access: DirectoryDatabase;

  /** @param folder where each account has its own, named by its number */
  constructor(folder: string, access: DirectoryDatabase) {
    this.#folder = folder;
    this.#access = access;
    for (const [id] of access.db.rows<[number]>(REMOVALS)) {
      this.#setAside(id);
      removeFolder(this.#aside(id));
      // Another process that opens now may end it first; both find nothing left to do.
      access.db.write("full", () => access.db.run(END_REMOVAL, id));
    }
  }

  async add(accounts: readonly NewAccount[]): Promise<Account[]> {
    const addresses = accounts.map(({ address }) => checkedAddress(address));
    const created = Math.floor(Date.now() / 1000);
    return await this.#access.write((db) =>
      accounts.map(({ credentials }, at) => {
        const address = addresses[at];
        const [id] = db.row<[AccountId]>(ADD, address, domainOf(address), created) ?? unreachable();
        addAddress(db, id, address);
        addCredentials(db, id, credentials);
        return asAccount(db.row<AccountValues>(GET, id) ?? unreachable());
      })
    );
  }

  async remove(id: AccountId, { removedBefore }: { removedBefore?: number } = {}): Promise<void> {
    await this.#access.write((db) => {
      if (removedBefore !== undefined) found(db.row(REMOVABLE, id, removedBefore) ? 1 : 0);
      found(db.run(REMOVE, id));
      for (const text of FORGET) db.run(text, id);
      db.run(REMOVE_CREDENTIALS, id);
      db.run(ADD_REMOVAL, id);
    });
    this.#setAside(id);
    await Deno.remove(this.#aside(id), { recursive: true }).catch(ignoreMissing);
    await this.#access.write((db) => db.run(END_REMOVAL, id));
  }

  async list(): Promise<Account[]> {
    return await this.#access.read((db) => db.rows<AccountValues>(LIST).map(asAccount));
  }

  async find(address: string): Promise<Account | undefined> {
    return address.startsWith("@") ? undefined : await this.#holder(address);
  }

  async catchAll(domain: string): Promise<Account | undefined> {
    return await this.#holder(`@${domain}`);
  }

  async #holder(name: string): Promise<Account | undefined> {
    return asKnown(await this.#access.read((db) => db.row<AccountValues>(FIND, foldAddress(name))));
  }

  async get(id: AccountId): Promise<Account | undefined> {
    return asKnown(await this.#access.read((db) => db.row<AccountValues>(GET, id)));
  }

  async credentials(id: AccountId): Promise<Credentials> {
    return Object.fromEntries(await this.#access.read((db) => db.rows<[string, string]>(CREDENTIALS, id)));
  }

  async setCredentials(id: AccountId, credentials: Credentials): Promise<void> {
    await this.#access.write((db) => {
      requireAccount(db, id);
      db.run(REMOVE_CREDENTIALS, id);
      addCredentials(db, id, credentials);
    });
  }

  async setDisabled(id: AccountId, message: string | null): Promise<void> {
    await this.#set(SET_DISABLED, message, id);
  }

  async setRemoved(id: AccountId, since: number | null): Promise<void> {
    await this.#set(SET_REMOVED, since, id);
  }

  async setQuota(id: AccountId, quota: { bytes: number | null; messages: number | null }): Promise<void> {
    await this.#set(SET_QUOTA, quota.bytes, quota.messages, id);
  }

  async setWithheld(id: AccountId, capabilities: readonly string[]): Promise<void> {
    await this.#set(SET_WITHHELD, [...new Set(capabilities)].join(" "), id);
  }

  async setAdmin(id: AccountId, admin: boolean): Promise<void> {
    await this.#set(SET_ADMIN, Number(admin), id);
  }

  async setAppPasswordsOnly(id: AccountId, only: boolean): Promise<void> {
    await this.#set(SET_APP_PASSWORDS_ONLY, Number(only), id);
  }

  async #set(text: string, ...values: SqlValue[]): Promise<void> {
    await this.#access.write((db) => found(db.run(text, ...values)));
  }

  #aside(id: number): string {
    return join(this.#folder, `.removed-${id}`);
  }

  /** From here on nobody finds the folder under the account's number. */
  #setAside(id: number): void {
    // A removal that was interrupted may have left one, and a server that did not know yet have made a new one.
    removeFolder(this.#aside(id));
    try {
      Deno.renameSync(join(this.#folder, String(id)), this.#aside(id));
    } catch (error) {
      ignoreMissing(error);
    }
  }
}

function addCredentials(db: AccountDatabase, id: AccountId, credentials: Credentials): void {
  for (const [mechanism, secret] of Object.entries(credentials)) db.run(ADD_CREDENTIAL, id, mechanism, secret);
}

function asAccount(values: AccountValues): Account {
  const [id, address, disabled, domainDisabled, removed, quotaBytes, quotaMessages, ...others] = values;
  const [admin, appPasswordsOnly, withheld, created] = others;
  return {
    id: id as AccountId,
    address,
    disabled: removed !== null ? REMOVED : disabled ?? (domainDisabled === 1 ? DOMAIN_DISABLED : null),
    domainDisabled: domainDisabled === 1,
    removed,
    quotaBytes,
    quotaMessages,
    admin: admin === 1,
    appPasswordsOnly: appPasswordsOnly === 1,
    withheld: words(withheld),
    created,
  };
}

function asKnown(values: AccountValues | undefined): Account | undefined {
  return values && asAccount(values);
}

function unreachable(): never {
  throw new Error("no row came back");
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
