/** What a client is told when the store refuses (RFC 5530, RFC 9051 §7.1). */
import { type StoreError, type StoreFault } from "../../store/mod.ts";
import { NoError } from "./errors.ts";

const CODES: Readonly<Record<StoreFault, string>> = {
  nonexistent: "NONEXISTENT",
  expunged: "EXPUNGEISSUED",
  alreadyexists: "ALREADYEXISTS",
  haschildren: "HASCHILDREN",
  cannot: "CANNOT",
  overquota: "OVERQUOTA",
  limit: "LIMIT",
  toomany: "METADATA TOOMANY",
  toolarge: "METADATA MAXSIZE",
  useattr: "USEATTR",
  diskfull: "UNAVAILABLE",
  inuse: "INUSE",
};

export function asNo(error: StoreError): NoError {
  const code = CODES[error.fault];
  return new NoError(error.most === undefined ? code : `${code} ${error.most}`, error.message);
}

/** For commands that name a destination: a missing one asks the client to CREATE it (RFC 9051 §7.1 TRYCREATE). */
export async function orTryCreate<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isFault(error, "nonexistent")) throw new NoError("TRYCREATE", "there is no such mailbox");
    throw error;
  }
}

/** The store refused for this reason. */
export function isFault(error: unknown, fault: StoreFault): boolean {
  return error instanceof Error && error.name === "StoreError" && (error as StoreError).fault === fault;
}
