/** Counters, sequences and the notes of changes made anew from the rows that they are about. */
import { Flag } from "../flags.ts";
import { MAX_UID } from "../types.ts";
import type { AccountDatabase } from "./database.ts";

const RECENT = `SELECT count(*) FROM message m WHERE m.mailbox_id = mailbox.id AND m.uid >= mailbox.recent_uid`;
const of = (sum: string, where = "1") => `(SELECT ${sum} FROM message m WHERE m.mailbox_id = mailbox.id AND ${where})`;
const highest = (table: string, column: string) =>
  `coalesce((SELECT max(x.${column}) FROM ${table} x WHERE x.mailbox_id = mailbox.id), 0)`;

/** In this order: each counts on those before. */
const STEPS = [
  // Two rows of one are none; without one, all is counted below.
  `DELETE FROM account WHERE id <> 1`,
  `INSERT OR IGNORE INTO account VALUES (1, 0, 0, 0, 0, 0, 0, 0, NULL, random())`,
  `DELETE FROM expunged WHERE EXISTS (SELECT 1 FROM message m WHERE m.mailbox_id = expunged.mailbox_id AND m.uid = expunged.uid)`,
  `UPDATE mailbox SET uidvalidity = max(uidvalidity, 1),
    uidnext = max(uidnext, 1, 1 + ${highest("message", "uid")}, 1 + ${highest("expunged", "uid")}),
    createseq = min(createseq, coalesce((SELECT min(m.createseq) FROM message m WHERE m.mailbox_id = mailbox.id), createseq)),
    expungeseq = max(min(expungeseq, modseq), ${highest("expunged", "modseq")})`,
  `UPDATE mailbox SET changeseq = max(changeseq, createseq), recent_uid = min(recent_uid, uidnext),
    modseq = max(modseq, createseq, expungeseq, ${highest("message", "modseq")}, ${highest("message", "createseq")})`,
  `UPDATE mailbox SET messages = ${of("count(*)")}, size = ${of("coalesce(sum(m.size), 0)")},
    unseen = ${of("count(*)", `NOT m.flags & ${Flag.Seen}`)}, deleted = ${of("count(*)", `m.flags & ${Flag.Deleted}`)},
    deleted_size = ${of("coalesce(sum(m.size), 0)", `m.flags & ${Flag.Deleted}`)}, recent = (${RECENT})`,
  `UPDATE account SET
    modseq = max(modseq, coalesce((SELECT max(max(modseq, changeseq, coalesce(removeseq, 0))) FROM mailbox), 0),
      coalesce((SELECT max(modseq) FROM annotation), 0), coalesce((SELECT max(modseq) FROM reader), 0)),
    uidvalidity = max(uidvalidity, coalesce((SELECT max(uidvalidity) FROM mailbox), 0)),
    email_id = max(email_id, coalesce((SELECT max(id) FROM email), 0), coalesce((SELECT max(email_id) FROM content), 0),
      coalesce((SELECT max(email_id) FROM header), 0), coalesce((SELECT max(email_id) FROM message), 0)),
    messages = (SELECT count(*) FROM message), size = (SELECT coalesce(sum(size), 0) FROM message),
    expunged_size = (SELECT coalesce(sum(size), 0) FROM expunged WHERE email_id IS NOT NULL AND expunged_at > 0)`,
  `DELETE FROM reference WHERE thread_id < 1 OR thread_id > (SELECT email_id FROM account)`,
  `UPDATE email SET thread_id = id WHERE thread_id < 1 OR thread_id > (SELECT email_id FROM account)`,
  // One note says of all messages that they may have changed.
  "DELETE FROM changed",
  `INSERT INTO changed SELECT id, modseq, 1, ${MAX_UID} FROM mailbox WHERE removeseq IS NULL`,
];

export function repairCounters(db: AccountDatabase): void {
  for (const text of STEPS) db.run(text);
}
