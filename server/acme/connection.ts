/**
 * Signed requests to a certificate authority (RFC 8555 §6).
 *
 * Invariants: a request is bounded in time and its answer in size; a nonce is used once; nothing is tried again here but what only a bad
 * nonce spoiled, so no fault can make us hammer an authority.
 */
import { calculateJwkThumbprint, FlattenedSign, type JWK } from "jose";
import { reason } from "../reason.ts";
import { VERSION } from "../version.ts";
import { AcmeError } from "./errors.ts";

export interface Answer {
  readonly text: string;
  /** Where what was made is to be found. */
  readonly location: string | undefined;
  /** How long to wait before asking again, in ms. */
  readonly retryAfter: number | undefined;
}

/** Who signs: an account by its URL, or by its key alone as long as it has none. */
export interface Signer {
  readonly key: CryptoKey;
  readonly jwk: JWK;
  readonly account?: string;
}

const TYPE_PREFIX = "urn:ietf:params:acme:error:";
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_ANSWER = 1024 * 1024;
const BAD_NONCE_RETRIES = 5;
const MAX_NONCES = 10;

export class AcmeConnection {
  readonly #http: Deno.HttpClient;
  readonly #signal: AbortSignal;
  readonly #nonces: string[] = [];
  /** Set by who has read the directory. */
  newNonce = "";

  /** `caCerts`: roots, PEM, to be trusted beside the usual ones. `signal` ends every request. */
  constructor(caCerts: readonly string[], signal: AbortSignal) {
    this.#http = Deno.createHttpClient({ caCerts: [...caCerts] });
    this.#signal = signal;
  }

  close(): void {
    this.#http.close();
  }

  /** @throws {AcmeError} */
  async get(url: string): Promise<Answer> {
    return accepted(await this.#fetch(url, { method: "GET" }));
  }

  /** @param payload undefined: only read (POST-as-GET, RFC 8555 §6.3) @throws {AcmeError} */
  async post(url: string, payload: unknown, signer: Signer): Promise<Answer> {
    for (let attempt = 0;; attempt++) {
      const nonce = this.#nonces.pop() ?? await this.#freshNonce();
      const body = JSON.stringify(await sign(payload, signer, { nonce, url }));
      const headers = { "content-type": "application/jose+json" };
      try {
        return accepted(await this.#fetch(url, { method: "POST", headers, body }));
      } catch (error) {
        const again = error instanceof AcmeError && error.type === "badNonce" && attempt < BAD_NONCE_RETRIES;
        if (!again) throw error;
      }
    }
  }

  async #freshNonce(): Promise<string> {
    accepted(await this.#fetch(this.newNonce, { method: "HEAD" }));
    const nonce = this.#nonces.pop();
    if (nonce === undefined) throw new AcmeError("the authority gave no nonce");
    return nonce;
  }

  async #fetch(url: string, init: RequestInit): Promise<HttpAnswer> {
    if (!url.startsWith("https://")) {
      throw new AcmeError(`the authority names ${JSON.stringify(url)}, which is not https`);
    }
    const headers = new Headers(init.headers);
    headers.set("user-agent", `roost/${VERSION}`);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), REQUEST_TIMEOUT_MS);
    try {
      const response = await fetch(url, {
        ...init,
        headers,
        client: this.#http,
        redirect: "error",
        signal: AbortSignal.any([this.#signal, late.signal]),
      });
      const text = await bounded(response);
      const nonce = response.headers.get("replay-nonce");
      if (nonce !== null && this.#nonces.length < MAX_NONCES) this.#nonces.push(nonce);
      return { ok: response.ok, status: response.status, headers: response.headers, text };
    } catch (error) {
      this.#signal.throwIfAborted();
      if (error instanceof AcmeError) throw error;
      const why = late.signal.aborted ? `no answer within ${REQUEST_TIMEOUT_MS / 1000} s` : reason(error);
      throw new AcmeError(`${new URL(url).host} cannot be asked: ${why}`);
    } finally {
      clearTimeout(timer);
    }
  }
}

interface HttpAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function bounded(response: Response): Promise<string> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  // Leaving the loop early cancels the stream.
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > MAX_ANSWER) throw new AcmeError("the authority's answer is too long");
    parts.push(part);
  }
  return await new Blob(parts).text();
}

function accepted({ ok, status, headers, text }: HttpAnswer): Answer {
  const retryAfter = parseRetryAfter(headers.get("retry-after"), Date.now());
  if (ok) return { text, location: headers.get("location") ?? undefined, retryAfter };
  const problem = parseProblem(text);
  throw new AcmeError(problem.detail || `the authority answers with HTTP status ${status}`, {
    type: problem.type,
    status,
    retryAfter,
  });
}

/** A problem document (RFC 7807) as text; "" for what it does not say. */
export function parseProblem(text: string): { type: string; detail: string } {
  try {
    return describeProblem(JSON.parse(text));
  } catch {
    return { type: "", detail: "" };
  }
}

/** A problem as it stands in orders and challenges, with its subproblems (RFC 8555 §6.7.1). */
export function describeProblem(value: unknown): { type: string; detail: string } {
  const { type, detail, subproblems } = Object(value) as Record<string, unknown>;
  const own = typeof detail === "string" ? detail : "";
  const more = Array.isArray(subproblems) ? subproblems.slice(0, 5).map((part) => Object(part).detail) : [];
  return {
    type: typeof type === "string" && type.startsWith(TYPE_PREFIX) ? type.slice(TYPE_PREFIX.length) : "",
    detail: [own, ...more].filter((part) => typeof part === "string" && part !== "").join("; "),
  };
}

/** Seconds or an HTTP date (RFC 9110 §10.2.3). @returns ms from `now`, not below 0; undefined: it says nothing */
export function parseRetryAfter(text: string | null, now: number): number | undefined {
  if (text === null) return undefined;
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

async function sign(payload: unknown, signer: Signer, header: { nonce: string; url: string }): Promise<unknown> {
  const bytes = new TextEncoder().encode(payload === undefined ? "" : JSON.stringify(payload));
  const who = signer.account === undefined ? { jwk: signer.jwk } : { kid: signer.account };
  return await new FlattenedSign(bytes).setProtectedHeader({ alg: "ES256", ...header, ...who }).sign(signer.key);
}

/** An account that somebody has at the authority already. `hmacKey` is base64, for URLs or not. */
export interface ExternalAccount {
  readonly keyId: string;
  readonly hmacKey: string;
}

/** The proof that such an account is ours (RFC 8555 §7.3.4). @param url newAccount's */
export async function externalBinding(jwk: JWK, url: string, { keyId, hmacKey }: ExternalAccount): Promise<unknown> {
  return await new FlattenedSign(new TextEncoder().encode(JSON.stringify(jwk)))
    .setProtectedHeader({ alg: "HS256", kid: keyId, url }).sign(secretOf(hmacKey));
}

function secretOf(hmacKey: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(hmacKey.replaceAll("+", "-").replaceAll("/", "_"), { alphabet: "base64url" });
  } catch {
    throw new AcmeError("the key in tls.acme.externalAccount.hmacKeyFile is not base64");
  }
}

/** What a challenge of this token is answered with (RFC 8555 §8.1). */
export async function keyAuthorization(token: string, jwk: JWK): Promise<string> {
  return `${token}.${await calculateJwkThumbprint(jwk)}`;
}
