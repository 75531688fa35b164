/** Accounts that were removed: gone for good when their time is over. */
import { getLogger } from "@logtape/logtape";
import type { Account, Directory } from "../../store/store.ts";
import { StoreError } from "../../store/types.ts";

const log = getLogger(["roost", "upkeep"]);

/**
 * Removes for good what was removed at least `after` seconds ago; one that cannot be is logged.
 * @returns those that are gone
 */
export async function purgeRemoved(directory: Pick<Directory, "list" | "remove">, after: number): Promise<Account[]> {
  const removedBefore = Math.floor(Date.now() / 1000) - after;
  const gone: Account[] = [];
  for (const account of await directory.list()) {
    if (account.removed === null || account.removed > removedBefore) continue;
    try {
      await directory.remove(account.id, { removedBefore });
      gone.push(account);
      log.info("a removed account is gone", { account: account.address });
    } catch (error) {
      // It was restored, or another process did it.
      if (error instanceof StoreError && error.fault === "nonexistent") continue;
      log.error("a removed account could not be removed for good: {error}", { account: account.address, error });
    }
  }
  return gone;
}
