/** The notes of what changed (changelog.ts): each message that changed lately stands in one, so that other processes look at it. */
import { LOGGED } from "./changelog.ts";
import type { Report, Snapshot } from "./verifyreport.ts";

const STRAYS = `SELECT DISTINCT mailbox_id AS mailbox FROM changed
  WHERE mailbox_id NOT IN (SELECT id FROM mailbox WHERE removeseq IS NULL)`;
const LEFT_OUT = `SELECT b.name AS mailbox, m.uid, m.modseq FROM mailbox b CROSS JOIN message m ON m.mailbox_id = b.id
  WHERE b.removeseq IS NULL AND m.modseq > b.modseq - ?
    AND NOT EXISTS (SELECT 1 FROM changed c
      WHERE c.mailbox_id = b.id AND c.modseq = m.modseq AND m.uid BETWEEN c.first AND c.last)
    AND NOT EXISTS (SELECT 1 FROM changed c
      WHERE c.mailbox_id = b.id AND c.modseq > m.modseq AND m.uid BETWEEN c.first AND c.last)`;
/** The schema that brought them. */
export const CHANGED_SINCE = 2;

export function verifyChanged(db: Snapshot, report: Report): void {
  for (const { mailbox } of db.rows<{ mailbox: number }>(STRAYS)) {
    report({ what: `notes of changes are of mailbox ${mailbox}, which does not exist` });
  }
  for (const { mailbox, uid, modseq } of db.each<{ mailbox: string; uid: number; modseq: number }>(LEFT_OUT, LOGGED)) {
    report({ mailbox, uid, what: `that it changed at ${modseq} is not noted` });
  }
}
