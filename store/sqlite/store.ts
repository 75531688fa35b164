/** The store of one data folder: `directory.db`, and `accounts/<id>/` for each account's mail. */
import type { Bell } from "../changes.ts";
import type { Acl, Directory, MailStore, SearchMode, Store } from "../store.ts";
import type { AccountId } from "../types.ts";
import type { Mirrors } from "../mirrors.ts";
import type { Upkeep } from "../upkeep.ts";
import type { SqliteAcl } from "./acl.ts";
import type { AnnotationLimits } from "./annotations.ts";
import { Checkpoints } from "./checkpoints.ts";
import { AccountHandle } from "./handle.ts";
import { HandlePool } from "./handlepool.ts";
import { IndexCache } from "./indexcache.ts";
import { SqliteMailStore } from "./mailstore.ts";
import type { Keep } from "./purge.ts";
import type { Quota } from "./quota.ts";
import { SqliteMirrors } from "./mirrors.ts";
import { SqliteUpkeep } from "./upkeep.ts";

export interface StoreParts {
  readonly dataDir: string;
  readonly directory: Directory;
  readonly bell: Bell;
  readonly acl: SqliteAcl;
  readonly annotations: AnnotationLimits;
  /** For accounts without their own. */
  readonly quota: Quota;
  /** Most keywords of a mailbox. */
  readonly keywords: number;
  /** "full": flag changes survive power loss too. */
  readonly durability: "default" | "full";
  /** What of the expunged messages can be undeleted. */
  readonly keep: Keep;
  /** What is kept for searching, of accounts without a mode of their own. */
  readonly search: SearchMode;
  /** Of what a process may keep in memory and open. */
  readonly share: number;
  /** Closes directory and bell. */
  close(): Promise<void>;
}

/** Of a process: databases open, and open of those that were only read; bytes of mailbox indexes. */
const MOST_OPEN = 100;
const MOST_UNWRITTEN = 32;
const MOST_INDEX_BYTES = 64 * 1024 * 1024;
/** Most time for the parsing of mail that has just come, when the store is closed; the rest is done when it is asked for. */
const PARSING_LAST_MS = 5000;
/** Accounts known from before are kept up to this number; beyond, unused ones are forgotten. */
const MANY_ACCOUNTS = 1000;

export class SqliteStore implements Store {
  readonly directory: Directory;
  readonly bell: Bell;
  readonly acl: Acl;
  readonly #parts: StoreParts;
  readonly #pool: HandlePool;
  readonly #cache: IndexCache;
  readonly #checkpoints = new Checkpoints();
  readonly #accounts = new Map<AccountId, SqliteMailStore>();
  #pruneAt = MANY_ACCOUNTS;
  #closing: Promise<void> | undefined;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#pool = new HandlePool(Math.ceil(MOST_OPEN * parts.share), Math.ceil(MOST_UNWRITTEN * parts.share));
    this.#cache = new IndexCache(MOST_INDEX_BYTES * parts.share);
    this.bell = parts.bell;
    this.acl = parts.acl;
    this.directory = this.#guarded(parts.directory);
  }

  /** Files of an account are closed before it is removed. */
  #guarded(directory: Directory): Directory {
    return {
      add: (accounts) => directory.add(accounts),
      remove: async (account, condition) => {
        await this.#end(account);
        await directory.remove(account, condition);
      },
      setRemoved: (account, since) => directory.setRemoved(account, since),
      addresses: directory.addresses,
      domains: directory.domains,
      list: () => directory.list(),
      find: (address) => directory.find(address),
      catchAll: (domain) => directory.catchAll(domain),
      get: (account) => directory.get(account),
      credentials: (account) => directory.credentials(account),
      setCredentials: (account, credentials) => directory.setCredentials(account, credentials),
      setDisabled: (account, message) => directory.setDisabled(account, message),
      setQuota: (account, quota) => directory.setQuota(account, quota),
      get quotaVersion() {
        return directory.quotaVersion;
      },
      setAdmin: (account, admin) => directory.setAdmin(account, admin),
      setAppPasswordsOnly: (account, only) => directory.setAppPasswordsOnly(account, only),
      addAppPassword: (account, password) => directory.addAppPassword(account, password),
      appPasswords: (account) => directory.appPasswords(account),
      removeAppPassword: (account, name) => directory.removeAppPassword(account, name),
      addClientKey: (key) => directory.addClientKey(key),
      clientKeys: (account) => directory.clientKeys(account),
      clientKey: (fingerprint) => directory.clientKey(fingerprint),
      removeClientKey: (fingerprint) => directory.removeClientKey(fingerprint),
      credentialUsed: (used, at, remote) => directory.credentialUsed(used, at, remote),
      recordAttempts: (attempts) => directory.recordAttempts(attempts),
      attempts: (filter) => directory.attempts(filter),
      setSearch: (account, mode) => directory.setSearch(account, mode),
      setWithheld: (account, capabilities) => directory.setWithheld(account, capabilities),
      setting: (name) => directory.setting(name),
      setSetting: (name, value) => directory.setSetting(name, value),
    };
  }

  mail(account: AccountId): MailStore {
    return this.#mail(account);
  }

  mailFor(owner: AccountId, reader: AccountId): MailStore {
    const mail = this.#mail(owner);
    return owner === reader ? mail : mail.seenBy(reader);
  }

  upkeep(account: AccountId): Upkeep {
    return new SqliteUpkeep(this.#mail(account));
  }

  mirrors(account: AccountId): Mirrors {
    return new SqliteMirrors(this.#mail(account));
  }

  get unindexed(): ReadonlyMap<AccountId, number> {
    const found = new Map<AccountId, number>();
    for (const [account, { handle }] of this.#accounts) {
      if (handle.search.unindexed > 0) found.set(account, handle.search.unindexed);
    }
    return found;
  }

  #mail(account: AccountId): SqliteMailStore {
    let mail = this.#accounts.get(account);
    if (!mail) {
      if (this.#accounts.size >= this.#pruneAt) this.#prune();
      const { dataDir, bell, quota, keywords, durability, annotations, acl, keep } = this.#parts;
      const folder = `${dataDir}/accounts/${account}`;
      const { directory, search } = this.#parts;
      const handle = new AccountHandle(
        account,
        folder,
        directory,
        this.#pool,
        this.#checkpoints,
        durability === "full",
        keep,
        search,
      );
      mail = new SqliteMailStore(
        handle,
        bell,
        this.#cache,
        quota,
        keywords,
        annotations,
        (mailbox) => acl.forget(account, mailbox),
      );
      this.#accounts.set(account, mail);
    }
    return mail;
  }

  #prune(): void {
    for (const [account, mail] of this.#accounts) {
      if (!mail.unused) continue;
      mail.forget();
      this.#accounts.delete(account);
    }
    this.#pruneAt = Math.max(MANY_ACCOUNTS, this.#accounts.size * 2);
  }

  async #end(account: AccountId): Promise<void> {
    const mail = this.#accounts.get(account);
    if (!mail) return;
    this.#accounts.delete(account);
    await mail.close();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const end = performance.now() + PARSING_LAST_MS;
    for (const mail of this.#accounts.values()) await mail.handle.search.parseUntil(end);
    for (const account of [...this.#accounts.keys()]) await this.#end(account);
    await this.#checkpoints.close();
    await this.#parts.close();
  }
}
