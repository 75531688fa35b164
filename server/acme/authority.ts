/**
 * A certificate authority as it offers itself by ACME: its directory and what hangs on it (RFC 8555 §7, RFC 9773).
 * What it answers is checked before it is used; an answer of another shape is an AcmeError.
 */
import type { JWK } from "jose";
import { z } from "zod";
import {
  type AcmeConnection,
  type Answer,
  describeProblem,
  type ExternalAccount,
  externalBinding,
} from "./connection.ts";
import { AcmeError } from "./errors.ts";

const directory = z.object({
  newNonce: z.string(),
  newAccount: z.string(),
  newOrder: z.string(),
  renewalInfo: z.string().optional(),
  meta: z.object({ termsOfService: z.string().optional(), externalAccountRequired: z.boolean().optional() }).optional(),
});
const order = z.object({
  status: z.enum(["pending", "ready", "processing", "valid", "invalid"]),
  identifiers: z.array(z.object({ type: z.string(), value: z.string() })),
  authorizations: z.array(z.string()).max(100),
  finalize: z.string(),
  certificate: z.string().optional(),
  error: z.unknown().optional(),
});
const challenge = z.object({
  type: z.string(),
  url: z.string(),
  status: z.enum(["pending", "processing", "valid", "invalid"]),
  token: z.string().optional(),
  error: z.unknown().optional(),
});
const authorization = z.object({
  status: z.enum(["pending", "valid", "invalid", "deactivated", "expired", "revoked"]),
  identifier: z.object({ type: z.string(), value: z.string() }),
  challenges: z.array(challenge),
});
const renewal = z.object({ suggestedWindow: z.object({ start: z.iso.datetime(), end: z.iso.datetime() }) });

export type Directory = z.output<typeof directory>;
export type Order = z.output<typeof order>;
export type Authorization = z.output<typeof authorization>;
export type Challenge = z.output<typeof challenge>;

/** What was read, and how long to wait before it is read again, in ms. */
export interface Read<T> {
  readonly value: T;
  readonly retryAfter: number | undefined;
}

export interface AccountKey {
  readonly key: CryptoKey;
  readonly jwk: JWK;
}

export interface Registration {
  readonly email: string | undefined;
  readonly agreeTerms: boolean;
  readonly externalAccount: ExternalAccount | undefined;
}

export class Authority {
  #account: string | undefined;

  private constructor(
    readonly connection: AcmeConnection,
    readonly directory: Directory,
    readonly key: AccountKey,
  ) {}

  /** Reads the directory. @throws {AcmeError} */
  static async at(url: string, connection: AcmeConnection, key: AccountKey): Promise<Authority> {
    const found = parse(directory, await connection.get(url));
    connection.newNonce = found.newNonce;
    return new Authority(connection, found, key);
  }

  /** The URL of the account that orders are made with; undefined: none so far. */
  get account(): string | undefined {
    return this.#account;
  }

  /** Takes an account that was registered before. @returns false: the authority does not know it any more @throws {AcmeError} */
  async useAccount(url: string): Promise<boolean> {
    try {
      await this.connection.post(url, undefined, { ...this.key, account: url });
    } catch (error) {
      if (error instanceof AcmeError && error.type === "accountDoesNotExist") return false;
      throw error;
    }
    this.#account = url;
    return true;
  }

  /** Tells a new address (RFC 8555 §7.3.2). @throws {AcmeError} */
  async setContact(email: string | undefined): Promise<void> {
    await this.#post(this.#account ?? "", { contact: contact(email) });
  }

  /** Makes an account of the key, or finds the one it has (RFC 8555 §7.3). @returns its URL @throws {AcmeError} */
  async register({ email, agreeTerms, externalAccount }: Registration): Promise<string> {
    const { newAccount, meta } = this.directory;
    if (meta?.termsOfService !== undefined && !agreeTerms) {
      throw new AcmeError(
        `the authority's terms must be agreed to: read ${meta.termsOfService} and set tls.acme.agreeTerms`,
      );
    }
    if (meta?.externalAccountRequired && !externalAccount) {
      throw new AcmeError("the authority wants tls.acme.externalAccount, which it gives its customers");
    }
    const { location } = await this.connection.post(newAccount, {
      contact: contact(email),
      ...(agreeTerms && { termsOfServiceAgreed: true }),
      ...(externalAccount && {
        externalAccountBinding: await externalBinding(this.key.jwk, newAccount, externalAccount),
      }),
    }, this.key);
    if (location === undefined) throw new AcmeError("the authority gave the account no URL");
    return this.#account = location;
  }

  /** Orders a certificate for one name (RFC 8555 §7.4). `replaces`: the one it follows (RFC 9773 §5). @throws {AcmeError} */
  async newOrder(name: string, replaces?: string): Promise<{ url: string; order: Order }> {
    const payload = { identifiers: [{ type: "dns", value: name }], ...(replaces !== undefined && { replaces }) };
    const answer = await this.#post(this.directory.newOrder, payload);
    if (answer.location === undefined) throw new AcmeError("the authority gave the order no URL");
    return { url: answer.location, order: parse(order, answer) };
  }

  order(url: string): Promise<Read<Order>> {
    return this.#read(order, url);
  }

  authorization(url: string): Promise<Read<Authorization>> {
    return this.#read(authorization, url);
  }

  /** Tells that the answer to a challenge is in place (RFC 8555 §7.5.1). @throws {AcmeError} */
  async respond(url: string): Promise<void> {
    await this.#post(url, {});
  }

  /** @param request DER @throws {AcmeError} */
  async finalize(url: string, request: ArrayBuffer): Promise<Read<Order>> {
    const csr = new Uint8Array(request).toBase64({ alphabet: "base64url", omitPadding: true });
    const answer = await this.#post(url, { csr });
    return { value: parse(order, answer), retryAfter: answer.retryAfter };
  }

  /** The chain as PEM text (RFC 8555 §7.4.2). @throws {AcmeError} */
  async certificate(url: string): Promise<string> {
    return (await this.#post(url, undefined)).text;
  }

  /**
   * When the authority would like to see a certificate renewed, in ms since 1970 (RFC 9773 §4.2). @throws {AcmeError}
   * @returns undefined: it does not say
   */
  async renewalWindow(id: string): Promise<Read<{ start: number; end: number }> | undefined> {
    const { renewalInfo } = this.directory;
    if (renewalInfo === undefined) return undefined;
    const answer = await this.connection.get(`${renewalInfo}/${id}`);
    const { suggestedWindow: { start, end } } = parse(renewal, answer);
    return { value: { start: Date.parse(start), end: Date.parse(end) }, retryAfter: answer.retryAfter };
  }

  async #read<T>(shape: z.ZodType<T>, url: string): Promise<Read<T>> {
    const answer = await this.#post(url, undefined);
    return { value: parse(shape, answer), retryAfter: answer.retryAfter };
  }

  #post(url: string, payload: unknown): Promise<Answer> {
    const account = this.#account;
    if (account === undefined) throw new TypeError("there is no account yet");
    return this.connection.post(url, payload, { ...this.key, account });
  }
}

function contact(email: string | undefined): string[] {
  return email === undefined ? [] : [`mailto:${email}`];
}

function parse<T>(shape: z.ZodType<T>, { text }: Answer): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AcmeError("the authority's answer is not JSON");
  }
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AcmeError(`the authority's answer is wrong at ${issue.path.join(".") || "its root"}: ${issue.message}`);
}

/** Why an order or a challenge failed, as an error. */
export function failure(what: string, problem: unknown): AcmeError {
  const { type, detail } = describeProblem(problem);
  return new AcmeError(detail === "" ? what : `${what}: ${detail}`, { type });
}
