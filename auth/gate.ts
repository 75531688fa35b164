/**
 * What every mechanism asks: may this client try, what is its answer held against, and what is the outcome. One for each
 * exchange. An unknown user passes through the same steps as anybody.
 */
import type { Account, ClientKey, Directory } from "../store/store.ts";
import { type AccountId, StoreError } from "../store/types.ts";
import { candidatesOf } from "./candidates.ts";
import type { Credential, CredentialUse } from "./credentialuse.ts";
import type { RecentPasswords } from "./recent.ts";
import { madeUpSecret, matchingSecret, SHA256 } from "./secrets.ts";
import type { Throttling } from "./throttle.ts";
import type { Turns } from "./turns.ts";
import {
  AuthError,
  type AuthFault,
  type Candidate,
  type Client,
  type Login,
  type SecretName,
  type Subject,
  type Tried,
} from "./types.ts";

/** An account that never was. */
const NOBODY = 0 as AccountId;

const WRONG = "Wrong user name or password.";

/** What all gates share. */
export interface GateParts {
  readonly directory: Directory;
  readonly throttle: Throttling;
  readonly recent: RecentPasswords;
  /** For key derivations, which take long and run beside this thread. */
  readonly derivations: Turns;
  readonly uses: CredentialUse;
  /** The server's own random secret, from which the salts of unknown users come. */
  readonly secret: () => Promise<string>;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export class Gate {
  readonly client: Client;
  readonly #parts: GateParts;
  #tried: Tried = {};

  constructor(client: Client, parts: GateParts) {
    this.client = client;
    this.#parts = parts;
  }

  /** Whom the client has tried to log in as, so far. */
  get tried(): Tried {
    return this.#tried;
  }

  /** The client has said who it is; for faults that come before this is looked up. */
  named(user: string): void {
    this.#tried = { user };
  }

  /** @throws {AuthError} throttled */
  async admit(): Promise<void> {
    if (!await this.#parts.throttle.refuses(this.client.remote)) return;
    throw this.error("throttled", "Too many failed logins from your address; try again later.");
  }

  /** @throws {AuthError} temporary */
  async subject(user: string, mechanism: SecretName): Promise<Subject> {
    const { directory, secret } = this.#parts;
    const account = await this.account(user);
    return await this.#asking(async () => {
      // Nobody's credentials are asked for as well: a query more or less could be measured.
      const id = account?.id ?? NOBODY;
      const credentials = await directory.credentials(id);
      const appPasswords = await directory.appPasswords(id);
      const madeUp = madeUpSecret(await secret(), mechanism, user.normalize("NFC").toLowerCase());
      const held = { account, credentials, appPasswords };
      return { account, candidates: candidatesOf(held, mechanism, this.client, madeUp, Date.now() / 1000) };
    });
  }

  /** The account of a name. @throws {AuthError} temporary */
  async account(user: string): Promise<Account | undefined> {
    this.named(user);
    const account = await this.#find(user);
    this.#tried = { user, account: account?.id };
    return account;
  }

  /**
   * The key that the client showed, if it is registered, and its account.
   * @param user the name that the client gave, if it did
   * @throws {AuthError} temporary
   */
  async keyHolder(user = ""): Promise<{ key: ClientKey; account: Account } | undefined> {
    const { directory } = this.#parts;
    if (user !== "") this.named(user);
    const key = await this.#asking(() => directory.clientKey(this.client.tls?.clientKey ?? ""));
    const account = await this.#asking(() => directory.get(key?.account ?? NOBODY));
    if (account !== undefined) this.#tried = { ...this.#tried, account: account.id };
    return key && account && { key, account };
  }

  /** The subject's secret that was made of this password, if that admits the client. */
  async matching({ candidates }: Subject, password: string): Promise<Candidate | undefined> {
    const { recent, derivations } = this.#parts;
    const marks = candidates.map(({ secret }) => recent.mark(secret, password));
    const known = candidates.find(({ admits }, at) => admits && recent.has(marks[at]));
    if (known !== undefined) return known;
    const used = await derivations.take(() => matchingSecret(SHA256, candidates, password));
    if (used !== undefined) recent.add(recent.mark(used.secret, password));
    return used;
  }

  /**
   * The outcome where a subject's secret was asked for; `used` is the one that fits.
   * @throws {AuthError} credentials, authorization, disabled
   */
  async finish({ account }: Subject, used: Candidate | undefined, authzid = ""): Promise<Login> {
    if (account === undefined || used === undefined) throw await this.failed();
    const { appPassword } = used;
    return await this.accept(account, authzid, appPassword && { appPassword: appPassword.id }, appPassword?.name);
  }

  /**
   * The credential was right; may it log in?
   * @param authzid the account that was asked for; "" is the credential's own
   * @throws {AuthError} authorization, disabled (with the account's own text), temporary
   */
  async accept(account: Account, authzid: string, credential?: Credential, appPassword?: string): Promise<Login> {
    const asked = authzid === "" ? account : await this.#find(authzid);
    if (asked?.id !== account.id) throw this.error("authorization", "Nobody acts for another here.");
    if (account.disabled !== null) throw this.error("disabled", account.disabled);
    if (credential !== undefined) this.#parts.uses.note(credential, this.client.remote);
    return { account, appPassword };
  }

  /** Counts a failure. Gives, after the wait that is due, what is to be thrown. */
  async failed(message = WRONG, kind: "credentials" | "binding" = "credentials"): Promise<AuthError> {
    const delay = await this.#parts.throttle.failed(this.client.remote);
    if (delay > 0) await this.#parts.sleep(delay);
    return this.error(kind, message);
  }

  error(kind: AuthFault, message: string): AuthError {
    return new AuthError(kind, message, this.#tried);
  }

  async #find(name: string): Promise<Account | undefined> {
    return await this.#asking(() => this.#parts.directory.find(name.normalize("NFC")));
  }

  async #asking<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      throw this.error("temporary", "Logins are not possible just now; try again later.");
    }
  }
}
