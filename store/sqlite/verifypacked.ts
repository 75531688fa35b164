/** Packed mailbox indexes: each is of a mailbox that exists, and what the mailbox's messages were at its modseq. */
import { type Packed, unpack } from "./packedindex.ts";
import type { Report, Snapshot } from "./verifyreport.ts";

const PACKED = `SELECT p.mailbox_id, p.modseq, p.messages, p.columns, b.name, b.modseq AS now FROM packed_index p
  LEFT JOIN mailbox b ON b.id = p.mailbox_id AND b.removeseq IS NULL`;
const MESSAGES = "SELECT uid, flags, modseq, email_id FROM message WHERE mailbox_id = ? AND modseq <= ? ORDER BY uid";
/** The schema that brought them. */
export const PACKED_SINCE = 3;

interface PackedRow extends Record<string, string | number | Uint8Array | null> {
  readonly mailbox_id: number;
  readonly modseq: number;
  readonly messages: number;
  readonly columns: Uint8Array;
  readonly name: string | null;
  readonly now: number | null;
}

type Unpacked = Pick<Packed, "modseqs" | "uids" | "words" | "emails">;

export function verifyPacked(db: Snapshot, report: Report): void {
  for (const row of db.each<PackedRow>(PACKED)) {
    const { mailbox_id, modseq, messages, columns, name, now } = row;
    if (name === null) {
      report({ what: `a packed index is of mailbox ${mailbox_id}, which does not exist` });
      continue;
    }
    const fault = (what: string) => report({ mailbox: name, what: `its packed index ${what}` });
    const unpacked = unpack(columns, messages);
    if (!unpacked) fault(`has ${columns.length} bytes for ${messages} messages`);
    else if (modseq > Number(now)) fault(`has modseq ${modseq}, above the mailbox's ${now}`);
    else if (!isRight(db, row, unpacked)) fault("is not what its messages are");
  }
}

/** Messages that did not change since stand in it as they are. */
function isRight(db: Snapshot, row: PackedRow, { modseqs, uids, words, emails }: Unpacked): boolean {
  let at = 0;
  let run = 0;
  type Message = { uid: number; flags: number; modseq: number; email_id: number };
  for (const { uid, flags, modseq, email_id } of db.each<Message>(MESSAGES, row.mailbox_id, row.modseq)) {
    while (at < row.messages && uids[at] < uid) at++;
    if (at === row.messages || uids[at] !== uid || words[at] !== flags || modseqs[at] !== modseq) return false;
    // None is known where all are read later.
    while (run < emails.length && emails[run] + emails[run + 2] <= uid) run += 3;
    if (run < emails.length && email_id !== emails[run + 1] + uid - emails[run]) return false;
  }
  return true;
}
