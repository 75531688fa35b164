/** Checks the tokens of OAUTHBEARER and XOAUTH2, by signature or by asking the issuer. */
import { getLogger } from "@logtape/logtape";
import { type ClaimRules, judge, type TokenResult } from "./claims.ts";
import { Introspection, type IntrospectionOptions } from "./introspection.ts";
import { discoveryUrl, SignedTokens } from "./signed.ts";

export interface OAuthOptions extends ClaimRules {
  /** Where the issuer's keys are; undefined: where its metadata says. */
  readonly jwks?: string;
  /** Tokens are not looked into, the issuer is asked about them. */
  readonly introspection?: IntrospectionOptions;
  /** For one request to the issuer, in milliseconds; 5000 unless given. */
  readonly timeout?: number;
  /** How soon the keys may be asked for again, in milliseconds; 10,000 unless given. */
  readonly cooldown?: number;
}

const log = getLogger(["roost", "auth"]);

const TIMEOUT = 5000;

export class TokenChecker {
  readonly #rules: ClaimRules;
  readonly #introspection: Introspection | undefined;
  readonly #signed: SignedTokens;

  constructor(options: OAuthOptions) {
    const { jwks, introspection, cooldown, timeout = TIMEOUT } = options;
    this.#rules = options;
    this.#introspection = introspection && new Introspection(introspection, { timeout });
    this.#signed = new SignedTokens(options, { jwks, timeout, cooldown });
  }

  /** A scope that lets in, and where a client finds how to get a token (RFC 7628 §3.2.2). */
  get help(): { readonly scope?: string; readonly configuration?: string } {
    const { scope, issuer } = this.#rules;
    return { scope, configuration: issuer.startsWith("https:") ? discoveryUrl(issuer) : undefined };
  }

  /** @throws {IssuerFault} */
  async check(token: string): Promise<TokenResult> {
    const now = Date.now() / 1000;
    const result = await this.#check(token, now);
    if ("refused" in result) log.info("token refused: {reason}", { reason: result.reason });
    return result;
  }

  async #check(token: string, now: number): Promise<TokenResult> {
    if (this.#introspection !== undefined) {
      const claims = await this.#introspection.claims(token, now);
      return claims
        ? judge(claims, this.#rules, now)
        : { refused: "invalid_token", reason: "the issuer says not active" };
    }
    const checked = await this.#signed.claims(token);
    if ("reason" in checked) return { refused: "invalid_token", reason: checked.reason };
    return judge(checked.claims, this.#rules, now);
  }
}
