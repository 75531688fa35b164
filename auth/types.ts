/** What a login is made of, as the server sees it. */
import type { Account, AppPassword } from "../store/store.ts";
import type { AccountId } from "../store/types.ts";

/** Channel binding types (RFC 5929, RFC 9266). */
export type BindingType = "tls-exporter" | "tls-unique" | "tls-server-end-point";

/** What a TLS handshake agreed on. */
export interface TlsFacts {
  /** "TLSv1.3" or "TLSv1.2". */
  readonly version: string;
  /** OpenSSL's or the standard's name, as "TLS_AES_256_GCM_SHA384". */
  readonly cipher: string;
  /** An earlier session was taken up again. */
  readonly resumed: boolean;
  /** The name that the client asked for (SNI). */
  readonly serverName?: string;
  readonly alpn?: string;
  /** The public key of the client's certificate: SHA-256 of its SubjectPublicKeyInfo (DER), lower-case hex. Its owner holds the private key. */
  readonly clientKey?: string;
  /** What can be bound to here, the preferred first; empty where the engine cannot. */
  readonly bindings: readonly BindingType[];
  /** The binding's data; undefined for what is not in `bindings`. */
  binding(type: BindingType): Uint8Array | undefined;
}

/** What a credential may be used for. */
export type Scope = "imap" | "lmtp";

export interface Client {
  /** IP address without port; "local" for stdio and memory, which nobody can reach from outside. */
  readonly remote: string;
  readonly secure: boolean;
  readonly scope: Scope;
  readonly tls?: TlsFacts;
}

export type AuthFault =
  | "credentials" // no such user, a wrong password, key or token: never told apart
  | "authorization" // the credential was right, the account that was asked for is another's
  | "binding" // the channel is not the one that the client sees: somebody is in between, or it fears so
  | "disabled" // the credential was right, the account is closed
  | "throttled" // too many failures from this client's address
  | "malformed" // the exchange broke the mechanism's grammar
  | "aborted" // the client gave up
  | "temporary"; // the directory, or whoever knows about tokens, cannot be asked just now

/** Whom somebody tried to log in as. */
export interface Tried {
  /** The name as the client gave it; undefined: it gave none so far. */
  readonly user?: string;
  /** The account of that name, or of the key or token. */
  readonly account?: AccountId;
}

/** Why a login was refused. The message is safe to tell the client. */
export class AuthError extends Error implements Tried {
  override readonly name = "AuthError";
  readonly user?: string;
  readonly account?: AccountId;
  /** @param tried with the failure that had come before, where the client gave up on hearing of it */
  constructor(readonly kind: AuthFault, message: string, tried: Tried & { readonly cause?: AuthError } = {}) {
    super(message, { cause: tried.cause });
    this.user = tried.user;
    this.account = tried.account;
  }
}

/** A login that succeeded. */
export interface Login {
  readonly account: Account;
  /** Name of the app password that was used; undefined: it was another credential. */
  readonly appPassword?: string;
}

export type SaslStep =
  /** `failure`: it has failed already, and the client has yet to hear why and to answer (RFC 7628 §3.2.3). */
  | { readonly done: false; readonly challenge: Uint8Array; readonly failure?: AuthError }
  /** `data`: what the server has yet to send before the outcome (SCRAM's server-final-message). */
  | { readonly done: true; readonly login: Login; readonly data?: Uint8Array };

/** A SASL mechanism's part of an exchange. */
export interface Mechanism {
  /**
   * Takes the client's data of this step, decoded from base64; undefined where no initial response was sent.
   * @throws {AuthError} The exchange is over then.
   */
  next(data: Uint8Array | undefined): Promise<SaslStep>;
}

/** One run of a SASL mechanism (RFC 4422 §3), server side. */
export interface SaslExchange extends Mechanism {
  readonly tried: Tried;
}

/** Keys of `Credentials`. */
export type SecretName = "scram-sha-256" | "scram-sha-1" | "cram-md5";

/** One secret that a client's answer is held against. */
export interface Candidate {
  readonly secret: string;
  /** false: it never lets anybody in, whatever the answer. */
  readonly admits: boolean;
  /** The app password that it is of; undefined: the main password. */
  readonly appPassword?: AppPassword;
}

/** An account, or the pretence of one, with its secrets for a mechanism. */
export interface Subject {
  /** undefined: nobody of that name. Every check is made all the same, and fails. */
  readonly account: Account | undefined;
  /** Never empty; the first one's salt is the one to show. */
  readonly candidates: readonly Candidate[];
}

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
