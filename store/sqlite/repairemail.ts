/** Emails that lack something: what can be made of their bytes is made anew, and what is lost of the bytes is told in their place. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { Flag } from "../flags.ts";
import { parseMessage } from "../mime/message.ts";
import { type ByteSource, memorySource } from "../mime/source.ts";
import { addEmail } from "./append.ts";
import { FileSource } from "./content.ts";
import { addMessage } from "./messages.ts";
import { keepParsed, TAKE } from "./parsing.ts";
import { lostAndFound } from "./repairmailboxes.ts";
import type { Transaction } from "./transaction.ts";
import { digestOf } from "./verifycontent.ts";

const HEADER = "SELECT bytes FROM header WHERE email_id = ?";
const CONTENT = "SELECT sha256, file, bytes FROM content WHERE email_id = ?";
const THREAD = "SELECT thread_id FROM email WHERE id = ?";
const SET_THREAD = "UPDATE email SET thread_id = ? WHERE id = ?";
const FORGET = [
  "DELETE FROM email WHERE id = ?",
  ...["unparsed", "header", "search_header", "search_text", "sort_key", "sort_address", "thread_key", "content"]
    .map((table) => `DELETE FROM ${table} WHERE email_id = ?`),
];
const FORGET_JUDGED = "DELETE FROM judged WHERE email_id = ? AND NOT EXISTS (SELECT 1 FROM email WHERE id = ?1)";
const KEEP_DIGEST = "UPDATE content SET sha256 = ? WHERE email_id = ?";
const HELD = "SELECT EXISTS (SELECT 1 FROM message WHERE email_id = ?)";
const SET_SIZES = [
  "UPDATE message SET size = ?2 WHERE email_id = ?1 AND size <> ?2",
  "UPDATE expunged SET size = ?2 WHERE email_id = ?1 AND size <> ?2",
];
const HOMELESS =
  `SELECT email_id FROM content c WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.email_id = c.email_id)
  AND NOT EXISTS (SELECT 1 FROM expunged x WHERE x.email_id = c.email_id)`;

const encoder = new TextEncoder();

/** What stands where bytes were. */
export const LOST_HEADER = encoder.encode("Subject: A message whose header was lost\r\n\r\n");
export const LOST_BODY = encoder.encode("[The rest of this message was lost. -- Roost]\r\n");

/** All that is kept of it is made from its bytes again. */
export function rebuildEmail(tx: Transaction, id: number, folder: string): void {
  const { db } = tx;
  const header = db.row<[Uint8Array]>(HEADER, id)?.[0];
  const content = db.row<[Uint8Array, string | null, Uint8Array | null]>(CONTENT, id);
  const [digest, name, bytes] = content ?? [undefined, null, null];
  if (!header && !content && !db.row<[number]>(HELD, id)?.[0] && !db.row(THREAD, id)) {
    for (const text of FORGET) db.run(text, id); // rows that were made of something that is gone
    db.run(FORGET_JUDGED, id);
    return;
  }
  using file = name === null ? undefined : openFile(join(folder, name));
  const complete = file !== undefined || (header !== undefined && bytes !== null);
  const source: ByteSource = file ??
    memorySource(Buffer.concat([header ?? LOST_HEADER, bytes ?? LOST_BODY]));
  const thread = db.row<[number]>(THREAD, id)?.[0];
  for (const text of FORGET) db.run(text, id);
  write(tx, source, id, file ? name : null);
  // What was changed by the disk stays told: only the digest knows.
  if (complete && digest) db.run(KEEP_DIGEST, digest, id);
  if (thread !== undefined && thread >= 1) db.run(SET_THREAD, thread, id);
  for (const text of SET_SIZES) db.run(text, id, source.size);
}

/** Emails that are in no mailbox and were not expunged. */
export function keepHomeless(tx: Transaction, folder: string): void {
  const homeless = tx.db.rows<[number]>(HOMELESS);
  if (homeless.length === 0) return;
  const lost = tx.change(lostAndFound(tx));
  for (const [emailId] of homeless) {
    const size = sizeOf(tx, emailId, folder);
    addMessage(tx, lost, { emailId, word: Flag.Seen, more: null, internalDate: tx.now, size });
  }
}

/** A content file that no email has becomes one. */
export function keepFile(tx: Transaction, folder: string, name: string): void {
  using source = FileSource.open(join(folder, name), () => {});
  const lost = tx.change(lostAndFound(tx));
  const emailId = write(tx, source, undefined, name);
  addMessage(tx, lost, { emailId, word: Flag.Seen, more: null, internalDate: tx.now, size: source.size });
}

function sizeOf({ db }: Transaction, id: number, folder: string): number {
  const [, name, bytes] = db.row<[Uint8Array, string | null, Uint8Array | null]>(CONTENT, id) ?? [null, null, null];
  if (name !== null) return Deno.statSync(join(folder, name)).size;
  return (db.row<[Uint8Array]>(HEADER, id)?.[0].length ?? 0) + (bytes?.length ?? 0);
}

/** @param id the number that it has; a new one without */
function write(tx: Transaction, source: ByteSource, id: number | undefined, file: string | null): number {
  const parsed = parseMessage(source);
  const bytes = (from: number, to: number) => new Uint8Array(source.read(from, to));
  const email = addEmail(tx, {
    header: bytes(0, parsed.headerSize),
    content: file ?? bytes(parsed.headerSize, source.size),
    digest: file === null ? createHash("sha256").update(bytes(0, source.size)).digest() : digestOf(source),
  }, id);
  tx.db.run(TAKE, email);
  keepParsed(tx.db, email, parsed);
  return email;
}

function openFile(path: string): FileSource | undefined {
  try {
    return FileSource.open(path, () => {});
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
