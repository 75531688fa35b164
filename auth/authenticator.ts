/**
 * Who may log in. Every way in ends in the same few steps (gate.ts), and an unknown user passes through all of them: what a
 * client can see, time included, does not tell whether an address exists.
 */
import { randomBytes } from "node:crypto";
import { getLogger } from "@logtape/logtape";
import type { Account, Directory } from "../store/store.ts";
import { cramMd5Mechanism } from "./crammd5.ts";
import { CredentialUse } from "./credentialuse.ts";
import { externalMechanism } from "./external.ts";
import { Gate, type GateParts } from "./gate.ts";
import { oauthBearerMechanism, xoauth2Mechanism } from "./oauth/bearer.ts";
import { type OAuthOptions, TokenChecker } from "./oauth/tokens.ts";
import { loginMechanism, passwordLogin, plainMechanism } from "./plain.ts";
import { RecentPasswords } from "./recent.ts";
import { scramMechanism } from "./scram.ts";
import { SHA1, SHA256 } from "./secrets.ts";
import { Turns } from "./turns.ts";
import { Throttle, type ThrottleLimits, type Throttling } from "./throttle.ts";
import { AuthError, type Client, type Login, type Mechanism, type SaslExchange } from "./types.ts";

export { AuthError } from "./types.ts";
export type { AuthFault, Client, Login, SaslExchange, SaslStep, Tried } from "./types.ts";
export type { OAuthOptions } from "./oauth/tokens.ts";

/** The directory setting that salts of unknown users come from. */
const SECRET_SETTING = "loginSecret";

const log = getLogger(["roost", "auth"]);

export interface AuthenticatorOptions {
  /** In CRAM-MD5's challenge (RFC 2195 §2). */
  readonly hostname?: string;
  /** Whose tokens are taken; without it there is neither OAUTHBEARER nor XOAUTH2. */
  readonly oauth?: OAuthOptions;
  /** Passwords that were right a short while ago, where several threads share them. */
  readonly recent?: RecentPasswords;
  /** This one's part of the process's cores, where several threads let in. */
  readonly share?: number;
  /** Milliseconds that only ever grow; for tests. */
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

/** The account of a client's key. */
export interface KeyHolder {
  readonly account: Account;
  /** The connection is logged in from its greeting on; never where the account is disabled. */
  readonly preauth: boolean;
}

export class Authenticator {
  readonly #directory: Directory;
  readonly #parts: GateParts;
  readonly #hostname: string;
  readonly #tokens: TokenChecker | undefined;
  #serverKey: Promise<string> | undefined;

  /** @param throttle who counts failed logins; or the limits, for one of its own */
  constructor(directory: Directory, throttle: Throttling | ThrottleLimits, options: AuthenticatorOptions = {}) {
    const now = options.now ?? (() => performance.now());
    this.#directory = directory;
    this.#hostname = options.hostname ?? "localhost";
    this.#tokens = options.oauth && new TokenChecker(options.oauth);
    this.#parts = {
      directory,
      throttle: "refuses" in throttle ? throttle : new Throttle(throttle, { now }),
      recent: options.recent ?? new RecentPasswords(),
      // One core is left to the sessions.
      derivations: new Turns(Math.max(1, Math.floor((navigator.hardwareConcurrency - 1) * (options.share ?? 1)))),
      uses: new CredentialUse(directory, now),
      secret: () => this.#secret(),
      sleep: options.sleep ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))),
    };
  }

  /**
   * SASL mechanisms to announce, the strongest first: only what can succeed on this connection. Those that send the password
   * or token itself only where that is allowed.
   */
  mechanisms({ tls }: Client, cleartextAllowed: boolean): string[] {
    const names = ["SCRAM-SHA-256", "SCRAM-SHA-1"];
    if (tls !== undefined && tls.bindings.length > 0) names.unshift("SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS");
    if (tls?.clientKey !== undefined) names.push("EXTERNAL");
    names.push("CRAM-MD5");
    if (cleartextAllowed) names.push("PLAIN", "LOGIN");
    if (cleartextAllowed && this.#tokens !== undefined) names.push("OAUTHBEARER", "XOAUTH2");
    return names;
  }

  /** Begins an exchange; undefined for a mechanism that there is not on this connection. Names compare without case. */
  begin(mechanism: string, client: Client): SaslExchange | undefined {
    const name = mechanism.toUpperCase();
    if (!this.mechanisms(client, true).includes(name)) return undefined;
    const gate = new Gate(client, this.#parts);
    const begun = this.#mechanism(name, gate);
    return begun && exchange(gate, begun);
  }

  /** LOGIN. @throws {AuthError} credentials, disabled, throttled, temporary */
  async login(user: string, password: string, client: Client): Promise<Login> {
    return await passwordLogin(new Gate(client, this.#parts), { authzid: "", authcid: user, password });
  }

  /**
   * The account of the key that the client showed; undefined: it showed none, or none that is registered. A holder with
   * `preauth` is taken to be logged in.
   */
  async keyHolder(client: Client): Promise<KeyHolder | undefined> {
    if (client.tls?.clientKey === undefined) return undefined;
    try {
      const holder = await new Gate(client, this.#parts).keyHolder();
      if (holder === undefined) return undefined;
      const { key, account } = holder;
      const preauth = key.preauth && account.disabled === null;
      if (preauth) this.#parts.uses.note({ clientKey: key.fingerprint }, client.remote);
      return { account, preauth };
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      // It can still log in by other means, or later.
      log.warning("a client's key could not be looked up: {error}", { error, remote: client.remote });
      return undefined;
    }
  }

  /** The account of an address, for a session that needs no login. Disabled ones are found too. */
  async accountFor(address: string): Promise<Account | undefined> {
    return await this.#directory.find(address);
  }

  #mechanism(name: string, gate: Gate): Mechanism | undefined {
    switch (name) {
      case "SCRAM-SHA-256":
      case "SCRAM-SHA-256-PLUS":
        return scramMechanism(gate, { hash: SHA256, plus: name.endsWith("-PLUS") });
      case "SCRAM-SHA-1":
      case "SCRAM-SHA-1-PLUS":
        return scramMechanism(gate, { hash: SHA1, plus: name.endsWith("-PLUS") });
      case "EXTERNAL":
        return externalMechanism(gate);
      case "CRAM-MD5":
        return cramMd5Mechanism(gate, `<${randomBytes(12).toString("hex")}.${Date.now()}@${this.#hostname}>`);
      case "PLAIN":
        return plainMechanism(gate);
      case "LOGIN":
        return loginMechanism(gate);
      case "OAUTHBEARER":
        return this.#tokens && oauthBearerMechanism(gate, this.#tokens);
      case "XOAUTH2":
        return this.#tokens && xoauth2Mechanism(gate, this.#tokens);
      default:
        return undefined;
    }
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

/** Every fault says whom the client tried to log in as. */
function exchange(gate: Gate, mechanism: Mechanism): SaslExchange {
  return {
    get tried() {
      return gate.tried;
    },
    async next(data) {
      try {
        return await mechanism.next(data);
      } catch (error) {
        if (error instanceof AuthError && error.kind === "malformed") throw gate.error(error.kind, error.message);
        throw error;
      }
    },
  };
}
