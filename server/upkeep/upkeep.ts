/**
 * What the server does by itself, off everybody's way: retention, removing for good what was expunged long ago, quota warnings.
 *
 * One account at a time, with pauses as long as the work took, so that sessions hardly notice; an account that fails is logged
 * and passed over.
 */
import { getLogger } from "@logtape/logtape";
import type { Account, Store } from "../../store/store.ts";
import { StoreError } from "../../store/types.ts";
import type { Config } from "../config/schema.ts";
import type { JunkTraining } from "../junk/training.ts";
import { QuotaWarnings } from "./quotawarnings.ts";
import { purgeRemoved } from "./removed.ts";
import { retain } from "./retention.ts";

const log = getLogger(["roost", "upkeep"]);

/** From the end of a round to the next one, in ms. */
const EVERY = 3_600_000;
/** The first round lets clients come back first. */
const FIRST = 60_000;
const LEAST_PAUSE = 5;

export type UpkeepConfig = Pick<Config, "accounts" | "retention" | "quotaWarnings" | "hostname">;

/** Who else looks at accounts in each round. */
export interface Workers {
  readonly warnings: QuotaWarnings;
  readonly junk?: JunkTraining;
}

/** Begins, and goes on until `signal` is aborted. */
export function startUpkeep(store: Store, config: UpkeepConfig, signal: AbortSignal, junk?: JunkTraining): void {
  const warnings = new QuotaWarnings(store, config);
  const stopListening = warnings.listen();
  signal.addEventListener("abort", stopListening, { once: true });
  const run = async () => {
    for (let wait = FIRST; await pause(wait, signal); wait = EVERY) {
      await upkeepRound(store, config, { warnings, junk }, signal);
    }
  };
  run().catch((error) => log.error("upkeep ended: {error}", { error }));
}

/** All accounts once; those that were removed long ago are then gone. */
export async function upkeepRound(
  store: Store,
  config: UpkeepConfig,
  workers: Workers,
  signal: AbortSignal,
): Promise<void> {
  await purgeRemoved(store.directory, config.accounts.removeAfter);
  for (const account of await store.directory.list()) {
    const start = performance.now();
    await upkeepAccount(store, config, workers, account);
    if (!await pause(Math.max(LEAST_PAUSE, performance.now() - start), signal)) return;
  }
}

async function upkeepAccount(
  store: Store,
  config: UpkeepConfig,
  { warnings, junk }: Workers,
  account: Account,
): Promise<void> {
  try {
    await retain(store, account, config.retention);
    await store.upkeep(account.id).purge();
    await warnings.look(account.id);
    await junk?.look(account.id);
  } catch (error) {
    // It was removed meanwhile.
    if (error instanceof StoreError && error.fault === "nonexistent") return;
    log.error("upkeep of an account failed: {error}", { account: account.address, error });
  }
}

/** @returns false when `signal` came first */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const stop = () => resolve(false);
  const timer = setTimeout(() => resolve(true), ms);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
