/** Syncs from a port on loopback into accounts of a store in memory of the test. */
import assert from "node:assert/strict";
import { verifyStore } from "../../store/sqlite/verify.ts";
import { syncAccount, type Synced, type SyncOptions } from "../../server/sync/account.ts";
import { Connection } from "../../server/sync/connection.ts";
import { parseSourceAddress } from "../../server/sync/url.ts";
import { type Account, mailTest } from "../store/mailsupport.ts";
import { Dovecot, hasDovecot } from "./dovecot.ts";

export interface Outcome extends Synced {
  /** A line each: `skipped: place: why`, `note: place: what`, `lost`. */
  readonly told: string[];
}

export const OPTIONS: SyncOptions = {
  maxSize: 50_000_000,
  maxKeywords: 1000,
  keepUids: false,
  keepDeleted: false,
  deleteMailboxes: false,
};

/** One run of `account`'s mail with what is on that port. */
export async function sync(
  { store, account }: Pick<Account, "store" | "account">,
  port: number,
  options: Partial<SyncOptions> = {},
  user = "tester",
): Promise<Outcome> {
  const told: string[] = [];
  const address = parseSourceAddress(`imap://${user}@127.0.0.1:${port}`);
  const settings = { password: "secret", insecure: true, retryMs: [1, 1, 1, 1, 1] };
  const connection = new Connection(address, settings, () => told.push("lost"));
  try {
    const report = {
      skipped: (place: string, why: string) => void told.push(`skipped: ${place}: ${why}`),
      noted: (place: string, what: string) => void told.push(`note: ${place}: ${what}`),
      begin: () => {},
      progress: () => {},
    };
    const mail = store.mail(account);
    const synced = await syncAccount(connection, mail, store.mirrors(account), { ...OPTIONS, ...options }, report);
    return { ...synced, told };
  } finally {
    await connection.close();
  }
}

/** A test with a new account and a Dovecot; left out where there is none. */
export function dovecotTest(
  title: string,
  body: (t: Account & { dovecot: Dovecot; sync(options?: Partial<SyncOptions>): Promise<Outcome> }) => Promise<void>,
  settings = "",
): void {
  if (!hasDovecot) return Deno.test.ignore(title, () => {});
  mailTest(title, async (account) => {
    await using dovecot = await Dovecot.start(settings);
    await body({ ...account, dovecot, sync: (options) => sync(account, dovecot.port, options) });
    const faults: unknown[] = [];
    await verifyStore(account.dataDir, (fault) => faults.push(fault));
    assert.deepEqual(faults, []);
  });
}
