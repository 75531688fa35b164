/** The client's messages of SCRAM (RFC 5802 §5, §7). */
import { parseGs2Header, saslName } from "./gs2.ts";
import { type AuthError, malformed } from "./types.ts";

/** Longest client nonce and longest message that is looked at, in characters. */
const MAX_NONCE = 512;
const MAX_MESSAGE = 8192;

export interface ClientFirst {
  /** "n": cannot bind; "y": could, and thinks that the server cannot; "p": binds. */
  readonly flag: "n" | "y" | "p";
  /** The channel binding type of "p". */
  readonly bindingType: string;
  /** `n,,` and the like, as sent: the client's last message repeats it. */
  readonly gs2Header: string;
  readonly authzid: string;
  readonly user: string;
  readonly nonce: string;
  /** client-first-message-bare, as sent. */
  readonly bare: string;
}

export interface ClientFinal {
  readonly binding: string;
  readonly nonce: string;
  readonly proof: string;
  readonly withoutProof: string;
}

/** @throws {AuthError} malformed; its text ends with the server-error-value of RFC 5802 §7 */
export function parseClientFirst(text: string): ClientFirst {
  if (text.length > MAX_MESSAGE) throw fault("other-error");
  const gs2 = parseGs2Header(text);
  if (gs2 === undefined) throw fault("other-error");
  const { flag, bindingType, header } = gs2;
  const bare = text.slice(header.length);
  const [name, nonce] = bare.split(",");
  if (name.startsWith("m=")) throw fault("extensions-not-supported");
  if (!name.startsWith("n=") || !nonce?.startsWith("r=")) throw fault("other-error");
  if (!isNonce(nonce.slice(2)) || nonce.length > MAX_NONCE) throw fault("other-error");
  const [user, authzid] = [saslName(name.slice(2)), saslName(gs2.authzid)];
  if (!user || authzid === undefined) throw fault("invalid-username-encoding");
  return { flag, bindingType, gs2Header: header, authzid, user, nonce: nonce.slice(2), bare };
}

/** @throws {AuthError} malformed, as `parseClientFirst` */
export function parseClientFinal(text: string): ClientFinal {
  if (text.length > MAX_MESSAGE) throw fault("other-error");
  const fields = text.split(",");
  const proof = fields[fields.length - 1];
  if (fields.length < 3 || !fields[0].startsWith("c=") || !fields[1].startsWith("r=") || !proof.startsWith("p=")) {
    throw fault("other-error");
  }
  return {
    binding: fields[0].slice(2),
    nonce: fields[1].slice(2),
    proof: proof.slice(2),
    withoutProof: text.slice(0, text.length - proof.length - 1),
  };
}

function isNonce(text: string): boolean {
  return /^[\x21-\x2b\x2d-\x7e]+$/.test(text);
}

export function fault(error: string): AuthError {
  return malformed(`SCRAM ${error}`);
}
