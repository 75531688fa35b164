/** What a token says, and whether that lets its bearer in here. The same for tokens that are signed and those asked about. */

export type Claims = Readonly<Record<string, unknown>>;

/** How far the issuer's clock may be off, in seconds. */
export const LEEWAY = 30;

export interface ClaimRules {
  readonly issuer: string;
  /** One of them must be in `aud`; empty: not looked at. */
  readonly audience: readonly string[];
  /** The claim that holds the account's address. */
  readonly claim: string;
  /** Must be among the token's scopes. */
  readonly scope?: string;
}

export type TokenRefusal = "invalid_token" | "insufficient_scope";

/** Whose token it is, or why it is refused: the status for the client (RFC 6750 §3.1) and the reason for the log. */
export type TokenResult =
  | { readonly user: string }
  | { readonly refused: TokenRefusal; readonly reason: string };

/** Claims whose origin is certain. `iss`, `aud`, `exp` and `nbf` count where they are there. @param now seconds since 1970 */
export function judge(claims: Claims, rules: ClaimRules, now: number): TokenResult {
  const { iss, exp, nbf } = claims;
  if (iss !== undefined && iss !== rules.issuer) return invalid("another issuer");
  const audience = texts(claims.aud);
  if (rules.audience.length > 0 && !rules.audience.some((name) => audience.includes(name))) {
    return invalid("another audience");
  }
  if (exp !== undefined && !(typeof exp === "number" && now < exp + LEEWAY)) return invalid("expired");
  if (nbf !== undefined && !(typeof nbf === "number" && now >= nbf - LEEWAY)) return invalid("not valid yet");
  // It belongs to a key that has to be shown (RFC 7800 §3.1), which no bearer does.
  if (claims.cnf !== undefined) return invalid("no bearer token");
  if (rules.scope !== undefined && !scopesOf(claims).includes(rules.scope)) {
    return { refused: "insufficient_scope", reason: "its scope does not allow it" };
  }
  const user = claims[rules.claim];
  if (typeof user !== "string" || user === "") return invalid(`no claim ${rules.claim}`);
  if (rules.claim === "email" && claims.email_verified === false) return invalid("an address that was not verified");
  return { user };
}

function invalid(reason: string): TokenResult {
  return { refused: "invalid_token", reason };
}

/** `scope` is one text (RFC 8693 §4.2); some issuers have a list or call it `scp`. */
function scopesOf({ scope, scp }: Claims): string[] {
  return texts(scope ?? scp).flatMap((text) => text.split(" "));
}

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "string");
}
