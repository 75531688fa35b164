/** Tokens that their issuer has signed (RFC 9068, RFC 7519), checked with the keys that it publishes. */
import type { FetchImplementation, JWTVerifyGetKey } from "jose";
import { type ClaimRules, type Claims, LEEWAY } from "./claims.ts";
import { IssuerFault, request, requestJson, type RequestLimits } from "./http.ts";

/** Public keys only: with one of the others, what the issuer publishes would be enough to sign. */
const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/** Loaded where tokens are used at all. */
const jose = () => import("jose");

/** How long published keys are used, and how soon they may be asked for again for a token with an unknown key. */
const KEYS_AGE = 600_000;
const COOLDOWN = 10_000;

export interface SignedOptions extends RequestLimits {
  /** Where the keys are; undefined: where the issuer's own metadata says (OpenID Connect Discovery 1.0 §4). */
  readonly jwks?: string;
  /** In place of the 10 s; in milliseconds. */
  readonly cooldown?: number;
}

export class SignedTokens {
  readonly #rules: ClaimRules;
  readonly #options: SignedOptions;
  #keys: Promise<JWTVerifyGetKey> | undefined;

  constructor(rules: ClaimRules, options: SignedOptions) {
    this.#rules = rules;
    this.#options = options;
  }

  /** The claims of a good token, or why it is none. @throws {IssuerFault} */
  async claims(token: string): Promise<{ claims: Claims } | { reason: string }> {
    const { errors, jwtVerify } = await jose();
    const keys = await this.#known();
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        issuer: this.#rules.issuer,
        audience: [...this.#rules.audience],
        clockTolerance: LEEWAY,
        requiredClaims: ["exp"],
      });
      return { claims: payload };
    } catch (error) {
      if (error instanceof IssuerFault) throw error;
      if (!(error instanceof errors.JOSEError)) throw error;
      const theirs = error instanceof errors.JWKSInvalid || error instanceof errors.JWKSTimeout;
      if (theirs || error.code === errors.JOSEError.code) throw new IssuerFault(error.message, { cause: error });
      return { reason: error.message };
    }
  }

  #known(): Promise<JWTVerifyGetKey> {
    this.#keys ??= this.#open().catch((error) => {
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }

  async #open(): Promise<JWTVerifyGetKey> {
    const { createRemoteJWKSet, customFetch } = await jose();
    const { cooldown = COOLDOWN, timeout } = this.#options;
    const url = this.#options.jwks ?? await this.#discovered();
    const fetchKeys: FetchImplementation = async (url, { headers }) => {
      return new Response(await request(url, { headers }, this.#options));
    };
    return createRemoteJWKSet(new URL(url), {
      cacheMaxAge: KEYS_AGE,
      cooldownDuration: cooldown,
      timeoutDuration: timeout,
      [customFetch]: fetchKeys,
    });
  }

  async #discovered(): Promise<string> {
    const { issuer } = this.#rules;
    const url = discoveryUrl(issuer);
    const { issuer: named, jwks_uri: keys } = await requestJson(url, {}, this.#options);
    if (named !== issuer) throw new IssuerFault(`${url} is about another issuer`);
    if (typeof keys !== "string" || !URL.canParse(keys) || new URL(keys).protocol !== new URL(issuer).protocol) {
      throw new IssuerFault(`${url} has no usable jwks_uri`);
    }
    return keys;
  }
}

/** Where an issuer says what there is to know about it. */
export function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}
