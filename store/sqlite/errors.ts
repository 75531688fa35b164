/** Faults of SQLite and of the file system, in the store's own words. */
import { StoreError } from "../types.ts";

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_FULL = 13;
const SQLITE_IOERR_SHMSIZE = 4874;

/** The primary result code of a node:sqlite error, 0 for anything else. */
function resultCode(error: unknown): number {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code : 0;
}

/** Another connection holds a lock that we need. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error) & 0xff;
  return code === SQLITE_BUSY || code === SQLITE_LOCKED;
}

function isFull(error: unknown): boolean {
  const code = resultCode(error);
  if ((code & 0xff) === SQLITE_FULL || code === SQLITE_IOERR_SHMSIZE) return true;
  const name = (error as { code?: unknown } | null)?.code;
  return name === "ENOSPC" || name === "EDQUOT";
}

/** The StoreError that stands for `error`, or `error` itself where it is none that callers should know of. */
export function storeFault(error: unknown): unknown {
  if (error instanceof StoreError) return error;
  if (isFull(error)) return new StoreError("diskfull", "there is no space left");
  if (isBusy(error)) return new StoreError("inuse", "the account is locked by another process");
  return error;
}
