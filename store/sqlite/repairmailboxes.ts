/** Mailboxes, their keywords and what belongs to them: made what verifying asks for. */
import { FIXED_FLAGS, fixedFlag, INLINE_KEYWORDS } from "../flags.ts";
import type { MailboxId, MailboxName } from "../types.ts";
import { formatMore, parseMore } from "./keywords.ts";
import { addMessage } from "./messages.ts";
import { createMailbox, newObjectId } from "./mailboxes.ts";
import { type MailboxRow } from "./rows.ts";
import type { Transaction } from "./transaction.ts";
import { isMailboxName, SPECIAL_USES } from "./verifyaccount.ts";

export const LOST_AND_FOUND = "Lost+Found" as MailboxName;

const LIVE = "SELECT id FROM mailbox WHERE removeseq IS NULL";
const NAMES = "SELECT id, name, special_use, object_id, uidvalidity FROM mailbox ORDER BY removeseq IS NOT NULL, id";
const SET_NAME = "UPDATE mailbox SET name = ?, changeseq = ? WHERE id = ?";
const SET_USE = "UPDATE mailbox SET special_use = ?, changeseq = ? WHERE id = ?";
const SET_IDENTITY = "UPDATE mailbox SET object_id = ?, uidvalidity = ? WHERE id = ?";
const STRAYS = `SELECT mailbox_id, uid, email_id, internal_date, size FROM message WHERE mailbox_id NOT IN (${LIVE})`;
const REMOVE_STRAYS = `DELETE FROM message WHERE mailbox_id NOT IN (${LIVE})`;
const CLEAN = [
  `DELETE FROM keyword WHERE mailbox_id NOT IN (${LIVE})`,
  // They are made anew of messages as these are when all is repaired.
  "DELETE FROM packed_index",
  "DELETE FROM expunged WHERE mailbox_id NOT IN (SELECT id FROM mailbox)",
  "UPDATE expunged SET email_id = NULL WHERE email_id NOT IN (SELECT email_id FROM content UNION SELECT email_id FROM header)",
  `DELETE FROM annotation WHERE mailbox_id <> 0 AND mailbox_id NOT IN (${LIVE})`,
  "DELETE FROM annotation WHERE NOT (entry GLOB '/private/*' OR entry GLOB '/shared/*') OR entry <> lower(entry)",
  `DELETE FROM reader WHERE mailbox_id NOT IN (${LIVE})`,
  `DELETE FROM seen WHERE mailbox_id NOT IN (${LIVE}) OR seen NOT IN (0, 1)
    OR NOT EXISTS (SELECT 1 FROM message m WHERE m.mailbox_id = seen.mailbox_id AND m.uid = seen.uid)`,
  "INSERT OR IGNORE INTO reader (mailbox_id, reader_id, modseq) SELECT mailbox_id, reader_id, max(modseq) FROM seen GROUP BY 1, 2",
  `UPDATE reader SET modseq = max(modseq, coalesce((SELECT max(s.modseq) FROM seen s
    WHERE s.mailbox_id = reader.mailbox_id AND s.reader_id = reader.reader_id), 0))`,
];
const SUBSCRIPTIONS = "SELECT name FROM subscription";
const UNSUBSCRIBE = "DELETE FROM subscription WHERE name = ?";
const KEYWORDS = "SELECT number, name FROM keyword WHERE mailbox_id = ? ORDER BY number";
const REMOVE_KEYWORDS = "DELETE FROM keyword WHERE mailbox_id = ?";
const ADD_KEYWORD = "INSERT INTO keyword (mailbox_id, number, name) VALUES (?, ?, ?)";
const MESSAGES = "SELECT uid, flags, more_keywords, createseq, modseq FROM message WHERE mailbox_id = ? ORDER BY uid";
const SET_MESSAGE =
  "UPDATE message SET flags = ?, more_keywords = ?, createseq = ?, modseq = ? WHERE mailbox_id = ? AND uid = ?";

export function repairMailboxes(tx: Transaction): void {
  const { db } = tx;
  repairNames(tx);
  if (!tx.find("INBOX")) createMailbox(tx, "INBOX" as MailboxName);
  for (const { name } of liveMailboxes(tx)) {
    for (let at = name.indexOf("/"); at >= 0; at = name.indexOf("/", at + 1)) {
      const parent = name.slice(0, at) as MailboxName;
      if (!tx.find(parent)) createMailbox(tx, parent);
    }
  }
  const strays = db.rows<[number, number, number, number, number]>(STRAYS);
  if (strays.length > 0) {
    const lost = tx.change(lostAndFound(tx));
    db.run(REMOVE_STRAYS);
    for (const [, , emailId, internalDate, size] of strays) {
      addMessage(tx, lost, { emailId, word: 0, more: null, internalDate, size });
    }
  }
  for (const text of CLEAN) db.run(text);
  for (const [name] of db.rows<[string]>(SUBSCRIPTIONS)) if (!isMailboxName(name)) db.run(UNSUBSCRIBE, name);
  for (const mailbox of liveMailboxes(tx)) repairMessages(tx, mailbox, repairKeywords(tx, mailbox.id));
}

/** Made where it is not there. */
export function lostAndFound(tx: Transaction): MailboxRow {
  if (!tx.find(LOST_AND_FOUND)) createMailbox(tx, LOST_AND_FOUND);
  return tx.named(LOST_AND_FOUND);
}

function liveMailboxes(tx: Transaction): MailboxRow[] {
  return tx.db.rows<[MailboxId]>(`${LIVE} ORDER BY id`).map(([id]) => tx.mailbox(id));
}

/** Must stand before any mailbox is loaded. */
function repairNames(tx: Transaction): void {
  const { db } = tx;
  const [objects, validities, uses] = [new Set<string>(), new Set<number>(), new Set<string>()];
  const live = new Set(db.rows<[number]>(LIVE).map(([id]) => id));
  for (const [id, name, use, object, validity] of db.rows<[number, string, string, string, number]>(NAMES)) {
    const good = /^[A-Za-z0-9_-]{1,255}$/.test(object) && !objects.has(object) && validity >= 1 &&
      !validities.has(validity);
    // Another object id or UIDVALIDITY is another mailbox to clients: neither changes without the other (RFC 8474 §4.1).
    const [newObject, newValidity] = good ? [object, validity] : [newObjectId(), tx.nextUidValidity()];
    if (!good) {
      db.run(SET_IDENTITY, newObject, newValidity, id);
      tx.take();
    }
    objects.add(newObject);
    validities.add(newValidity);
    if (!live.has(id)) continue;
    if (!isMailboxName(name)) db.run(SET_NAME, `${LOST_AND_FOUND}/mailbox-${id}`, tx.take(), id);
    const known = [...new Set(use.split(" "))].filter((word) => SPECIAL_USES.has(word) && !uses.has(word));
    for (const word of known) uses.add(word);
    if (known.join(" ") !== use) db.run(SET_USE, known.join(" "), tx.take(), id);
  }
}

/** Numbers without gaps, names that are keywords, each once. @returns how many there are */
function repairKeywords(tx: Transaction, mailbox: MailboxId): number {
  const rows = tx.db.rows<[number, string]>(KEYWORDS, mailbox);
  const given = new Map(rows.filter(([number]) => number >= 0 && number < tx.maxKeywords));
  const count = Math.max(-1, ...given.keys()) + 1;
  const taken = new Set<string>();
  const names = Array.from({ length: count }, (_, number) => {
    const name = given.get(number) ?? "";
    const good = /^[\x21-\x7e]+$/.test(name) && fixedFlag(name) === 0 && !taken.has(name.toLowerCase());
    const used = good ? name : `keyword-${mailbox}-${number}`;
    taken.add(used.toLowerCase());
    return used;
  });
  if (rows.length === count && rows.every(([number, name]) => names[number] === name)) return count;
  tx.db.run(REMOVE_KEYWORDS, mailbox);
  names.forEach((name, number) => tx.db.run(ADD_KEYWORD, mailbox, number, name));
  return count;
}

function repairMessages(tx: Transaction, mailbox: MailboxRow, keywords: number): void {
  const mask = 2 ** (FIXED_FLAGS.length + Math.min(keywords, INLINE_KEYWORDS)) - 1;
  let before = mailbox.createSeq as number;
  for (const row of tx.db.rows<[number, number, string | null, number, number]>(MESSAGES, mailbox.id)) {
    const [uid, word, more, createSeq, modSeq] = row;
    const flags = Number(BigInt(word) & BigInt(mask));
    const numbers = more === null
      ? null
      : formatMore(parseMore(more).filter((number) => number >= INLINE_KEYWORDS && number < keywords));
    const created = Math.max(before, createSeq, 1);
    before = created;
    if (flags === word && numbers === more && created === createSeq && createSeq <= modSeq) continue;
    const beyond = new Map(numbers === null ? [] : [[uid, numbers]]);
    tx.change(mailbox).flagged.push({ uids: [uid], words: [flags], more: beyond });
    tx.db.run(SET_MESSAGE, flags, numbers, created, Math.max(tx.take(), created), mailbox.id, uid);
  }
}
