/** Reading messages in batches, of which those that are not parsed are parsed before, some at a time. */
import { type MailboxId, StoreError, type UidRanges } from "../types.ts";
import type { AccountDatabase, Durability } from "./database.ts";
import type { AccountHandle } from "./handle.ts";
import { AT_ONCE, type Unparsed } from "./parsing.ts";
import { after, upTo } from "./read.ts";

export interface Wanted {
  readonly mailbox: MailboxId;
  readonly uids: UidRanges;
  /** How safe the parsing must be; undefined: nothing is read that is made by parsing. */
  readonly parsed: Durability | undefined;
}

/**
 * What a reader gives until it gives nothing; others may use the account in between. Where emails have to be parsed before, some are,
 * and the messages up to there read.
 * @param readerOf what reads these, a batch at a time
 */
export async function* batches<T>(
  handle: AccountHandle,
  { mailbox, uids, parsed }: Wanted,
  readerOf: (uids: UidRanges) => (db: AccountDatabase) => T | undefined,
): AsyncIterable<T> {
  const { parsing } = handle;
  const unparsed = parsed ? await handle.use((db) => parsing.among(db, mailbox, uids)) : [];
  let rest = uids;
  for (let at = 0; rest.length > 0;) {
    const portion = unparsed.slice(at, at + AT_ONCE);
    const kept = await parse(handle, portion, parsed);
    at += kept ?? portion.length;
    const now = at < unparsed.length ? upTo(rest, unparsed[at - 1].uid) : rest;
    rest = at < unparsed.length ? after(rest, unparsed[at - 1].uid) : [];
    const next = readerOf(now);
    const read = kept === undefined ? (db: AccountDatabase) => parsing.pretend(db, portion, () => next(db)) : next;
    for (let batch; (batch = await handle.use(read)) !== undefined;) yield batch;
  }
}

/** @returns how many were parsed; undefined: the disk is full */
async function parse(
  handle: AccountHandle,
  emails: readonly Unparsed[],
  durability: Durability | undefined,
): Promise<number | undefined> {
  if (emails.length === 0) return 0;
  try {
    return await handle.use((db) => handle.parsing.parse(db, emails, durability));
  } catch (error) {
    if (error instanceof StoreError && error.fault === "diskfull") return undefined;
    throw error;
  }
}
