/** One mailbox: its messages, what was expunged of it, its keywords; and its counters against all of them. */
import { FIXED_FLAGS, fixedFlag, Flag, INLINE_KEYWORDS } from "../flags.ts";
import { formatMore, parseMore } from "./keywords.ts";
import type { Report, Snapshot, Values } from "./verifyreport.ts";

export interface MailboxValues extends Values {
  readonly id: number;
  readonly name: string;
  readonly uidvalidity: number;
  readonly object_id: string;
  readonly special_use: string;
  readonly createseq: number;
  readonly changeseq: number;
  readonly removeseq: number | null;
  readonly modseq: number;
  readonly expungeseq: number;
  readonly uidnext: number;
  readonly recent_uid: number;
  readonly recent: number;
  readonly messages: number;
  readonly unseen: number;
  readonly deleted: number;
  readonly deleted_size: number;
  readonly size: number;
}

interface MessageValues extends Values {
  readonly uid: number;
  readonly email_id: number;
  readonly flags: number;
  readonly more_keywords: string | null;
  readonly modseq: number;
  readonly createseq: number;
  readonly size: number;
  readonly twice: number;
  readonly email: number | null;
}

const MESSAGES = `SELECT m.uid, m.email_id, m.flags, m.more_keywords, m.modseq, m.createseq, m.size,
    EXISTS (SELECT 1 FROM expunged x WHERE x.mailbox_id = m.mailbox_id AND x.uid = m.uid) AS twice,
    coalesce((SELECT id FROM email WHERE id = m.email_id), (SELECT email_id FROM unparsed WHERE email_id = m.email_id)) AS email
  FROM message m WHERE m.mailbox_id = ? ORDER BY m.uid`;
const EXPUNGED = `SELECT x.uid, x.modseq, x.email_id,
    coalesce((SELECT id FROM email WHERE id = x.email_id), (SELECT email_id FROM unparsed WHERE email_id = x.email_id)) AS email
  FROM expunged x WHERE x.mailbox_id = ? ORDER BY x.uid`;
const KEYWORDS = "SELECT number, name FROM keyword WHERE mailbox_id = ? ORDER BY number";

/** @returns messages and bytes as they really are */
export function verifyMailbox(db: Snapshot, row: MailboxValues, report: Report): { messages: number; size: number } {
  const here: Report = (fault) => report({ mailbox: row.name, ...fault });
  const keywords = verifyKeywords(db, row, here);
  const counted = { messages: 0, unseen: 0, deleted: 0, deleted_size: 0, size: 0, recent: 0 };
  let createseq = 0;
  for (const message of db.each<MessageValues>(MESSAGES, row.id)) {
    const { uid, flags, size } = message;
    verifyMessage(row, message, keywords, (what, email) => here({ uid, email, what }));
    // UIDs are given in the order of commits.
    if (message.createseq < createseq) here({ uid, what: `it came before the message with the UID below` });
    createseq = message.createseq;
    counted.messages++;
    counted.size += size;
    if (!(flags & Flag.Seen)) counted.unseen++;
    if (flags & Flag.Deleted) counted.deleted++;
    if (flags & Flag.Deleted) counted.deleted_size += size;
    if (uid >= row.recent_uid) counted.recent++;
  }
  for (const name of Object.keys(counted) as (keyof typeof counted)[]) {
    if (row[name] !== counted[name]) here({ what: `${name} is kept as ${row[name]}, counted as ${counted[name]}` });
  }
  verifyExpunged(db, row, here);
  return counted;
}

function verifyMessage(
  row: MailboxValues,
  message: MessageValues,
  keywords: number,
  fault: (what: string, email?: number) => void,
): void {
  const { uid, flags, more_keywords, modseq, createseq } = message;
  if (uid < 1 || uid >= row.uidnext) fault(`its UID is not below uidnext ${row.uidnext}`);
  if (message.twice !== 0) fault("it is there and expunged");
  if (message.email === null) fault(`its email ${message.email_id} does not exist`, message.email_id);
  if (createseq < 1 || createseq > modseq) fault(`createseq ${createseq} is above modseq ${modseq}`);
  if (createseq < row.createseq) fault(`createseq ${createseq} is below the mailbox's`);
  if (modseq > row.modseq) fault(`modseq ${modseq} is above the mailbox's ${row.modseq}`);
  const bits = FIXED_FLAGS.length + Math.min(keywords, INLINE_KEYWORDS);
  if (flags < 0 || flags >= 2 ** bits) fault(`flag word ${flags} names keywords that the mailbox has not`);
  if (more_keywords === null) return;
  const numbers = parseMore(more_keywords);
  if (numbers.some((number) => !(number >= INLINE_KEYWORDS && number < keywords))) {
    fault(`keyword numbers ${more_keywords} are out of range`);
  } else if (formatMore(numbers) !== more_keywords) fault(`keyword numbers ${more_keywords} are not in order`);
}

/** @returns how many there are */
function verifyKeywords(db: Snapshot, row: MailboxValues, report: Report): number {
  const keywords = db.rows<{ number: number; name: string }>(KEYWORDS, row.id);
  const names = new Set<string>();
  keywords.forEach(({ number, name }, at) => {
    if (number !== at) report({ what: `keyword ${name} has number ${number}, ${at} is next` });
    if (names.has(name.toLowerCase())) report({ what: `keyword ${name} is there twice` });
    if (fixedFlag(name) !== 0 || !/^[\x21-\x7e]+$/.test(name)) {
      report({ what: `${JSON.stringify(name)} is no keyword` });
    }
    names.add(name.toLowerCase());
  });
  return keywords.length;
}

function verifyExpunged(db: Snapshot, row: MailboxValues, report: Report): void {
  type Expunged = { uid: number; modseq: number; email_id: number | null; email: number | null };
  for (const { uid, modseq, email_id, email } of db.each<Expunged>(EXPUNGED, row.id)) {
    if (uid < 1 || uid >= row.uidnext) report({ uid, what: `expunged; its UID is not below uidnext ${row.uidnext}` });
    if (modseq > row.expungeseq) report({ uid, what: `expunged at ${modseq}, above expungeseq ${row.expungeseq}` });
    if (email_id !== email) report({ uid, what: `expunged; its email ${email_id} does not exist` });
  }
}
