/** Tokens that only their issuer understands: it is asked about each (RFC 7662), and its word holds for a short while. */
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { BoundedMap } from "../bounded.ts";
import type { Claims } from "./claims.ts";
import { requestJson, type RequestLimits } from "./http.ts";

export interface IntrospectionOptions {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** How long an answer is believed, in seconds; 0: each login asks. */
  readonly cacheSeconds: number;
}

/** Most tokens that are remembered. */
const CAPACITY = 10_000;

interface Known {
  readonly claims: Claims;
  /** Seconds since 1970. */
  readonly until: number;
}

export class Introspection {
  readonly #options: IntrospectionOptions;
  readonly #limits: RequestLimits;
  /** By the token's hash. Only good ones. */
  readonly #known = new BoundedMap<Known>(CAPACITY);

  constructor(options: IntrospectionOptions, limits: RequestLimits) {
    this.#options = options;
    this.#limits = limits;
  }

  /** The claims of an active token; undefined: it is not active. @param now seconds since 1970 @throws {IssuerFault} */
  async claims(token: string, now: number): Promise<Claims | undefined> {
    const key = createHash("sha256").update(token).digest("base64");
    const known = this.#known.get(key);
    if (known !== undefined && now < known.until) return known.claims;
    const { active, ...claims } = await this.#ask(token);
    if (active !== true) return undefined;
    const until = Math.min(now + this.#options.cacheSeconds, typeof claims.exp === "number" ? claims.exp : Infinity);
    if (now < until) this.#known.set(key, { claims, until });
    return claims;
  }

  async #ask(token: string): Promise<Claims> {
    const { url, clientId, clientSecret } = this.#options;
    const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`; // RFC 6749 §2.3.1
    return await requestJson(url, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
      body: new URLSearchParams({ token, token_type_hint: "access_token" }),
    }, this.#limits);
  }
}
