/**
 * Who may log in. Every way in ends in the same few steps, and an unknown user passes through all of them: what a client can
 * see, time included, does not tell whether an address exists.
 */
import { randomBytes } from "node:crypto";
import type { Account, Directory } from "../store/store.ts";
import { type AccountId, StoreError } from "../store/types.ts";
import { cramMd5Exchange } from "./crammd5.ts";
import { plainExchange } from "./plain.ts";
import { RecentPasswords } from "./recent.ts";
import { scramExchange } from "./scram.ts";
import { madeUpSecret, SHA1, SHA256, unpackScramSecret, verifyPassword } from "./secrets.ts";
import { Throttle, type ThrottleLimits } from "./throttle.ts";
import { AuthError, type Client, type Gate, type SaslExchange, type SecretName, type Subject } from "./types.ts";

export { AuthError } from "./types.ts";
export type { AuthFault, Client, SaslExchange, SaslStep } from "./types.ts";

/** An account that never was. */
const NOBODY = 0 as AccountId;

/** The directory setting that salts of unknown users come from. */
const SECRET_SETTING = "loginSecret";

export interface AuthenticatorOptions {
  /** In CRAM-MD5's challenge (RFC 2195 §2). */
  readonly hostname?: string;
  /** Milliseconds that only ever grow; for tests. */
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

export class Authenticator {
  readonly #directory: Directory;
  readonly #throttle: Throttle;
  readonly #recent = new RecentPasswords();
  readonly #hostname: string;
  readonly #sleep: (milliseconds: number) => Promise<void>;
  #serverKey: Promise<string> | undefined;

  constructor(directory: Directory, limits: ThrottleLimits, options: AuthenticatorOptions = {}) {
    this.#directory = directory;
    this.#throttle = new Throttle(limits, { now: options.now });
    this.#hostname = options.hostname ?? "localhost";
    this.#sleep = options.sleep ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)));
  }

  /** SASL mechanisms to announce, the strongest first. Those that send the password itself only where that is allowed. */
  mechanisms(_client: Client, cleartextAllowed: boolean): string[] {
    return ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", ...(cleartextAllowed ? ["PLAIN"] : [])];
  }

  /** Begins an exchange; undefined for a mechanism that there is not. Names compare without case. */
  begin(mechanism: string, client: Client): SaslExchange | undefined {
    const gate = this.#gate(client);
    switch (mechanism.toUpperCase()) {
      case "SCRAM-SHA-256":
        return scramExchange(SHA256, gate);
      case "SCRAM-SHA-1":
        return scramExchange(SHA1, gate);
      case "CRAM-MD5":
        return cramMd5Exchange(gate, `<${randomBytes(12).toString("hex")}.${Date.now()}@${this.#hostname}>`);
      case "PLAIN":
        return plainExchange(gate);
      default:
        return undefined;
    }
  }

  /** @throws {AuthError} credentials, disabled, throttled, temporary */
  async login(user: string, password: string, client: Client): Promise<Account> {
    const gate = this.#gate(client);
    gate.admit();
    const subject = await gate.subject(user, SHA256.secret);
    if (!await gate.matches(subject, password)) return await gate.fail();
    return await gate.accept(subject);
  }

  /** The account of an address, for a session that needs no login. Disabled ones are found too. */
  async accountFor(address: string): Promise<Account | undefined> {
    return await this.#directory.find(address);
  }

  #gate(client: Client): Gate {
    return {
      admit: () => {
        if (!this.#throttle.refuses(client.remote)) return;
        throw new AuthError("throttled", "Too many failed logins from your address; try again later.");
      },
      subject: (user, mechanism) => this.#subject(user, mechanism),
      matches: (subject, password) => this.#matches(subject, password),
      fail: async () => {
        const delay = this.#throttle.failed(client.remote);
        if (delay > 0) await this.#sleep(delay);
        throw new AuthError("credentials", "Wrong user name or password.");
      },
      accept: async ({ account }) => {
        if (account === undefined) throw new AuthError("credentials", "Wrong user name or password.");
        if (account.disabled !== null) throw new AuthError("disabled", account.disabled);
        return account;
      },
    };
  }

  async #subject(user: string, mechanism: SecretName): Promise<Subject> {
    try {
      const name = user.normalize("NFC");
      const account = await this.#directory.find(name);
      // Nobody's credentials are asked for as well: a query more or less could be measured.
      const credentials = await this.#directory.credentials(account?.id ?? NOBODY);
      const madeUp = madeUpSecret(await this.#secret(), mechanism, name.toLowerCase());
      const secret = account && credentials[mechanism];
      return secret === undefined ? { account: undefined, secret: madeUp } : { account, secret };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      throw new AuthError("temporary", "Logins are not possible just now; try again later.");
    }
  }

  async #matches({ account, secret }: Subject, password: string): Promise<boolean> {
    const mark = this.#recent.mark(secret, password);
    if (this.#recent.has(account?.id, mark)) return true;
    const right = await verifyPassword(SHA256, unpackScramSecret(secret), password);
    if (!right || account === undefined) return false;
    this.#recent.add(account.id, mark);
    return true;
  }

  #secret(): Promise<string> {
    const read = async () => {
      const kept = await this.#directory.setting(SECRET_SETTING);
      if (kept !== undefined) return kept;
      const made = randomBytes(32).toString("hex");
      await this.#directory.setSetting(SECRET_SETTING, made);
      return made;
    };
    this.#serverKey ??= read().catch((error) => {
      this.#serverKey = undefined;
      throw error;
    });
    return this.#serverKey;
  }
}
