/**
 * Login attempts, in groups of those that are equal in all but the time.
 *
 * Bounded whatever clients do: 30 days, and of each account the latest 10,000 groups of failures and as many of successes. Names
 * that are nobody's count as one account, number 0.
 */
import { shortText } from "../shorttext.ts";
import type { AttemptGroup } from "../store.ts";
import type { AccountId } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import { foldAddress } from "./directoryaddress.ts";
import type { DirectoryDatabase } from "./directorydatabase.ts";

const COLUMNS =
  `account_id, user, remote, protocol, mechanism, tls, cipher, client_key, app_password, user_agent, result,
  first, last, count`;
const RECORD = `INSERT INTO attempt (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last), count = count + excluded.count`;
const EXISTS = "SELECT id FROM account WHERE id = ?";
const NAMED = "SELECT account_id FROM login WHERE name = ?";
const FORGET_OLD = "DELETE FROM attempt WHERE last < ?";
const FORGET_MANY = `DELETE FROM attempt WHERE id IN (
  SELECT id FROM attempt WHERE account_id = ? AND failed = ? ORDER BY last DESC, id DESC LIMIT -1 OFFSET ?)`;
const LATEST = `SELECT ${COLUMNS} FROM attempt WHERE last >= ? AND failed >= ? ORDER BY last DESC, id DESC LIMIT ?`;
const LATEST_OF = `SELECT ${COLUMNS} FROM attempt WHERE account_id = ? AND failed = ? AND last >= ?
  ORDER BY last DESC, id DESC LIMIT ?`;

/** With an account. Parameters: its number. */
export const FORGET_ACCOUNT: readonly string[] = ["DELETE FROM attempt WHERE account_id = ?"];

/** Seconds. */
const KEPT = 30 * 86_400;

/** Groups of an account, of failures and of successes each. */
const MOST_GROUPS = 10_000;

/** Bytes of UTF-8: an address's length (RFC 5321 §4.5.3.1), and what a client says of itself. */
const MAX_USER = 320;
const MAX_TEXT = 200;

const NOBODY = 0;

type Values = [
  number,
  ...[string, string, string, string, string, string, string, string, string, string],
  ...[number, number, number],
];

export class AttemptLog {
  constructor(private readonly access: DirectoryDatabase) {}

  async record(groups: readonly AttemptGroup[]): Promise<void> {
    if (groups.length === 0) return;
    const now = Math.floor(Date.now() / 1000);
    await this.access.write((db) => {
      const touched = new Set<string>();
      for (const group of groups) {
        const account = accountOf(db, group);
        db.run(RECORD, ...asValues(account, group));
        touched.add(`${account} ${Number(group.result !== "ok")}`);
      }
      db.run(FORGET_OLD, now - KEPT);
      for (const key of touched) {
        const [account, failed] = key.split(" ").map(Number);
        db.run(FORGET_MANY, account, failed, MOST_GROUPS);
      }
    }, "flags");
  }

  async list(
    { account, since = 0, failed = false, most = -1 }: {
      account?: AccountId | null;
      since?: number;
      failed?: boolean;
      most?: number;
    },
  ): Promise<AttemptGroup[]> {
    return await this.access.read((db) => {
      if (account === undefined) return db.rows<Values>(LATEST, since, Number(failed), most).map(asGroup);
      const of = (kind: number) => db.rows<Values>(LATEST_OF, account ?? NOBODY, kind, since, most);
      if (failed) return of(1).map(asGroup);
      const groups = [...of(0), ...of(1)].map(asGroup).sort((a, b) => b.last - a.last);
      return most < 0 ? groups : groups.slice(0, most);
    });
  }
}

/** A login that was refused early, by its address's failures, was not looked up; an account may be gone since. */
function accountOf(db: AccountDatabase, { account, user }: AttemptGroup): number {
  if (account !== null) return db.row<[number]>(EXISTS, account)?.[0] ?? NOBODY;
  return user === "" ? NOBODY : db.row<[number]>(NAMED, foldAddress(shortText(user, MAX_USER)))?.[0] ?? NOBODY;
}

function asValues(account: number, group: AttemptGroup): Values {
  const { remote, protocol, mechanism, tls, cipher, clientKey, appPassword, userAgent, result } = group;
  const [user, ...others] = [
    shortText(group.user, MAX_USER),
    ...[remote, protocol, mechanism, tls, cipher, clientKey, appPassword, userAgent, result].map((text) =>
      shortText(text, MAX_TEXT)
    ),
  ];
  return [account, user, ...others, group.first, group.last, group.count] as unknown as Values;
}

function asGroup(values: Values): AttemptGroup {
  const [account, user, remote, protocol, mechanism, tls, cipher, clientKey, appPassword, userAgent, result] = values;
  const [first, last, count] = values.slice(11) as [number, number, number];
  return {
    account: account === NOBODY ? null : account as AccountId,
    user,
    remote,
    protocol,
    mechanism,
    tls,
    cipher,
    clientKey,
    appPassword,
    userAgent,
    result,
    first,
    last,
    count,
  };
}
