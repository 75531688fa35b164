/**
 * SCRAM (RFC 5802, RFC 7677), server side, without channel binding. The password never crosses the wire, and the server proves
 * that it knows the secret too.
 */
import { randomBytes } from "node:crypto";
import type { Gate, SaslExchange, SaslStep, Subject } from "./types.ts";
import { AuthError, malformed, messageText } from "./types.ts";
import { base64, digest, equalBytes, fromBase64, hmac, type ScramHash, unpackScramSecret } from "./secrets.ts";

/** Longest client nonce and longest message that is looked at, in characters. */
const MAX_NONCE = 512;
const MAX_MESSAGE = 8192;

export interface ClientFirst {
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
  const first = text.indexOf(",");
  const second = text.indexOf(",", first + 1);
  if (first < 0 || second < 0) throw fault("other-error");
  const flag = text.slice(0, first);
  // "p=" asks for channel binding, which no announced mechanism has (RFC 5802 §6).
  if (flag.startsWith("p=")) throw fault("channel-binding-not-supported");
  // "y": the client could bind and thinks that the server cannot, which is right.
  if (flag !== "n" && flag !== "y") throw fault("other-error");
  const authzid = text.slice(first + 1, second);
  if (authzid !== "" && !authzid.startsWith("a=")) throw fault("other-error");
  const bare = text.slice(second + 1);
  const [name, nonce] = bare.split(",");
  if (name.startsWith("m=")) throw fault("extensions-not-supported");
  if (!name.startsWith("n=") || !nonce?.startsWith("r=")) throw fault("other-error");
  if (!isNonce(nonce.slice(2)) || nonce.length > MAX_NONCE) throw fault("other-error");
  const user = saslName(name.slice(2));
  if (user === "") throw fault("invalid-username-encoding");
  return {
    gs2Header: text.slice(0, second + 1),
    authzid: authzid === "" ? "" : saslName(authzid.slice(2)),
    user,
    nonce: nonce.slice(2),
    bare,
  };
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

/** @param serverNonce the server's half of the nonce; a fixed one only in tests */
export function scramExchange(hash: ScramHash, gate: Gate, serverNonce = base64(randomBytes(18))): SaslExchange {
  let state: { first: ClientFirst; serverFirst: string; nonce: string; subject: Subject } | undefined;
  const utf8 = new TextEncoder();

  async function begin(text: string): Promise<SaslStep> {
    const first = parseClientFirst(text);
    gate.admit();
    const subject = await gate.subject(first.user, hash.secret);
    const { salt, iterations } = unpackScramSecret(subject.secret);
    const nonce = first.nonce + serverNonce;
    const serverFirst = `r=${nonce},s=${base64(salt)},i=${iterations}`;
    state = { first, serverFirst, nonce, subject };
    return { done: false, challenge: utf8.encode(serverFirst) };
  }

  async function finish({ first, serverFirst, nonce, subject }: NonNullable<typeof state>, text: string) {
    const final = parseClientFinal(text);
    if (final.binding !== base64(utf8.encode(first.gs2Header))) throw fault("channel-bindings-dont-match");
    if (final.nonce !== nonce) throw fault("other-error");
    const { storedKey, serverKey } = unpackScramSecret(subject.secret);
    const authMessage = `${first.bare},${serverFirst},${final.withoutProof}`;
    // ClientKey = ClientProof XOR ClientSignature, and its hash is what is stored (RFC 5802 §3).
    const proof = fromBase64(final.proof);
    if (proof.length !== hash.size) throw fault("invalid-encoding");
    const clientKey = hmac(hash, storedKey, authMessage).map((byte, at) => byte ^ proof[at]);
    gate.admit();
    const right = equalBytes(digest(hash, clientKey), storedKey);
    // Nobody acts for another.
    const own = first.authzid === "" || first.authzid.toLowerCase() === first.user.toLowerCase();
    if (!right || !own) return await gate.fail();
    const account = await gate.accept(subject);
    return { done: true as const, account, data: utf8.encode(`v=${base64(hmac(hash, serverKey, authMessage))}`) };
  }

  let over = false;
  return {
    async next(data): Promise<SaslStep> {
      // The client speaks first; without its initial response it is asked by an empty challenge (RFC 4422 §3).
      if (data === undefined && state === undefined) return { done: false, challenge: new Uint8Array() };
      if (over) throw malformed("the exchange is over");
      const text = messageText(data ?? new Uint8Array());
      if (state === undefined) return await begin(text);
      over = true;
      return await finish(state, text);
    },
  };
}

/** `=2C` is a comma and `=3D` an equals sign; no other escapes, no NUL (RFC 5802 §5.1). */
function saslName(text: string): string {
  if (/=(?!2C|3D)/.test(text) || text.includes("\0")) throw fault("invalid-username-encoding");
  return text.replaceAll("=2C", ",").replaceAll("=3D", "=").normalize("NFC");
}

function isNonce(text: string): boolean {
  return /^[\x21-\x2b\x2d-\x7e]+$/.test(text);
}

function fault(error: string): AuthError {
  return malformed(`SCRAM ${error}`);
}
