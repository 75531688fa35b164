/**
 * SCRAM (RFC 5802, RFC 7677), server side, with channel binding (RFC 5929, RFC 9266) and without. The password never crosses
 * the wire, the server proves that it knows the secret too, and where the channel is bound, that nobody sits in between.
 *
 * A failed exchange ends with the command's NO and without a server-error message, which RFC 5802 §5.1 (e) leaves to the
 * server: clients answer that message with an abort, and so never see why they were refused.
 */
import { randomBytes } from "node:crypto";
import type { Gate } from "./gate.ts";
import { type ClientFirst, fault, parseClientFinal, parseClientFirst } from "./scrammessages.ts";
import { base64, digest, equalBytes, fromBase64, hmac, type ScramHash, unpackScramSecret } from "./secrets.ts";
import { type BindingType, type Candidate, malformed, type Mechanism, messageText } from "./types.ts";
import type { SaslStep, Subject } from "./types.ts";

export interface ScramOptions {
  readonly hash: ScramHash;
  /** The -PLUS variant: the channel is bound. */
  readonly plus: boolean;
  /** The server's half of the nonce; a fixed one only in tests. */
  readonly serverNonce?: string;
}

interface State {
  readonly first: ClientFirst;
  readonly serverFirst: string;
  readonly nonce: string;
  readonly subject: Subject;
  /** What the client's `c` attribute has to be, in base64. */
  readonly binding: string;
}

const utf8 = new TextEncoder();

export function scramMechanism(
  gate: Gate,
  { hash, plus, serverNonce = base64(randomBytes(18)) }: ScramOptions,
): Mechanism {
  let state: State | undefined;

  async function begin(text: string): Promise<SaslStep> {
    const first = parseClientFirst(text);
    gate.named(first.user);
    const data = bindingData(gate, first, plus);
    await gate.admit();
    const subject = await gate.subject(first.user, hash.secret);
    const { salt, iterations } = unpackScramSecret(subject.candidates[0].secret);
    const nonce = first.nonce + serverNonce;
    const serverFirst = `r=${nonce},s=${base64(salt)},i=${iterations}`;
    const binding = base64(Uint8Array.of(...utf8.encode(first.gs2Header), ...data));
    state = { first, serverFirst, nonce, subject, binding };
    return { done: false, challenge: utf8.encode(serverFirst) };
  }

  async function finish({ first, serverFirst, nonce, subject, binding }: State, text: string): Promise<SaslStep> {
    const final = parseClientFinal(text);
    if (final.nonce !== nonce) throw fault("other-error");
    const proof = fromBase64(final.proof);
    if (proof.length !== hash.size) throw fault("invalid-encoding");
    const bound = equalBytes(utf8.encode(final.binding), utf8.encode(binding));
    const authMessage = `${first.bare},${serverFirst},${final.withoutProof}`;
    await gate.admit();
    const used = proven(hash, subject.candidates, authMessage, proof);
    // Whoever relays the exchange between two channels cannot mend this: a proof covers the channel that its maker sees.
    if (!bound) {
      throw await gate.failed("SCRAM channel-bindings-dont-match: this is not the TLS connection you see.", "binding");
    }
    const login = await gate.finish(subject, used?.candidate, first.authzid);
    const signature = used && hmac(hash, used.serverKey, authMessage);
    return { done: true, login, data: signature && utf8.encode(`v=${base64(signature)}`) };
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

/**
 * What the client has to show behind the GS2 header (RFC 5802 §6); nothing where it does not bind.
 * @throws {AuthError} malformed; binding, where it cannot or must not go on so
 */
function bindingData(gate: Gate, { flag, bindingType }: ClientFirst, plus: boolean): Uint8Array {
  const bindings: readonly BindingType[] = gate.client.tls?.bindings ?? [];
  if (flag === "y" && bindings.length > 0) {
    // It was offered, and the client did not see the offer: somebody took it away.
    throw gate.error(
      "binding",
      "SCRAM server-does-support-channel-binding: the list of mechanisms was changed on its way.",
    );
  }
  if (plus && flag !== "p") throw fault("other-error");
  if (flag !== "p") return new Uint8Array();
  // Cyrus SASL binds, and calls the mechanism by its name without -PLUS; what counts is the flag (RFC 5802 §6).
  if (bindings.length === 0) throw fault("channel-binding-not-supported");
  const type = bindings.find((known) => known === bindingType);
  const data = type && gate.client.tls?.binding(type);
  if (data === undefined) throw gate.error("binding", "SCRAM unsupported-channel-binding-type");
  return data;
}

/** The candidate whose key the proof was made with; each is tried. */
function proven(hash: ScramHash, candidates: readonly Candidate[], authMessage: string, proof: Uint8Array) {
  let proven: { candidate: Candidate; serverKey: Uint8Array } | undefined;
  for (const candidate of candidates) {
    const { storedKey, serverKey } = unpackScramSecret(candidate.secret);
    // ClientKey = ClientProof XOR ClientSignature, and its hash is what is stored (RFC 5802 §3).
    const clientKey = hmac(hash, storedKey, authMessage).map((byte, at) => byte ^ proof[at]);
    if (equalBytes(digest(hash, clientKey), storedKey) && candidate.admits) proven = { candidate, serverKey };
  }
  return proven;
}
