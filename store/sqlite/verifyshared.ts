/** Annotations, readers' \Seen and access control lists: each is of something that exists. */
import { Rights } from "../rights.ts";
import { foldAddress } from "./directoryaddress.ts";
import type { Report, Snapshot } from "./verifyreport.ts";

const STRAY = `SELECT 'annotation' AS what, mailbox_id AS mailbox FROM annotation
    WHERE mailbox_id <> 0 AND mailbox_id NOT IN (SELECT id FROM mailbox WHERE removeseq IS NULL)
  UNION SELECT 'reader', mailbox_id FROM reader WHERE mailbox_id NOT IN (SELECT id FROM mailbox WHERE removeseq IS NULL)
  UNION SELECT 'seen', mailbox_id FROM seen WHERE mailbox_id NOT IN (SELECT id FROM mailbox WHERE removeseq IS NULL)`;
const BAD_ENTRIES = `SELECT entry FROM annotation WHERE modseq > ?
  OR NOT (entry GLOB '/private/*' OR entry GLOB '/shared/*') OR entry <> lower(entry)`;
const BAD_MARKS = `SELECT s.mailbox_id AS mailbox, s.uid FROM seen s
  LEFT JOIN message m ON m.mailbox_id = s.mailbox_id AND m.uid = s.uid
  LEFT JOIN reader r ON r.mailbox_id = s.mailbox_id AND r.reader_id = s.reader_id
  WHERE m.uid IS NULL OR r.modseq IS NULL OR s.modseq > r.modseq OR r.modseq > ? OR s.seen NOT IN (0, 1)`;
const ACL = "SELECT owner_id, mailbox_id, identifier, shown, rights FROM acl";

/** @param modseq the account's highest */
export function verifyShared(db: Snapshot, modseq: number, report: Report): void {
  for (const { what, mailbox } of db.rows<{ what: string; mailbox: number }>(STRAY)) {
    report({ what: `rows of ${what} are of mailbox ${mailbox}, which does not exist` });
  }
  for (const { entry } of db.rows<{ entry: string }>(BAD_ENTRIES, modseq)) {
    report({ what: `the annotation ${JSON.stringify(entry)} has a wrong name or modseq` });
  }
  for (const { mailbox, uid } of db.rows<{ mailbox: number; uid: number }>(BAD_MARKS, modseq)) {
    report({ uid, what: `a reader's \\Seen in mailbox ${mailbox} is of no message, or its modseq is wrong` });
  }
}

interface AclRow extends Record<string, string | number> {
  readonly owner_id: number;
  readonly mailbox_id: number;
  readonly identifier: string;
  readonly shown: string;
  readonly rights: string;
}

/** @param accounts all that there are */
export function verifyAcl(db: Snapshot, accounts: ReadonlySet<number>, report: Report): void {
  for (const { owner_id, identifier, shown, rights } of db.rows<AclRow>(ACL)) {
    if (!accounts.has(owner_id)) {
      report({ what: `an access control list is of account ${owner_id}, which does not exist` });
    }
    if (foldAddress(shown) !== identifier) {
      report({ what: `the identifier ${JSON.stringify(identifier)} is not folded` });
    }
    if (new Rights(rights).letters !== rights) report({ what: `${JSON.stringify(rights)} are no rights` });
  }
}
