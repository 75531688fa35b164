/** What LOGIN and AUTHENTICATE share: results are recorded, faults become answers (RFC 5530). */
import { AuthError, type AuthFault, type Login } from "../../auth/types.ts";
import type { Channel } from "./context.ts";
import { BadError, NoError } from "./errors.ts";

const CODES: Readonly<Record<Exclude<AuthFault, "malformed" | "aborted">, string>> = {
  credentials: "AUTHENTICATIONFAILED",
  authorization: "AUTHORIZATIONFAILED",
  binding: "AUTHENTICATIONFAILED",
  disabled: "CONTACTADMIN",
  throttled: "LIMIT",
  temporary: "UNAVAILABLE",
};

/**
 * Runs a login.
 * @param left what is recorded where another fault ends it: the connection went, or took too long
 * @throws {NoError} it was refused @throws {BadError} the client gave up, or its message is malformed
 */
export async function authenticating(
  mechanism: string,
  { attempts }: Channel,
  work: () => Promise<Login>,
  left: () => AuthError = () => new AuthError("aborted", "Authentication ended."),
): Promise<Login> {
  try {
    const login = await work();
    attempts.done(mechanism, login);
    return login;
  } catch (error) {
    if (!(error instanceof AuthError)) {
      attempts.done(mechanism, left());
      throw error;
    }
    // The answer is to the last line; what is recorded is what had come of the login before.
    attempts.done(mechanism, error.cause instanceof AuthError ? error.cause : error);
    const { kind, message } = error;
    if (kind === "malformed" || kind === "aborted") throw new BadError(undefined, message);
    throw new NoError(CODES[kind], message);
  }
}
