/** Threads: an email belongs where any message that it names is known already (RFC 8474 §5.2). */
import type { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import type { ParsedMessage } from "../mime/message.ts";
import { normalMessageId } from "../mime/sortkeys.ts";
import type { AccountDatabase } from "./database.ts";
import { sql } from "./statements.ts";

const KNOWN = sql("SELECT thread_id FROM reference WHERE hash = ?");
const ADD = sql("INSERT INTO reference (hash, thread_id) VALUES (?, ?)");

/** References beyond are ignored, the oldest first. */
const MAX_REFERENCES = 50;

export interface ThreadHints {
  readonly messageId: string | null;
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
}

/** What THREAD links messages by (RFC 5256 §3), as kept; see `threadIds`. */
export interface ThreadKey {
  /** Empty without one. */
  readonly messageId: string;
  /** The nearest last. */
  readonly references: string;
}

export function threadKey({ messageId, sortKeys }: Pick<ParsedMessage, "messageId" | "sortKeys">): ThreadKey {
  return {
    messageId: messageId === null ? "" : messageIdKey(messageId),
    references: threadIds(sortKeys.references),
  };
}

/** Keys of emails that have this Message-ID, however it is written: with its angle brackets or without. */
export function messageIdKeys(id: string): string[] {
  const bare = id.replace(/^</, "").replace(/>$/, "");
  return [messageIdKey(`<${bare}>`), messageIdKey(bare)];
}

/** The key of an email with this Message-ID. */
export function messageIdKey(id: string): string {
  return threadIds([normalMessageId(id)]);
}

/** The hashes of normalised Message-IDs as text: 48 bits of each, in base64. */
function threadIds(ids: readonly string[]): string {
  return ids.map((id) => sha256(id).subarray(0, 6).toString("base64")).join("");
}

/** 48 bits of the hash of a Message-ID, its angle brackets left out. */
function hashOf(id: string): number {
  return sha256(id.replace(/^</, "").replace(/>$/, "")).readUIntBE(0, 6);
}

function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

/**
 * The hashes of all messages that an email names, the nearest first. Costs no database, so it is done outside of the transaction.
 */
export function referenceHashes({ messageId, inReplyTo, references }: ThreadHints): number[] {
  const ids = [messageId, inReplyTo, ...references.slice(-MAX_REFERENCES).reverse()];
  return [...new Set(ids.filter((id) => id !== null && id !== "").map((id) => hashOf(id as string)))];
}

/** The thread of a new email: one that a named message is in, or a new one, which is called after the email. */
export function threadOf(db: AccountDatabase, emailId: number, hashes: readonly number[]): number {
  const unknown: number[] = [];
  let thread: number | undefined;
  for (const hash of hashes) {
    const known = db.row<[number]>(KNOWN, hash);
    if (!known) unknown.push(hash);
    else thread ??= known[0];
  }
  for (const hash of unknown) db.run(ADD, hash, thread ?? emailId);
  return thread ?? emailId;
}
