/**
 * A mailbox's index as somebody else's reader sees it: the owner's, with the reader's \Seen in place of the owner's, and a message's
 * modseq the higher of the message's and the mark's.
 *
 * Invariant: positions are those of the base index that it was made of; a new base makes a new list here too.
 */
import { Flag } from "../flags.ts";
import { type MailboxIndex, type MessageList, positionOf } from "../index.ts";
import type { MailboxId, ModSeq, Uid } from "../types.ts";
import type { Mark } from "./marks.ts";

export class ReaderIndex implements MailboxIndex {
  readonly mailbox: MailboxId;
  readonly uidValidity: number;
  readonly modseq: ModSeq;
  readonly uidNext: Uid;
  readonly list: MessageList;
  readonly flagWords: Uint32Array;
  readonly modseqs: Float64Array;
  readonly keywords: readonly string[];
  /** The base's list when this was made. */
  readonly baseList: MessageList;
  readonly #marks: ReadonlyMap<number, Mark>;

  /**
   * @param marks all of the reader's in the mailbox, by UID
   * @param marked the modseq of the last
   */
  constructor(readonly base: MailboxIndex, marks: ReadonlyMap<number, Mark>, readonly marked: number) {
    const { uids, count } = base.list;
    this.mailbox = base.mailbox;
    this.uidValidity = base.uidValidity;
    this.modseq = Math.max(base.modseq, marked) as ModSeq;
    this.uidNext = base.uidNext;
    this.baseList = base.list;
    this.list = { uids, count };
    this.keywords = base.keywords;
    this.flagWords = base.flagWords.slice(0, count);
    this.modseqs = base.modseqs.slice(0, count);
    this.#marks = marks;
    for (let at = 0; at < count; at++) this.flagWords[at] &= ~Flag.Seen;
    for (const [uid, seen, modseq] of marks.values()) {
      const at = positionOf(this.list, uid);
      if (at < 0) continue;
      if (seen) this.flagWords[at] |= Flag.Seen;
      if (modseq > this.modseqs[at]) this.modseqs[at] = modseq;
    }
  }

  /** Made of the base as it is now, and of all marks up to `marked`. */
  isCurrent(base: MailboxIndex, marked: number): boolean {
    return this.base === base && this.baseList === base.list && this.marked === marked;
  }

  /** The marks with newer ones. */
  marksWith(newer: readonly Mark[]): Map<number, Mark> {
    const marks = new Map(this.#marks);
    for (const mark of newer) marks.set(mark[0], mark);
    return marks;
  }

  get marks(): ReadonlyMap<number, Mark> {
    return this.#marks;
  }

  moreKeywords(uid: Uid): readonly number[] {
    return this.base.moreKeywords(uid);
  }

  position(uid: Uid): number {
    return positionOf(this.list, uid);
  }

  changedSince(since: ModSeq): Uint32Array {
    if (since >= this.modseq) return new Uint32Array(0);
    const found: number[] = [];
    for (let at = 0; at < this.modseqs.length; at++) if (this.modseqs[at] > since) found.push(at);
    return Uint32Array.from(found);
  }
}
