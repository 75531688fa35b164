/**
 * The mailbox index: one packed, memory-resident table per mailbox, shared by all sessions that look at it.
 * Messages stand in ascending order of UID; position p is MSN p+1 for a session that has been told everything.
 *
 * `uids` is copy on write: messages are added behind `count` in place, and a removal makes new arrays. So a session keeps
 * `{uids, count}` as its view, for nothing while it is up to date, and still sees its old numbers while it lags behind.
 */
import type { MailboxId, ModSeq, Uid } from "./types.ts";

/** The messages a session knows: the first `count` of `uids`. */
export interface MessageList {
  readonly uids: Uint32Array;
  readonly count: number;
}

export interface MailboxIndex {
  readonly mailbox: MailboxId;
  readonly uidValidity: number;
  /** All commits up to here are in this index. */
  readonly modseq: ModSeq;
  readonly uidNext: Uid;
  /** Current messages. A new object after each change; its `uids` only after a removal. */
  readonly list: MessageList;
  /** By position: fixed flags and keywords 0 to INLINE_KEYWORDS-1 (see flags.ts). Changed in place. */
  readonly flagWords: Uint32Array;
  /** By position. */
  readonly modseqs: Float64Array;
  /** Names by keyword number. Only ever grows. */
  readonly keywords: readonly string[];
  /** Numbers (>= INLINE_KEYWORDS) of the keywords that did not fit the flag word; rare. */
  moreKeywords(uid: Uid): readonly number[];
  /** Position of the UID in the current list, -1 if it is not there. */
  position(uid: Uid): number;
  /** Positions of messages with a modseq above `since`, ascending: new ones and those with changed flags. */
  changedSince(since: ModSeq): Uint32Array;
}

/** Position of `uid` in an ascending list, or -1. O(log n), O(1) where UIDs have no gaps. */
export function positionOf(list: MessageList, uid: number): number {
  const at = lowerBound(list, uid);
  return at < list.count && list.uids[at] === uid ? at : -1;
}

/** The first position whose UID is not below `uid`; `count` if there is none. */
export function lowerBound({ uids, count }: MessageList, uid: number): number {
  if (count === 0 || uid <= uids[0]) return 0;
  if (uids[count - 1] < uid) return count;
  // A list without gaps up to here is found at once.
  const guess = uid - uids[0];
  if (guess < count && uids[guess] === uid) return guess;
  let low = 0;
  let high = Math.min(count - 1, guess);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (uids[middle] < uid) low = middle + 1;
    else high = middle;
  }
  return low;
}
