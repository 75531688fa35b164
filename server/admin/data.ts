/** Opens what the subcommands work on: the configuration, the log and the store. */
import { join } from "node:path";
import type { Account, Store } from "../../store/store.ts";
import type { Config } from "../config/schema.ts";
import { loadConfig } from "../config/load.ts";
import { reason } from "../reason.ts";
import { setUpLog } from "../log.ts";
import { AdminError } from "./errors.ts";
import { openData } from "./open.ts";

/**
 * Runs `work` on the store, then closes it. The log shows warnings only: a person reads it.
 * @param create make the data directory where it is missing
 * @throws {AdminError} when there is no data
 */
export async function withStore<T>(
  configFile: string | undefined,
  work: (store: Store, config: Config) => Promise<T>,
  { create = false }: { create?: boolean } = {},
): Promise<T> {
  const { config } = loadConfig(configFile);
  await setUpLog(config.log, { least: "warning" });
  if (!create) requireData(config);
  const store = await openData(config);
  try {
    return await work(store, config);
  } finally {
    await store.close();
  }
}

/** @throws {AdminError} when no server and no command has made a store yet */
export function requireData(config: Config): void {
  try {
    Deno.statSync(join(config.dataDir, "directory.db"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new AdminError(`there is no data in ${config.dataDir}`);
    throw new AdminError(`the data in ${config.dataDir} cannot be opened: ${reason(error)}`);
  }
}

/** @throws {AdminError} when there is no such account */
export async function findAccount(store: Store, address: string): Promise<Account> {
  const account = await store.directory.find(address.normalize("NFC"));
  if (!account) throw new AdminError(`there is no account ${address}`);
  return account;
}
