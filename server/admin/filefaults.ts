/** Faults of files: the administrator's to mend, so one clear line and no stack. */
import { storeFault } from "../../store/sqlite/errors.ts";
import { StoreError } from "../../store/types.ts";
import { reason } from "../reason.ts";
import { AdminError } from "./errors.ts";

/** What the system or SQLite says of files: a full disk, no permission, something else of that name. */
function isFileFault(error: unknown): boolean {
  return error instanceof Error && ("code" in error || /\(os error \d+\)/.test(error.message));
}

/** @param then what is to be known or done after a fault @throws {AdminError} {StoreError} */
export async function fileFaults<T>(then: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const fault = storeFault(error);
    if (fault instanceof StoreError && fault.fault !== "diskfull") throw fault;
    if (fault instanceof StoreError || isFileFault(fault)) throw new AdminError(`${reason(fault)}; ${then}`);
    throw fault;
  }
}
