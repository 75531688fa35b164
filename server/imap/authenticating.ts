/** What LOGIN and AUTHENTICATE share: faults become answers (RFC 5530), results are counted and logged. */
import { getLogger } from "@logtape/logtape";
import { AuthError } from "../../auth/authenticator.ts";
import * as metrics from "../metrics.ts";
import type { Channel } from "./context.ts";
import { BadError, NoError } from "./errors.ts";

const log = getLogger(["roost", "auth"]);

const CODES = {
  credentials: "AUTHENTICATIONFAILED",
  disabled: "CONTACTADMIN",
  throttled: "LIMIT",
  malformed: undefined,
  temporary: "UNAVAILABLE",
} as const;

/** Runs a login. @throws {NoError} it was refused @throws {BadError} the client's message is malformed */
export async function authenticating<T>(mechanism: string, { remote }: Channel, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    metrics.loginDone(mechanism, "ok");
    return result;
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    metrics.loginDone(mechanism, error.kind);
    log.info("login failed", { mechanism, remote, reason: error.kind });
    if (error.kind === "malformed") throw new BadError(undefined, error.message);
    throw new NoError(CODES[error.kind], error.message);
  }
}
