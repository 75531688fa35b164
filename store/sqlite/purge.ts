/**
 * Removing for good what was expunged and nobody can ask for any more. Must stand where this process is alone with the account
 * (see presence.ts). UID and modseq of a removed message stay, for VANISHED (RFC 7162 §3.2.7).
 */
import type { MailboxId } from "../types.ts";
import { TEMPORARY } from "./content.ts";
import type { AccountDatabase } from "./database.ts";
import type { Pins } from "./pins.ts";
import { sql } from "./statements.ts";

const NEXT_MAILBOX = sql(`SELECT mailbox_id FROM expunged INDEXED BY expunged_pending
  WHERE email_id IS NOT NULL AND mailbox_id > ? ORDER BY mailbox_id LIMIT 1`);
const PENDING = sql(`SELECT uid, email_id FROM expunged INDEXED BY expunged_pending
  WHERE email_id IS NOT NULL AND mailbox_id = ? AND modseq <= ? LIMIT ?`);
const FORGET = sql("UPDATE expunged SET email_id = NULL, more_keywords = NULL WHERE mailbox_id = ? AND uid = ?");
/** Nobody asks what vanished from a mailbox that is gone itself. */
const FORGET_REMOVED = sql(`DELETE FROM expunged WHERE mailbox_id = ?1 AND uid = ?2
  AND EXISTS (SELECT 1 FROM mailbox WHERE id = ?1 AND removeseq IS NOT NULL)`);
const USED = sql(`SELECT EXISTS (SELECT 1 FROM message WHERE email_id = ?1)
  OR EXISTS (SELECT 1 FROM expunged WHERE email_id = ?1)`);
const FILE = sql("SELECT file FROM content WHERE email_id = ?");
const REMOVE = [
  sql("DELETE FROM content WHERE email_id = ?"),
  sql("DELETE FROM search_text WHERE email_id = ?"),
  sql("DELETE FROM search_header WHERE email_id = ?"),
  sql("DELETE FROM sort_key WHERE email_id = ?"),
  sql("DELETE FROM sort_address WHERE email_id = ?"),
  sql("DELETE FROM thread_key WHERE email_id = ?"),
  sql("DELETE FROM header WHERE email_id = ?"),
  sql("DELETE FROM email WHERE id = ?"),
];
const FREE_PAGES = sql("PRAGMA freelist_count");
const KNOWN_FILE = sql("SELECT 1 FROM content WHERE file = ?");

/** Messages in one step, so that a step takes some milliseconds. */
const STEP = 100;
/** Free pages that are left for new messages. */
const SPARE_PAGES = 64;
const SHRINK_PAGES = 512;

export interface Purged {
  /** Another step has something to do now. */
  readonly more: boolean;
  /** Something is left that sessions still can read. */
  readonly waiting: boolean;
  /** Content files that no row refers to any more. */
  readonly files: readonly string[];
}

/** One step, one transaction. The files are to be removed after it. */
export function purgeStep(db: AccountDatabase, pins: Pins): Purged {
  const purged = db.write("full", () => {
    const files: string[] = [];
    let left = STEP;
    let waiting = false;
    for (let mailbox = nextMailbox(db, 0); mailbox !== undefined; mailbox = nextMailbox(db, mailbox)) {
      const floor = Math.min(pins.floor(mailbox), Number.MAX_SAFE_INTEGER);
      waiting ||= floor !== Number.MAX_SAFE_INTEGER;
      const rows = db.rows<[number, number]>(PENDING, mailbox, floor, left);
      for (const [uid] of rows) if (db.run(FORGET_REMOVED, mailbox, uid) === 0) db.run(FORGET, mailbox, uid);
      for (const email of new Set(rows.map(([, email]) => email))) removeUnused(db, email, files);
      left -= rows.length;
      if (left === 0) break;
    }
    return { files, more: left === 0, waiting };
  });
  const free = db.row<[number]>(FREE_PAGES)?.[0] ?? 0;
  if (free > SPARE_PAGES) db.shrink(Math.min(free - SPARE_PAGES, SHRINK_PAGES));
  return { ...purged, more: purged.more || free > SPARE_PAGES + SHRINK_PAGES };
}

function removeUnused(db: AccountDatabase, email: number, files: string[]): void {
  if (db.row<[number]>(USED, email)?.[0]) return;
  const file = db.row<[string | null]>(FILE, email)?.[0];
  if (file) files.push(file);
  for (const text of REMOVE) db.run(text, email);
}

/** The first mailbox behind `mailbox` in which something was expunged and is still kept. */
function nextMailbox(db: AccountDatabase, mailbox: number): MailboxId | undefined {
  return db.row<[MailboxId]>(NEXT_MAILBOX, mailbox)?.[0];
}

/** Something was expunged and is still kept. */
export function hasPending(db: AccountDatabase): boolean {
  return nextMailbox(db, 0) !== undefined;
}

/** Names in the content folder that no row refers to: left by a process that was killed. */
export function orphans(db: AccountDatabase, folder: string): string[] {
  const found: string[] = [];
  try {
    for (const { name } of Deno.readDirSync(folder)) {
      if (name.startsWith(TEMPORARY) || !db.row(KNOWN_FILE, name)) found.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found;
}
