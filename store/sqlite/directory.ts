/**
 * directory.db: accounts, their addresses, domains, secrets and keys, login attempts, settings, access control lists; a file for each. Every call asks
 * the database, so a change by another process is seen by the next call.
 */
import { join } from "node:path";
import type {
  Account,
  Addresses,
  AppPassword,
  AttemptGroup,
  ClientKey,
  Credentials,
  Directory,
  Domains,
  NewAccount,
  NewAppPassword,
  NewClientKey,
} from "../store.ts";
import type { AccountId } from "../types.ts";
import { AppPasswords } from "./apppasswords.ts";
import { AttemptLog } from "./attempts.ts";
import { ClientKeys } from "./clientkeys.ts";
import { DirectoryAccounts } from "./directoryaccounts.ts";
import { DirectoryAddresses } from "./directoryaddresses.ts";
import { DirectoryDatabase, openPatiently } from "./directorydatabase.ts";
import { DirectoryDomains } from "./directorydomains.ts";
import { DirectorySettings } from "./directorysettings.ts";
import { storeFault } from "./errors.ts";
import { makeFolder } from "./folders.ts";

/**
 * Opens the directory of a data folder; makes both where they are not there.
 * @throws {StoreError} cannot (written by a newer program), inuse, diskfull
 */
export function openDirectory(dataDir: string): SqliteDirectory {
  makeFolder(join(dataDir, "accounts"));
  const db = openPatiently(join(dataDir, "directory.db"));
  try {
    return new SqliteDirectory(dataDir, new DirectoryDatabase(db));
  } catch (error) {
    db.close();
    throw storeFault(error);
  }
}

export class SqliteDirectory implements Directory {
  quotaVersion = 0;
  readonly addresses: Addresses;
  readonly domains: Domains;
  readonly #accounts: DirectoryAccounts;
  readonly #appPasswords: AppPasswords;
  readonly #clientKeys: ClientKeys;
  readonly #attempts: AttemptLog;
  readonly #settings: DirectorySettings;

  /** @param access also for the access control lists, which are kept here too */
  constructor(dataDir: string, readonly access: DirectoryDatabase) {
    this.addresses = new DirectoryAddresses(access);
    this.domains = new DirectoryDomains(access);
    this.#accounts = new DirectoryAccounts(join(dataDir, "accounts"), access);
    this.#appPasswords = new AppPasswords(access);
    this.#clientKeys = new ClientKeys(access);
    this.#attempts = new AttemptLog(access);
    this.#settings = new DirectorySettings(access);
  }

  add(accounts: readonly NewAccount[]): Promise<Account[]> {
    return this.#accounts.add(accounts);
  }

  remove(account: AccountId, condition?: { removedBefore?: number }): Promise<void> {
    return this.#accounts.remove(account, condition);
  }

  setRemoved(account: AccountId, since: number | null): Promise<void> {
    return this.#accounts.setRemoved(account, since);
  }

  list(): Promise<Account[]> {
    return this.#accounts.list();
  }

  find(address: string): Promise<Account | undefined> {
    return this.#accounts.find(address);
  }

  catchAll(domain: string): Promise<Account | undefined> {
    return this.#accounts.catchAll(domain);
  }

  get(account: AccountId): Promise<Account | undefined> {
    return this.#accounts.get(account);
  }

  credentials(account: AccountId): Promise<Credentials> {
    return this.#accounts.credentials(account);
  }

  setCredentials(account: AccountId, credentials: Credentials): Promise<void> {
    return this.#accounts.setCredentials(account, credentials);
  }

  setDisabled(account: AccountId, message: string | null): Promise<void> {
    return this.#accounts.setDisabled(account, message);
  }

  async setQuota(account: AccountId, quota: { bytes: number | null; messages: number | null }): Promise<void> {
    await this.#accounts.setQuota(account, quota);
    this.quotaVersion++;
  }

  setAdmin(account: AccountId, admin: boolean): Promise<void> {
    return this.#accounts.setAdmin(account, admin);
  }

  setAppPasswordsOnly(account: AccountId, only: boolean): Promise<void> {
    return this.#accounts.setAppPasswordsOnly(account, only);
  }

  setWithheld(account: AccountId, capabilities: readonly string[]): Promise<void> {
    return this.#accounts.setWithheld(account, capabilities);
  }

  addAppPassword(account: AccountId, password: NewAppPassword): Promise<void> {
    return this.#appPasswords.add(account, password);
  }

  appPasswords(account: AccountId): Promise<AppPassword[]> {
    return this.#appPasswords.list(account);
  }

  removeAppPassword(account: AccountId, name: string): Promise<void> {
    return this.#appPasswords.remove(account, name);
  }

  addClientKey(key: NewClientKey): Promise<void> {
    return this.#clientKeys.add(key);
  }

  clientKeys(account?: AccountId): Promise<ClientKey[]> {
    return this.#clientKeys.list(account);
  }

  clientKey(fingerprint: string): Promise<ClientKey | undefined> {
    return this.#clientKeys.get(fingerprint);
  }

  removeClientKey(fingerprint: string): Promise<void> {
    return this.#clientKeys.remove(fingerprint);
  }

  async credentialUsed(
    used: { appPassword: number } | { clientKey: string },
    at: number,
    remote: string,
  ): Promise<void> {
    if ("appPassword" in used) await this.#appPasswords.used(used.appPassword, at, remote);
    else await this.#clientKeys.used(used.clientKey, at, remote);
  }

  recordAttempts(attempts: readonly AttemptGroup[]): Promise<void> {
    return this.#attempts.record(attempts);
  }

  attempts(filter: Parameters<Directory["attempts"]>[0]): Promise<AttemptGroup[]> {
    return this.#attempts.list(filter);
  }

  setting(name: string): Promise<string | undefined> {
    return this.#settings.get(name);
  }

  setSetting(name: string, value: string): Promise<void> {
    return this.#settings.set(name, value);
  }

  close(): void {
    this.access.db.close();
  }
}
