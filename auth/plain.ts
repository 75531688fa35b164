/** PLAIN (RFC 4616) and LOGIN (draft-murchison-sasl-login), server side. Where they may be used at all is the server's to say. */
import type { Gate } from "./gate.ts";
import { type Login, malformed, type Mechanism, messageText, type SaslStep } from "./types.ts";

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

/** A login by name and password. @throws {AuthError} credentials, authorization, disabled, throttled, temporary */
export async function passwordLogin(gate: Gate, { authzid, authcid, password }: PlainMessage): Promise<Login> {
  await gate.admit();
  const subject = await gate.subject(authcid, "scram-sha-256");
  return await gate.finish(subject, await gate.matching(subject, password), authzid);
}

export function plainMechanism(gate: Gate): Mechanism {
  return {
    async next(data): Promise<SaslStep> {
      if (data === undefined) return { done: false, challenge: new Uint8Array() };
      return { done: true, login: await passwordLogin(gate, parsePlain(data)) };
    },
  };
}

/** Clients go by the order of the questions; the few that look at them know these words. */
const USER_NAME = new TextEncoder().encode("Username:");
const PASSWORD = new TextEncoder().encode("Password:");

export function loginMechanism(gate: Gate): Mechanism {
  let user: string | undefined;
  return {
    async next(data): Promise<SaslStep> {
      if (user !== undefined) {
        const message = { authzid: "", authcid: user, password: loginText(data) };
        return { done: true, login: await passwordLogin(gate, message) };
      }
      // Some clients send the name as initial response.
      if (data === undefined) return { done: false, challenge: USER_NAME };
      const name = loginText(data);
      if (name === "") throw malformed("the user name is empty");
      user = name;
      return { done: false, challenge: PASSWORD };
    },
  };
}

function loginText(data: Uint8Array = new Uint8Array()): string {
  const text = messageText(data);
  if (text.includes("\0")) throw malformed("there is a NUL in it");
  return text;
}
