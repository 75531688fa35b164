/** What a login is made of, as the server sees it. */
import type { Account } from "../store/store.ts";

export interface Client {
  /** IP address without port; "local" for stdio and memory, which nobody can reach from outside. */
  readonly remote: string;
  readonly secure: boolean;
}

export type AuthFault =
  | "credentials" // no such user or a wrong password: never told apart
  | "disabled" // the password was right, the account is closed
  | "throttled" // too many failures from this client's address
  | "malformed" // the exchange broke the mechanism's grammar
  | "temporary"; // the directory cannot be read just now

/** Why a login was refused. The message is safe to tell the client. */
export class AuthError extends Error {
  override readonly name = "AuthError";
  constructor(readonly kind: AuthFault, message: string) {
    super(message);
  }
}

export type SaslStep =
  | { readonly done: false; readonly challenge: Uint8Array }
  /** `data`: what the server has yet to send before the outcome (SCRAM's server-final-message). */
  | { readonly done: true; readonly account: Account; readonly data?: Uint8Array };

/** One run of a SASL mechanism (RFC 4422 §3), server side. */
export interface SaslExchange {
  /**
   * Takes the client's data of this step, decoded from base64; undefined where no initial response was sent.
   * @throws {AuthError} The exchange is over then.
   */
  next(data: Uint8Array | undefined): Promise<SaslStep>;
}

/** An account, or the pretence of one, with its secret for a mechanism. */
export interface Subject {
  /** undefined: nobody of that name, or nobody with such a secret. Every check is made all the same, and fails. */
  readonly account: Account | undefined;
  readonly secret: string;
}

/** What a mechanism asks of the authenticator; one for each exchange. */
export interface Gate {
  /** @throws {AuthError} throttled */
  admit(): void;
  /** @throws {AuthError} temporary */
  subject(user: string, mechanism: SecretName): Promise<Subject>;
  /** Whether the password is the subject's. */
  matches(subject: Subject, password: string): Promise<boolean>;
  /** Counts a failure and, after the wait that is due, throws credentials. */
  fail(): Promise<never>;
  /** The account that is now logged in. @throws {AuthError} disabled, with the account's own text; credentials */
  accept(subject: Subject): Promise<Account>;
}

/** Keys of `Credentials`. */
export type SecretName = "scram-sha-256" | "scram-sha-1" | "cram-md5";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text of a client's message. @throws {AuthError} malformed, where it is not UTF-8 */
export function messageText(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw malformed("not UTF-8");
  }
}

export function malformed(what: string): AuthError {
  return new AuthError("malformed", `Authentication message: ${what}.`);
}
