/**
 * Removing for good what was expunged, when no session can ask for it any more and it is too old, or too much, to be kept for
 * undeleting. What the sessions of all threads and processes know is in presence.ts. UID and modseq of a removed message
 * stay, for VANISHED (RFC 7162 §3.2.7).
 */
import { TEMPORARY } from "./content.ts";
import type { AccountDatabase } from "./database.ts";
import type { Floors } from "./presence.ts";
import { sql } from "./statements.ts";

/** `?2` is what sessions have been told of, as `{"mailbox": modseq}`; nobody looks at the other mailboxes. */
const DUE = sql(`SELECT mailbox_id, uid, email_id, expunged_at, size FROM expunged INDEXED BY expunged_kept
  WHERE email_id IS NOT NULL AND expunged_at <= ?1 AND modseq <= coalesce(?2 ->> CAST(mailbox_id AS TEXT), modseq)
  ORDER BY expunged_at LIMIT ?3`);
const ANY_DUE = sql(`SELECT EXISTS (SELECT 1 FROM expunged INDEXED BY expunged_kept
  WHERE email_id IS NOT NULL AND expunged_at <= ?)`);
const OLDEST = sql(`SELECT expunged_at, size FROM expunged INDEXED BY expunged_kept
  WHERE email_id IS NOT NULL AND expunged_at > 0 ORDER BY expunged_at LIMIT ?`);
const KEPT_SIZE = sql("SELECT expunged_size FROM account");
const LESS_KEPT = sql("UPDATE account SET expunged_size = expunged_size - ?");
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
  sql("DELETE FROM judged WHERE email_id = ?"),
  sql("DELETE FROM unparsed WHERE email_id = ?"),
  sql("DELETE FROM header WHERE email_id = ?"),
  sql("DELETE FROM email WHERE id = ?"),
];
const FREE_PAGES = sql("PRAGMA freelist_count");
const KNOWN_FILE = sql("SELECT 1 FROM content WHERE file = ?");

/** How long, in seconds, and how much, in bytes, is kept to be undeleted. */
export interface Keep {
  readonly seconds: number;
  readonly bytes: number;
}

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
  /** How many emails were removed. */
  readonly emails: number;
  /** Content files that no row refers to any more. */
  readonly files: readonly string[];
}

/**
 * One step, one transaction. The files are to be removed after it.
 * @param floors asked within the transaction; undefined: nothing may be removed
 */
export function purgeStep(db: AccountDatabase, floors: () => Floors | undefined, keep: Keep): Purged {
  const purged = db.write("full", () => {
    const files: string[] = [];
    const due = dueUntil(db, keep);
    const told = floors();
    const rows = told ? db.rows<[number, number, number, number, number]>(DUE, due, JSON.stringify(told), STEP) : [];
    let size = 0;
    for (const [mailbox, uid, , at, bytes] of rows) {
      if (db.run(FORGET_REMOVED, mailbox, uid) === 0) db.run(FORGET, mailbox, uid);
      if (at > 0) size += bytes;
    }
    let emails = 0;
    for (const email of new Set(rows.map(([, , email]) => email))) if (removeUnused(db, email, files)) emails++;
    if (size > 0) db.run(LESS_KEPT, size);
    const more = rows.length === STEP;
    return { files, emails, more, waiting: !more && anyDue(db, due) };
  });
  const free = db.row<[number]>(FREE_PAGES)?.[0] ?? 0;
  if (free > SPARE_PAGES) db.shrink(Math.min(free - SPARE_PAGES, SHRINK_PAGES));
  return { ...purged, more: purged.more || free > SPARE_PAGES + SHRINK_PAGES };
}

/** What was expunged up to here goes: it is too old, or younger ones need its room. Seconds since 1970. */
function dueUntil(db: AccountDatabase, keep: Keep): number {
  const old = Math.floor(Date.now() / 1000) - keep.seconds;
  const tooMuch = (db.row<[number]>(KEPT_SIZE)?.[0] ?? 0) - keep.bytes;
  if (tooMuch <= 0) return old;
  let [at, room] = [old, 0];
  for (const [expungedAt, size] of db.rows<[number, number]>(OLDEST, STEP)) {
    at = Math.max(at, expungedAt);
    room += size;
    if (room >= tooMuch) break;
  }
  return at;
}

function anyDue(db: AccountDatabase, until: number): boolean {
  return db.row<[number]>(ANY_DUE, until)?.[0] === 1;
}

/** @returns false: it is used */
function removeUnused(db: AccountDatabase, email: number, files: string[]): boolean {
  if (db.row<[number]>(USED, email)?.[0]) return false;
  const file = db.row<[string | null]>(FILE, email)?.[0];
  if (file) files.push(file);
  for (const text of REMOVE) db.run(text, email);
  return true;
}

/** What all of them know. */
export function lowest(all: readonly Floors[]): Floors {
  const found: Record<string, number> = {};
  for (const floors of all) {
    for (const [mailbox, modseq] of Object.entries(floors)) {
      found[mailbox] = Math.min(found[mailbox] ?? modseq, modseq);
    }
  }
  return found;
}

/** Something was expunged and is not to be kept any longer. */
export function hasDue(db: AccountDatabase, keep: Keep): boolean {
  return anyDue(db, dueUntil(db, keep));
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
