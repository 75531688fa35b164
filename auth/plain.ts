/** PLAIN (RFC 4616), server side. Where it may be used at all is the server's to say. */
import type { Gate, SaslExchange, SaslStep } from "./types.ts";
import { malformed, messageText } from "./types.ts";

export interface PlainMessage {
  readonly authzid: string;
  readonly authcid: string;
  readonly password: string;
}

/** `[authzid] NUL authcid NUL passwd`. @throws {AuthError} malformed */
export function parsePlain(data: Uint8Array): PlainMessage {
  const parts = messageText(data).split("\0");
  if (parts.length !== 3) throw malformed("two NULs were expected");
  const [authzid, authcid, password] = parts;
  if (authcid === "") throw malformed("the user name is empty");
  return { authzid, authcid, password };
}

export function plainExchange(gate: Gate): SaslExchange {
  return {
    async next(data): Promise<SaslStep> {
      if (data === undefined) return { done: false, challenge: new Uint8Array() };
      const { authzid, authcid, password } = parsePlain(data);
      gate.admit();
      const subject = await gate.subject(authcid, "scram-sha-256");
      const right = await gate.matches(subject, password);
      // Nobody acts for another; asking is answered as a wrong password is, after the same work.
      if (!right || (authzid !== "" && !sameName(authzid, authcid))) return await gate.fail();
      return { done: true, account: await gate.accept(subject) };
    },
  };
}

function sameName(a: string, b: string): boolean {
  return a.normalize("NFC").toLowerCase() === b.normalize("NFC").toLowerCase();
}
