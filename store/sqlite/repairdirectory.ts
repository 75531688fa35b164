/** Mends directory.db: what belongs to nobody goes, and every account can log in by its address. */
import { join } from "node:path";
import { domainOf, foldAddress } from "./directoryaddress.ts";
import { openPatiently } from "./directorydatabase.ts";
import { storeFault } from "./errors.ts";

const ACCOUNTS = "SELECT id, address FROM account";
const LOGINS = "SELECT name, account_id, shown, domain FROM login";
const FORGET_LOGIN = "DELETE FROM login WHERE name = ?";
const ADD_LOGIN = "INSERT OR IGNORE INTO login (name, account_id, shown, domain) VALUES (?, ?, ?, ?)";
const BELONGINGS = [
  ...["credential", "app_password", "client_key"].map((table) => [table, "account_id"]),
  ["acl", "owner_id"],
].map(([table, owner]) => `DELETE FROM ${table} WHERE ${owner} NOT IN (SELECT id FROM account)`);
const ATTEMPTS = "DELETE FROM attempt WHERE account_id <> 0 AND account_id NOT IN (SELECT id FROM account)";
const REMOVALS = "DELETE FROM removal WHERE account_id IN (SELECT id FROM account)";

/** @returns all accounts @throws {StoreError} inuse, diskfull */
export function repairDirectory(dataDir: string): { readonly id: number; readonly address: string }[] {
  const db = openPatiently(join(dataDir, "directory.db"));
  try {
    return db.write("full", () => {
      const accounts = new Map(db.rows<[number, string]>(ACCOUNTS));
      for (const [name, account, shown, domain] of db.rows<[string, number, string, string]>(LOGINS)) {
        const folded = foldAddress(name);
        if (accounts.has(account) && folded === name) continue;
        db.run(FORGET_LOGIN, name);
        if (accounts.has(account)) db.run(ADD_LOGIN, folded, account, shown, domain);
      }
      for (const [id, address] of accounts) db.run(ADD_LOGIN, foldAddress(address), id, address, domainOf(address));
      for (const text of [...BELONGINGS, ATTEMPTS, REMOVALS]) db.run(text);
      return [...accounts].map(([id, address]) => ({ id, address }));
    });
  } catch (error) {
    throw storeFault(error);
  } finally {
    db.close();
  }
}
