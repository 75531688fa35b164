/** Opens the store of a configuration. */
import { mkdir } from "node:fs/promises";
import type { Store } from "../../store/store.ts";
import { StoreError } from "../../store/types.ts";
import { openStore } from "../../store/sqlite/open.ts";
import type { Siblings } from "../../store/sqlite/bellsiblings.ts";
import type { Config } from "../config/schema.ts";
import { reason } from "../reason.ts";
import { AdminError } from "./errors.ts";

/**
 * The store of a configuration; its directory is made where it is missing, for the owner alone.
 * @param thread where several of this process open it: this one's part of the memory, and the way to the others
 * @throws {StoreError} {AdminError} it cannot be opened
 */
export async function openData(config: Config, thread?: { share: number; siblings?: Siblings }): Promise<Store> {
  try {
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
    return await openStore({
      dataDir: config.dataDir,
      durability: config.durability,
      quotaBytes: config.quota,
      quotaMessages: config.quotaMessages,
      keywords: config.limits.keywords,
      search: config.search,
      ...thread,
      keep: { seconds: config.undelete.time, bytes: config.undelete.size },
    });
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new AdminError(`the data in ${config.dataDir} cannot be opened: ${reason(error)}`);
  }
}
