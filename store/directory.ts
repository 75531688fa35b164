/** The directory: accounts, their addresses and domains, what logs them in, and who tried. */
import type { AccountId } from "./types.ts";

/** An account as the directory knows it. */
export interface Account {
  readonly id: AccountId;
  /** Login address, NFC; compares without regard to case. */
  readonly address: string;
  /**
   * Set: logins are refused with this text (after the right password). Delivery goes on, unless the account is removed. Of the account's
   * own, or because its domain is disabled, or because it is removed.
   */
  readonly disabled: string | null;
  readonly domainDisabled: boolean;
  /** Seconds since 1970; closed since then, and gone for good some time later. Its addresses stay its own until then. */
  readonly removed: number | null;
  /** Bytes; 0 is none; null takes the configured default. */
  readonly quotaBytes: number | null;
  /** Messages; 0 is none; null takes the configured default. */
  readonly quotaMessages: number | null;
  /** May set the quota of every account (RFC 9208 §4.1.3). */
  readonly admin: boolean;
  /** The main password is refused by mail protocols: app passwords and client keys only. */
  readonly appPasswordsOnly: boolean;
  /** Capabilities that its sessions do not get, as named in the capability table. */
  readonly withheld: readonly string[];
  /** Seconds since 1970. */
  readonly created: number;
}

/** Derived secrets by mechanism name, as JSON text; never a password. See auth/secrets.ts. */
export type Credentials = Readonly<Record<string, string>>;

export interface NewAccount {
  readonly address: string;
  readonly credentials: Credentials;
}

/** A password for one device or program. Its secrets share the account's salts, so that SCRAM can tell which was used. */
export interface NewAppPassword {
  /** One line of text, unique within the account without regard to case. */
  readonly name: string;
  readonly credentials: Credentials;
  /** What it may be used for: "imap", "lmtp"; never empty. */
  readonly scopes: readonly string[];
  /** Networks in CIDR notation that it may be used from; empty: from anywhere. */
  readonly networks: readonly string[];
  /** Seconds since 1970; null: never. */
  readonly expires: number | null;
}

export interface AppPassword extends NewAppPassword {
  readonly id: number;
  /** Seconds since 1970. */
  readonly created: number;
  /** Seconds since 1970, and from which address. */
  readonly lastUsed: number | null;
  readonly lastRemote: string | null;
}

/** A public key that logs in as an account. */
export interface NewClientKey {
  readonly account: AccountId;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly fingerprint: string;
  readonly name: string;
  /** The connection is logged in from its greeting on; otherwise AUTHENTICATE EXTERNAL is needed. */
  readonly preauth: boolean;
}

export interface ClientKey extends NewClientKey {
  readonly created: number;
  readonly lastUsed: number | null;
  readonly lastRemote: string | null;
}

/** One try to log in. Attempts that are equal in all but the time are one group. */
export interface LoginAttempt {
  /** Seconds since 1970. */
  readonly at: number;
  /** The account, where the name is one's. */
  readonly account: AccountId | null;
  /** The name as the client gave it; at most 320 bytes are kept. "" where it gave none. */
  readonly user: string;
  readonly remote: string;
  /** "imap", "lmtp". */
  readonly protocol: string;
  /** "SCRAM-SHA-256-PLUS", "LOGIN", "preauth". */
  readonly mechanism: string;
  /** "TLSv1.3" and the cipher; "" in clear text. */
  readonly tls: string;
  readonly cipher: string;
  /** Fingerprint of the key that the client showed, registered or not; "". */
  readonly clientKey: string;
  /** Name of the app password that was used; "". */
  readonly appPassword: string;
  /** What it said by ID, as `name/version (os)`; "". */
  readonly userAgent: string;
  /** "ok", or why not: "credentials", "disabled", "throttled", "malformed", "aborted", "temporary", … */
  readonly result: string;
}

export interface AttemptGroup extends Omit<LoginAttempt, "at"> {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** An address of an account: its own, an alias, or `@domain` for all of a domain that nobody has. */
export interface AccountAddress {
  readonly account: AccountId;
  /** As it was given. */
  readonly address: string;
}

/** The addresses of accounts. Each but `@domain` is also a name to log in with and to share mailboxes with. */
export interface Addresses {
  /** Of one account or of all. */
  list(account?: AccountId): Promise<AccountAddress[]>;
  /** @throws {StoreError} alreadyexists, also where the account has it; nonexistent, account or domain; cannot */
  add(account: AccountId, address: string): Promise<void>;
  /** What was shared with it stays shared with the account. @throws {StoreError} nonexistent; cannot, it is the account's own */
  remove(account: AccountId, address: string): Promise<void>;
  /**
   * Gives the account another own address. What was shared with it stays shared.
   * @param keep the old one becomes an alias
   * @throws {StoreError} alreadyexists, the address is another's; nonexistent, account or domain; cannot
   */
  rename(account: AccountId, address: string, options: { readonly keep: boolean }): Promise<void>;
}

/** A domain of the server's addresses. */
export interface Domain {
  /** In lower case. */
  readonly name: string;
  /** Logins of accounts whose own address is of it are refused, and so is, for now, mail to it. */
  readonly disabled: boolean;
  readonly created: number;
  /** How many addresses of accounts are of it. */
  readonly addresses: number;
}

/** Where any is listed, new addresses with a domain must be of one that is. Names compare in Unicode and in ASCII. */
export interface Domains {
  /** By name. */
  list(): Promise<Domain[]>;
  get(name: string): Promise<Domain | undefined>;
  /** @throws {StoreError} alreadyexists, cannot (no domain) */
  add(name: string): Promise<void>;
  /** @throws {StoreError} nonexistent */
  setDisabled(name: string, disabled: boolean): Promise<void>;
  /** @throws {StoreError} nonexistent; cannot, addresses are of it */
  remove(name: string): Promise<void>;
}

export interface Directory {
  /** One transaction for all. @throws {StoreError} alreadyexists, naming the address; nonexistent, the domain */
  add(accounts: readonly NewAccount[]): Promise<Account[]>;
  /**
   * Removes the account and its mail for good.
   * @param condition seconds since 1970: only if it was closed (`setRemoved`) by then
   * @throws {StoreError} nonexistent
   */
  remove(account: AccountId, condition?: { readonly removedBefore?: number }): Promise<void>;
  /** Closes the account, or with null opens it again. @throws {StoreError} nonexistent */
  setRemoved(account: AccountId, since: number | null): Promise<void>;
  readonly addresses: Addresses;
  readonly domains: Domains;
  /** Removed ones too. */
  list(): Promise<Account[]>;
  /** By its own address or another of its addresses. Removed ones too. */
  find(address: string): Promise<Account | undefined>;
  /** Who gets mail to addresses of this domain that nobody has. */
  catchAll(domain: string): Promise<Account | undefined>;
  get(account: AccountId): Promise<Account | undefined>;
  /** Empty for an account that is not there. */
  credentials(account: AccountId): Promise<Credentials>;
  setCredentials(account: AccountId, credentials: Credentials): Promise<void>;
  /** null enables. */
  setDisabled(account: AccountId, message: string | null): Promise<void>;
  setQuota(account: AccountId, quota: { bytes: number | null; messages: number | null }): Promise<void>;
  /** Raised by each `setQuota` here: limits that are remembered are out of date. */
  readonly quotaVersion: number;
  setAdmin(account: AccountId, admin: boolean): Promise<void>;
  setAppPasswordsOnly(account: AccountId, only: boolean): Promise<void>;
  /** @throws {StoreError} nonexistent; alreadyexists, for the name within the account */
  addAppPassword(account: AccountId, password: NewAppPassword): Promise<void>;
  /** By name; expired ones too. */
  appPasswords(account: AccountId): Promise<AppPassword[]>;
  /** @throws {StoreError} nonexistent */
  removeAppPassword(account: AccountId, name: string): Promise<void>;
  /** @throws {StoreError} nonexistent; alreadyexists, a key belongs to one account */
  addClientKey(key: NewClientKey): Promise<void>;
  /** Those of one account or of all. */
  clientKeys(account?: AccountId): Promise<ClientKey[]>;
  clientKey(fingerprint: string): Promise<ClientKey | undefined>;
  /** @throws {StoreError} nonexistent */
  removeClientKey(fingerprint: string): Promise<void>;
  /** Notes when a credential was used last; lost at most when the process is killed. */
  credentialUsed(used: { appPassword: number } | { clientKey: string }, at: number, remote: string): Promise<void>;
  /**
   * Adds each to its group, in one transaction; a killed process loses none that are written, a power cut the latest. Forgets
   * what is older than 30 days, and beyond 10,000 groups an account, of failures and of successes each; names that are nobody's
   * count as one account. Long and unprintable texts are kept as `shortText` makes them.
   */
  recordAttempts(attempts: readonly AttemptGroup[]): Promise<void>;
  /** Latest first. `account` null: those of names that are nobody's. `since`: those whose latest is not before it. */
  attempts(
    filter: { account?: AccountId | null; since?: number; failed?: boolean; most?: number },
  ): Promise<AttemptGroup[]>;
  /** Replaces the list. @throws {StoreError} nonexistent */
  setWithheld(account: AccountId, capabilities: readonly string[]): Promise<void>;
  /** A server-wide value, as the key from which salts of unknown users are derived. */
  setting(name: string): Promise<string | undefined>;
  setSetting(name: string, value: string): Promise<void>;
}
