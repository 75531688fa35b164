/** App passwords: further secrets of an account, each for one device or program. */
import type { AppPassword, NewAppPassword } from "../store.ts";
import { type AccountId, StoreError } from "../types.ts";
import type { DirectoryDatabase } from "./directorydatabase.ts";
import { requireAccount, words } from "./directoryrows.ts";

const COUNT = "SELECT count(*) FROM app_password WHERE account_id = ?";
const TAKEN = "SELECT 1 FROM app_password WHERE account_id = ? AND folded = ?";
const ADD = `INSERT INTO app_password (account_id, name, folded, credentials, scopes, networks, expires, created)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const LIST = `SELECT id, name, credentials, scopes, networks, expires, created, last_used, last_remote
  FROM app_password WHERE account_id = ? ORDER BY folded`;
const REMOVE = "DELETE FROM app_password WHERE account_id = ? AND folded = ?";
const USED = "UPDATE app_password SET last_used = ?, last_remote = ? WHERE id = ?";

/** With an account. Parameters: its number. */
export const FORGET_ACCOUNT: readonly string[] = ["DELETE FROM app_password WHERE account_id = ?"];

/** Most of one account: each is tried at each login. */
const MOST = 100;

/** Bytes of UTF-8. */
const MAX_NAME = 400;

type Values = [
  number,
  string,
  string,
  string,
  string,
  number | null,
  number,
  number | null,
  string | null,
];

export class AppPasswords {
  constructor(private readonly access: DirectoryDatabase) {}

  async add(account: AccountId, password: NewAppPassword): Promise<void> {
    const name = checkedName(password.name);
    const { credentials, scopes, networks, expires } = password;
    if (scopes.length === 0) throw new StoreError("cannot", "an app password for nothing is of no use");
    const created = Math.floor(Date.now() / 1000);
    await this.access.write((db) => {
      requireAccount(db, account);
      const folded = fold(name);
      if (db.row(TAKEN, account, folded)) {
        throw new StoreError("alreadyexists", `there is an app password ${name} already`);
      }
      if ((db.row<[number]>(COUNT, account)?.[0] ?? 0) >= MOST) {
        throw new StoreError("limit", `an account has at most ${MOST} app passwords`);
      }
      const secrets = JSON.stringify(credentials);
      db.run(ADD, account, name, folded, secrets, scopes.join(" "), networks.join(" "), expires, created);
    });
  }

  async list(account: AccountId): Promise<AppPassword[]> {
    return await this.access.read((db) => db.rows<Values>(LIST, account).map(asAppPassword));
  }

  async remove(account: AccountId, name: string): Promise<void> {
    await this.access.write((db) => {
      if (db.run(REMOVE, account, fold(name)) === 0) {
        throw new StoreError("nonexistent", `there is no app password ${name}`);
      }
    });
  }

  async used(id: number, at: number, remote: string): Promise<void> {
    await this.access.write((db) => db.run(USED, at, remote, id), "flags");
  }
}

/** @throws {StoreError} cannot */
function checkedName(text: string): string {
  const name = text.normalize("NFC");
  if (name === "" || /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)) {
    throw new StoreError("cannot", "an app password's name is one line of text");
  }
  if (new TextEncoder().encode(name).length > MAX_NAME) {
    throw new StoreError("cannot", `an app password's name is longer than ${MAX_NAME} bytes`);
  }
  return name;
}

function fold(name: string): string {
  return name.normalize("NFC").toLowerCase().normalize("NFC");
}

function asAppPassword(values: Values): AppPassword {
  const [id, name, secrets, scopes, networks, expires, created, lastUsed, lastRemote] = values;
  return {
    id,
    name,
    credentials: JSON.parse(secrets),
    scopes: words(scopes),
    networks: words(networks),
    expires,
    created,
    lastUsed,
    lastRemote,
  };
}
