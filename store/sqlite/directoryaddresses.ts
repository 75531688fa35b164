/**
 * The addresses of accounts: each account's own, its aliases, and the domains whose other addresses are all its.
 *
 * Access control lists name accounts by address. When an address goes, what was granted to it becomes the account's own address's: nobody
 * who gets it later has any of that.
 */
import type { AccountAddress, Addresses } from "../store.ts";
import { type AccountId, StoreError } from "../types.ts";
import { renameIdentifier } from "./acl.ts";
import type { AccountDatabase } from "./database.ts";
import { checkedAddress, checkedAlias, domainOf, foldAddress } from "./directoryaddress.ts";
import type { DirectoryDatabase } from "./directorydatabase.ts";
import { requireDomain } from "./directorydomains.ts";

const LIST = "SELECT account_id, shown FROM login ORDER BY name";
const LIST_OF = "SELECT account_id, shown FROM login WHERE account_id = ?";
const HOLDER = "SELECT account_id, address FROM login JOIN account ON account.id = account_id WHERE name = ?";
const OWN = "SELECT address FROM account WHERE id = ?";
const ADD = "INSERT INTO login (name, account_id, shown, domain) VALUES (?, ?, ?, ?)";
const SHOW = "UPDATE login SET shown = ? WHERE name = ?";
const REMOVE = "DELETE FROM login WHERE name = ?";
const RENAME = "UPDATE account SET address = ?, domain = ? WHERE id = ?";

export class DirectoryAddresses implements Addresses {
  constructor(private readonly access: DirectoryDatabase) {}

  async list(account?: AccountId): Promise<AccountAddress[]> {
    const rows = await this.access.read((db) =>
      account === undefined ? db.rows<Row>(LIST) : db.rows<Row>(LIST_OF, account)
    );
    return rows.map(([account, address]) => ({ account, address }));
  }

  async add(account: AccountId, address: string): Promise<void> {
    const shown = checkedAlias(address);
    await this.access.write((db) => {
      ownAddress(db, account);
      addAddress(db, account, shown);
    });
  }

  async remove(account: AccountId, address: string): Promise<void> {
    const name = foldAddress(address);
    await this.access.write((db) => {
      const own = ownAddress(db, account);
      if (holderOf(db, name)?.account !== account) {
        throw new StoreError("nonexistent", `${address} is no address of ${own}`);
      }
      if (foldAddress(own) === name) throw new StoreError("cannot", `${own} is the account's own address`);
      db.run(REMOVE, name);
      if (!name.startsWith("@")) renameIdentifier(db, name, own);
    });
  }

  async rename(account: AccountId, address: string, { keep }: { keep: boolean }): Promise<void> {
    const shown = checkedAddress(address);
    const name = foldAddress(shown);
    await this.access.write((db) => {
      const before = foldAddress(ownAddress(db, account));
      if (holderOf(db, name)?.account === account) db.run(SHOW, shown, name);
      else addAddress(db, account, shown);
      db.run(RENAME, shown, domainOf(shown), account);
      if (name === before) return;
      if (!keep) db.run(REMOVE, before);
      renameIdentifier(db, before, shown);
    });
  }
}

type Row = [account: AccountId, address: string];

/** Within a transaction. @throws {StoreError} alreadyexists; nonexistent, the domain */
export function addAddress(db: AccountDatabase, account: AccountId, shown: string): void {
  const name = foldAddress(shown);
  const holder = holderOf(db, name);
  if (holder) throw new StoreError("alreadyexists", `the address ${shown} is the account ${holder.address}'s`);
  const domain = domainOf(shown);
  requireDomain(db, domain);
  db.run(ADD, name, account, shown, domain);
}

function holderOf(db: AccountDatabase, name: string): { account: AccountId; address: string } | undefined {
  const row = db.row<Row>(HOLDER, name);
  return row && { account: row[0], address: row[1] };
}

/** @throws {StoreError} nonexistent */
function ownAddress(db: AccountDatabase, account: AccountId): string {
  const row = db.row<[string]>(OWN, account);
  if (!row) throw new StoreError("nonexistent", "the account does not exist");
  return row[0];
}
