/** Public keys that log in as an account: one look-up by fingerprint for each connection that shows a certificate. */
import type { ClientKey, NewClientKey } from "../store.ts";
import { type AccountId, StoreError } from "../types.ts";
import type { DirectoryDatabase } from "./directorydatabase.ts";
import { requireAccount } from "./directoryrows.ts";

const COLUMNS = "fingerprint, account_id, name, preauth, created, last_used, last_remote";
const LIST = `SELECT ${COLUMNS} FROM client_key ORDER BY fingerprint`;
const OF_ACCOUNT = `SELECT ${COLUMNS} FROM client_key WHERE account_id = ? ORDER BY fingerprint`;
const GET = `SELECT ${COLUMNS} FROM client_key WHERE fingerprint = ?`;
const COUNT = "SELECT count(*) FROM client_key WHERE account_id = ?";
const ADD = "INSERT INTO client_key (fingerprint, account_id, name, preauth, created) VALUES (?, ?, ?, ?, ?)";
const REMOVE = "DELETE FROM client_key WHERE fingerprint = ?";
const USED = "UPDATE client_key SET last_used = ?, last_remote = ? WHERE fingerprint = ?";

/** With an account. Parameters: its number. */
export const FORGET_ACCOUNT: readonly string[] = ["DELETE FROM client_key WHERE account_id = ?"];

/** Most of one account. */
const MOST = 1000;

type Values = [string, AccountId, string, number, number, number | null, string | null];

export class ClientKeys {
  constructor(private readonly access: DirectoryDatabase) {}

  async add({ account, fingerprint, name, preauth }: NewClientKey): Promise<void> {
    if (!/^[0-9a-f]{64}$/.test(fingerprint)) {
      throw new StoreError("cannot", "a fingerprint is 64 hexadecimal digits in lower case");
    }
    const created = Math.floor(Date.now() / 1000);
    await this.access.write((db) => {
      requireAccount(db, account);
      if (db.row(GET, fingerprint)) {
        throw new StoreError("alreadyexists", `the key ${fingerprint} is registered already`);
      }
      if ((db.row<[number]>(COUNT, account)?.[0] ?? 0) >= MOST) {
        throw new StoreError("limit", `an account has at most ${MOST} keys`);
      }
      db.run(ADD, fingerprint, account, name, Number(preauth), created);
    });
  }

  async list(account?: AccountId): Promise<ClientKey[]> {
    return await this.access.read((db) => {
      const rows = account === undefined ? db.rows<Values>(LIST) : db.rows<Values>(OF_ACCOUNT, account);
      return rows.map(asClientKey);
    });
  }

  async get(fingerprint: string): Promise<ClientKey | undefined> {
    const values = await this.access.read((db) => db.row<Values>(GET, fingerprint));
    return values && asClientKey(values);
  }

  async remove(fingerprint: string): Promise<void> {
    await this.access.write((db) => {
      if (db.run(REMOVE, fingerprint) === 0) throw new StoreError("nonexistent", `there is no key ${fingerprint}`);
    });
  }

  async used(fingerprint: string, at: number, remote: string): Promise<void> {
    await this.access.write((db) => db.run(USED, at, remote, fingerprint), "flags");
  }
}

function asClientKey([fingerprint, account, name, preauth, created, lastUsed, lastRemote]: Values): ClientKey {
  return { fingerprint, account, name, preauth: preauth === 1, created, lastUsed, lastRemote };
}
