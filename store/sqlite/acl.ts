/**
 * Access control lists, in directory.db: what is shared with an account is one look-up there, whoever shares it. Mailboxes are named by
 * number, which is never used again, so a list that outlives its mailbox gives nobody anything.
 */
import type { Bell } from "../changes.ts";
import { Rights } from "../rights.ts";
import type { Acl, AclEntry, Grant } from "../store.ts";
import { type AccountId, type MailboxId, type ModSeq, StoreError } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import { foldAddress } from "./directoryaddress.ts";
import type { DirectoryDatabase } from "./directorydatabase.ts";

const ENTRIES = "SELECT shown, rights FROM acl WHERE owner_id = ? AND mailbox_id = ? ORDER BY identifier";
const ENTRY = "SELECT rights FROM acl WHERE owner_id = ? AND mailbox_id = ? AND identifier = ?";
const COUNT = "SELECT count(*) FROM acl WHERE owner_id = ? AND mailbox_id = ?";
const SET = `INSERT INTO acl (owner_id, mailbox_id, identifier, shown, rights) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET shown = excluded.shown, rights = excluded.rights`;
const REMOVE = "DELETE FROM acl WHERE owner_id = ? AND mailbox_id = ? AND identifier = ?";
const FORGET = "DELETE FROM acl WHERE owner_id = ? AND mailbox_id = ?";
const INHERIT = `INSERT OR IGNORE INTO acl (owner_id, mailbox_id, identifier, shown, rights)
  SELECT owner_id, ?3, identifier, shown, rights FROM acl WHERE owner_id = ?1 AND mailbox_id = ?2`;
/** Identifiers that mean the account ?1. */
const MEANING = `SELECT 'anyone' AS name UNION ALL SELECT '-anyone'
  UNION ALL SELECT name FROM login WHERE account_id = ?1 AND name NOT LIKE '@%'
  UNION ALL SELECT '-' || name FROM login WHERE account_id = ?1 AND name NOT LIKE '@%'`;
/** A removed account shares nothing. */
const RIGHTS = `SELECT identifier, rights FROM acl
  WHERE owner_id = ?2 AND mailbox_id = ?3 AND identifier IN (${MEANING})
  AND EXISTS (SELECT 1 FROM account WHERE id = ?2 AND removed IS NULL)`;
const GRANTED = `SELECT acl.owner_id, account.address, acl.mailbox_id, acl.identifier, acl.rights
  FROM (${MEANING}) me CROSS JOIN acl INDEXED BY acl_identifier ON acl.identifier = me.name
  JOIN account ON account.id = acl.owner_id AND account.removed IS NULL WHERE acl.owner_id <> ?1
  ORDER BY acl.owner_id, acl.mailbox_id`;
const MEANT = "SELECT account_id FROM login WHERE name = ?";

/** With an account: what it shared, and what was shared with its names. Parameters: its number. */
export const FORGET_ACCOUNT: readonly string[] = [
  "DELETE FROM acl WHERE owner_id = ?",
  `DELETE FROM acl WHERE identifier IN (SELECT name FROM login WHERE account_id = ?1
    UNION ALL SELECT '-' || name FROM login WHERE account_id = ?1)`,
];

const NAMED = "SELECT owner_id, mailbox_id, rights FROM acl WHERE identifier = ?";
const FORGET_NAMED = "DELETE FROM acl WHERE identifier = ?";

/** What was said of `from`, a folded address, is from now on said of `to`. Within a transaction. */
export function renameIdentifier(db: AccountDatabase, from: string, to: string): void {
  for (const sign of ["", "-"]) {
    const key = sign + foldAddress(to);
    for (const [owner, mailbox, rights] of db.rows<[number, number, string]>(NAMED, sign + from)) {
      const known = db.row<[string]>(ENTRY, owner, mailbox, key)?.[0] ?? "";
      db.run(SET, owner, mailbox, key, sign + to, new Rights(known).with(new Rights(rights)).letters);
    }
    db.run(FORGET_NAMED, sign + from);
  }
}

/** Most entries of one mailbox. */
const MOST_ENTRIES = 1000;

export class SqliteAcl implements Acl {
  constructor(private readonly access: DirectoryDatabase, private readonly bell: Bell) {}

  async entries(owner: AccountId, mailbox: MailboxId): Promise<AclEntry[]> {
    const rows = await this.access.read((db) => db.rows<[string, string]>(ENTRIES, owner, mailbox));
    return rows.map(([identifier, rights]) => ({ identifier, rights: new Rights(rights) }));
  }

  async change(
    owner: AccountId,
    mailbox: MailboxId,
    identifier: string,
    mode: "set" | "add" | "remove",
    rights: Rights,
  ): Promise<void> {
    const key = foldAddress(identifier);
    await this.access.write((db) => {
      const known = db.row<[string]>(ENTRY, owner, mailbox, key)?.[0];
      const before = new Rights(known ?? "");
      const after = mode === "set" ? rights : mode === "add" ? before.with(rights) : before.without(rights);
      if (mode === "remove" && known === undefined) return;
      if (known === undefined && (db.row<[number]>(COUNT, owner, mailbox)?.[0] ?? 0) >= MOST_ENTRIES) {
        throw new StoreError("limit", `an access control list has at most ${MOST_ENTRIES} entries`);
      }
      db.run(SET, owner, mailbox, key, identifier, after.letters);
    });
    await this.#ring(owner, mailbox, key);
  }

  async remove(owner: AccountId, mailbox: MailboxId, identifier: string): Promise<void> {
    const key = foldAddress(identifier);
    const removed = await this.access.write((db) => db.run(REMOVE, owner, mailbox, key));
    if (removed > 0) await this.#ring(owner, mailbox, key);
  }

  async inherit(owner: AccountId, from: MailboxId, to: readonly MailboxId[]): Promise<void> {
    const entries = await this.entries(owner, from);
    if (entries.length === 0 || to.length === 0) return;
    await this.access.write((db) => {
      for (const mailbox of to) db.run(INHERIT, owner, from, mailbox);
    });
    for (const { identifier } of entries) await this.#ring(owner, from, foldAddress(identifier));
  }

  /** With the mailbox. */
  async forget(owner: AccountId, mailbox: MailboxId): Promise<void> {
    const entries = await this.entries(owner, mailbox);
    if (entries.length === 0) return;
    await this.access.write((db) => db.run(FORGET, owner, mailbox));
    for (const { identifier } of entries) await this.#ring(owner, mailbox, foldAddress(identifier));
  }

  async rights(reader: AccountId, owner: AccountId, mailbox: MailboxId): Promise<Rights> {
    if (reader === owner) return Rights.ALL;
    return combined(await this.access.read((db) => db.rows<[string, string]>(RIGHTS, reader, owner, mailbox)));
  }

  async granted(reader: AccountId): Promise<Grant[]> {
    const rows = await this.access.read((db) =>
      db.rows<[AccountId, string, MailboxId, string, string]>(GRANTED, reader)
    );
    const grants: Grant[] = [];
    for (let at = 0; at < rows.length;) {
      const [owner, address, mailbox] = rows[at];
      const entries: [string, string][] = [];
      for (; at < rows.length && rows[at][0] === owner && rows[at][2] === mailbox; at++) {
        entries.push([rows[at][3], rows[at][4]]);
      }
      const rights = combined(entries);
      if (rights.letters !== "") grants.push({ owner, address, mailbox, rights });
    }
    return grants;
  }

  async #ring(owner: AccountId, mailbox: MailboxId, key: string): Promise<void> {
    this.bell.ring({ account: owner, mailboxes: [mailbox], modseq: 0 as ModSeq });
    const name = key.startsWith("-") ? key.slice(1) : key;
    const meant = await this.access.read((db) => db.row<[AccountId]>(MEANT, name)?.[0]);
    if (meant !== undefined) this.bell.ring({ account: meant, mailboxes: [], modseq: 0 as ModSeq });
  }
}

/** All that is granted, without all that is taken away (RFC 4314 §2). */
function combined(entries: readonly (readonly [identifier: string, rights: string])[]): Rights {
  let granted = Rights.NONE;
  let taken = Rights.NONE;
  for (const [identifier, rights] of entries) {
    if (identifier.startsWith("-")) taken = taken.with(new Rights(rights));
    else granted = granted.with(new Rights(rights));
  }
  return granted.without(taken);
}
