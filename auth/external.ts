/**
 * EXTERNAL (RFC 4422 appendix A), server side: the client has shown a key in the TLS handshake, and says whose account it
 * wants. It is offered to who shows a key, registered or not.
 */
import type { Gate } from "./gate.ts";
import { malformed, type Mechanism, messageText, type SaslStep } from "./types.ts";

export function externalMechanism(gate: Gate): Mechanism {
  return {
    async next(data): Promise<SaslStep> {
      if (data === undefined) return { done: false, challenge: new Uint8Array() };
      const authzid = messageText(data);
      if (authzid.includes("\0")) throw malformed("there is a NUL in it");
      await gate.admit();
      const holder = await gate.keyHolder(authzid);
      if (holder === undefined) throw await gate.failed();
      return { done: true, login: await gate.accept(holder.account, authzid, { clientKey: holder.key.fingerprint }) };
    },
  };
}
