/**
 * Checks every promise of the store without changing anything. Each database is looked at as it is at one moment, so a server
 * may be running.
 */
import { join } from "node:path";
import { foldAddress } from "./directoryaddress.ts";
import { DIRECTORY_STEPS } from "./directoryschema.ts";
import { verifyAccount } from "./verifyaccount.ts";
import { exists, namesIn, type Report, Snapshot, type StoreFaultReport } from "./verifyreport.ts";
import { verifyAcl } from "./verifyshared.ts";

/** What belongs to accounts; attempts of account 0 are nobody's. */
const BELONGINGS = `SELECT DISTINCT 'credentials' AS what, account_id FROM credential
  UNION SELECT 'app passwords', account_id FROM app_password
  UNION SELECT 'client keys', account_id FROM client_key
  UNION SELECT 'login attempts', account_id FROM attempt WHERE account_id <> 0`;

export type { StoreFaultReport } from "./verifyreport.ts";

export interface Verified {
  readonly accounts: number;
  readonly mailboxes: number;
  readonly messages: number;
  readonly faults: number;
}

/**
 * @param report is called for each fault as it is found, and for leftovers that are none (`note`)
 * @param only this account, by its address; the directory is looked at all the same
 * @throws {Deno.errors.NotFound} where there is no store
 */
export async function verifyStore(dataDir: string, report: Report, only?: string): Promise<Verified> {
  const file = join(dataDir, "directory.db");
  if (!exists(file)) throw new Deno.errors.NotFound(`there is no store in ${dataDir}`);
  let [mailboxes, messages, faults] = [0, 0, 0];
  const counted = (fault: StoreFaultReport) => {
    if (!fault.note) faults++;
    report(fault);
  };
  const all = readable(counted, () => verifyDirectory(dataDir, file, counted)) ?? [];
  const accounts = only === undefined
    ? all
    : all.filter(({ address }) => foldAddress(address) === foldAddress(only.normalize("NFC")));
  for (const { id, address } of accounts) {
    const here: Report = (fault) => {
      // An account that is being removed just now loses its files in any order.
      if (!isRemoved(file, id)) counted({ account: address, ...fault });
    };
    const found = readable(here, () => verifyAccount(join(dataDir, "accounts", String(id)), here));
    mailboxes += found?.mailboxes ?? 0;
    messages += found?.messages ?? 0;
    // Lets a long check be interrupted, and others in the process run.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return { accounts: accounts.length, mailboxes, messages, faults };
}

/** What cannot even be read is a fault, and the rest is checked all the same. */
function readable<T>(report: Report, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    report({ what: `cannot be read: ${error instanceof Error ? error.message : String(error)}` });
    return undefined;
  }
}

interface Account {
  readonly id: number;
  readonly address: string;
}

function verifyDirectory(dataDir: string, file: string, report: Report): readonly Account[] {
  using db = new Snapshot(file);
  for (const line of db.integrityFaults()) report({ what: `directory.db: ${line}` });
  const version = db.schemaVersion();
  if (version === undefined) return [];
  if (version !== DIRECTORY_STEPS.length) {
    report({ what: `directory.db has schema ${version}, this program knows ${DIRECTORY_STEPS.length}` });
    return [];
  }
  const accounts = db.rows<{ id: number; address: string }>("SELECT id, address FROM account ORDER BY id");
  const ids = new Set(accounts.map(({ id }) => id));
  const logins = new Map(
    db.rows<{ name: string; account_id: number }>("SELECT name, account_id FROM login").map((row) =>
      [row.name, row.account_id] as const
    ),
  );
  for (const { id, address } of accounts) {
    if (logins.get(foldAddress(address)) !== id) report({ account: address, what: "cannot log in by its address" });
  }
  for (const [name, account] of logins) {
    if (!ids.has(account)) report({ what: `the login name ${name} belongs to no account` });
    if (foldAddress(name) !== name) report({ what: `the login name ${name} is not folded` });
  }
  for (const { what, account_id } of db.rows<{ what: string; account_id: number }>(BELONGINGS)) {
    if (!ids.has(account_id)) report({ what: `${what} of account ${account_id}, which does not exist` });
  }
  verifyAcl(db, ids, report);
  const removals = db.rows<{ account_id: number }>("SELECT account_id FROM removal").map(({ account_id }) =>
    account_id
  );
  for (const id of removals) if (ids.has(id)) report({ what: `account ${id} exists and is to be removed` });
  for (const name of namesIn(join(dataDir, "accounts"))) {
    if (ids.has(Number(name)) || isAdded(file, Number(name))) continue;
    report({ what: `accounts/${name} belongs to no account`, note: true });
  }
  return accounts;
}

// The directory's snapshot may be older than what is found in its folders.

function isAdded(file: string, id: number): boolean {
  using now = new Snapshot(file);
  return Number.isSafeInteger(id) && now.row("SELECT 1 FROM account WHERE id = ?", id) !== undefined;
}

/** A directory that cannot be read excuses no fault. */
function isRemoved(file: string, id: number): boolean {
  try {
    return !isAdded(file, id);
  } catch {
    return false;
  }
}
