/** Domains of the server's addresses. Where none is listed, addresses may be of any domain. */
import type { Domain, Domains } from "../store.ts";
import { StoreError } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import { checkedDomain, domainKey } from "./directoryaddress.ts";
import type { DirectoryDatabase } from "./directorydatabase.ts";

const COLUMNS = `shown, disabled, created, (SELECT count(*) FROM login WHERE login.domain = domain.name)`;
const LIST = `SELECT ${COLUMNS} FROM domain ORDER BY name`;
const GET = `SELECT ${COLUMNS} FROM domain WHERE name = ?`;
const ADD = "INSERT INTO domain (name, shown, created) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
const SET_DISABLED = "UPDATE domain SET disabled = ? WHERE name = ?";
const REMOVE = "DELETE FROM domain WHERE name = ?";
const ADDRESSES = "SELECT count(*) FROM login WHERE domain = ?";
const KNOWN = "SELECT 1 FROM domain WHERE name = ?";
const ANY = "SELECT 1 FROM domain LIMIT 1";

type DomainValues = [shown: string, disabled: number, created: number, addresses: number];

export class DirectoryDomains implements Domains {
  constructor(private readonly access: DirectoryDatabase) {}

  async list(): Promise<Domain[]> {
    return await this.access.read((db) => db.rows<DomainValues>(LIST).map(asDomain));
  }

  async get(name: string): Promise<Domain | undefined> {
    const values = await this.access.read((db) => db.row<DomainValues>(GET, domainKey(name)));
    return values && asDomain(values);
  }

  async add(name: string): Promise<void> {
    const shown = checkedDomain(name);
    const now = Math.floor(Date.now() / 1000);
    const added = await this.access.write((db) => db.run(ADD, domainKey(shown), shown, now));
    if (added === 0) throw new StoreError("alreadyexists", `the domain ${shown} is there already`);
  }

  async setDisabled(name: string, disabled: boolean): Promise<void> {
    found(name, await this.access.write((db) => db.run(SET_DISABLED, Number(disabled), domainKey(name))));
  }

  async remove(name: string): Promise<void> {
    const key = domainKey(name);
    await this.access.write((db) => {
      const addresses = db.row<[number]>(ADDRESSES, key)?.[0] ?? 0;
      if (addresses > 0 && db.row(KNOWN, key)) {
        throw new StoreError("cannot", `${addresses} addresses are of the domain ${name}`);
      }
      found(name, db.run(REMOVE, key));
    });
  }
}

/** @param domain a key; "": the address has none, and may be without. @throws {StoreError} nonexistent */
export function requireDomain(db: AccountDatabase, domain: string): void {
  if (domain === "" || db.row(KNOWN, domain) || !db.row(ANY)) return;
  throw new StoreError("nonexistent", `the domain ${domain} is not one of this server's`);
}

function found(name: string, rows: number): void {
  if (rows === 0) throw new StoreError("nonexistent", `there is no domain ${name}`);
}

function asDomain([name, disabled, created, addresses]: DomainValues): Domain {
  return { name, disabled: disabled === 1, created, addresses };
}
