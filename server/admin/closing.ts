/** Accounts that are closed, opened again, and gone: `roost account disable|enable|remove|restore|purge`. */
import type { Config } from "../config/schema.ts";
import type { Account } from "../../store/store.ts";
import { purgeRemoved } from "../upkeep/removed.ts";
import { findAccount, withStore } from "./data.ts";
import { endSessions } from "./ending.ts";
import { AdminError } from "./errors.ts";
import { timeText } from "./table.ts";

/** Sessions end at once. */
export async function accountDisable(
  config: string | undefined,
  address: string,
  options: { message: string },
): Promise<void> {
  // It becomes the text of a NO response, which is one line (RFC 9051 §9 resp-text).
  if (options.message === "" || /\p{C}/u.test(options.message)) {
    throw new AdminError("the message must be one line of text", 2);
  }
  await withStore(config, async (store, config) => {
    const account = await findAccount(store, address);
    await store.directory.setDisabled(account.id, options.message);
    await endSessions(config, [account]);
  });
}

export async function accountEnable(config: string | undefined, address: string): Promise<void> {
  await withStore(config, async (store) => {
    const { id } = await findAccount(store, address);
    await store.directory.setDisabled(id, null);
    const disabled = (await store.directory.get(id))?.disabled;
    if (disabled) console.error(`roost: note: logins are still refused: ${disabled}`);
  });
}

/** Closes it at once; with `now` it is also gone at once. Its addresses stay its own until it is gone. */
export async function accountRemove(
  config: string | undefined,
  address: string,
  { yes, now }: { yes?: boolean; now?: boolean },
): Promise<void> {
  await withStore(config, async (store, config) => {
    const account = await findAccount(store, address);
    if (account.removed !== null && !now) {
      throw new AdminError(`${account.address} is removed already, and gone at ${goneAt(account, config)}`);
    }
    const question = `Remove ${account.address} and all its mail${now ? ", for good" : ""}?`;
    if (!yes && Deno.stdin.isTerminal() && !confirm(question)) throw new AdminError("nothing was removed");
    await store.directory.setRemoved(account.id, account.removed ?? Math.floor(Date.now() / 1000));
    await endSessions(config, [account]);
    if (now) await store.directory.remove(account.id);
  });
}

/** When a removed account is gone; "" for others. */
export function goneAt({ removed }: Account, { accounts }: Pick<Config, "accounts">): string {
  return removed === null ? "" : timeText(removed + accounts.removeAfter);
}

export async function accountRestore(config: string | undefined, address: string): Promise<void> {
  await withStore(config, async (store) => {
    const account = await findAccount(store, address);
    if (account.removed === null) throw new AdminError(`${account.address} is not removed`);
    await store.directory.setRemoved(account.id, null);
  });
}

/** Those whose time is over, as the running server does every hour. */
export async function accountPurge(config: string | undefined): Promise<void> {
  await withStore(config, async ({ directory }, { accounts }) => {
    for (const { address } of await purgeRemoved(directory, accounts.removeAfter)) console.log(`${address} is gone`);
  });
}
