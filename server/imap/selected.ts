/**
 * The client's view of its selected mailbox: which messages it has been told of and in which order (so MSN <-> UID), and up to
 * which modseq it knows flags and removals.
 *
 * Invariants: nothing is told twice; a message number is used only for messages the client knows; `list` changes only when
 * EXISTS, EXPUNGE or VANISHED is written, but for UIDONLY sessions, whose list is that of the shared index, without new messages.
 */
import type { Mailbox, MailStore, Pin } from "../../store/store.ts";
import { lowerBound, type MailboxIndex, type MessageList, positionOf } from "../../store/index.ts";
import type { ModSeq, Uid, UidRange, UidRanges } from "../../store/types.ts";
import { Rights } from "../../store/rights.ts";
import type { FoundPlace } from "./access.ts";
import { resolve, type SequenceSet } from "./wire/sequence.ts";
import { BadError } from "./errors.ts";
import type { Follower } from "./tell.ts";

/** Positions [from, to) in the client's list; position p is MSN p+1. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export class Selected {
  #list: MessageList | undefined;
  /** UIDs below this one are known to the client, or gone. */
  uidNextTold: Uid;
  /** How many messages the client knows. */
  countTold: number;
  /** The last look at the store found this, and told what may be told. */
  told: ModSeq;
  /** The client knows flags up to here. */
  flagsTold: ModSeq;
  /** The client knows removals up to here; content of later ones stays readable. */
  readonly pin: Pin;
  /** Modseqs above `flagsTold` that this session made itself and has answered already. */
  readonly ownModSeqs = new Set<number>();
  /** How many keywords the client was told of in FLAGS. */
  keywordsTold = 0;
  /** Messages with UIDs from here on are \Recent in this session; Infinity without any. */
  recentFrom = Infinity;
  /** The result that `$` stands for (RFC 5182). */
  saved: UidRanges = [];
  /** Who wants to know what the client is told. */
  readonly followers = new Set<Follower>();
  /** Where the mailbox is and what may be done with it; a new one when the rights change. */
  place: FoundPlace;

  constructor(
    readonly mail: MailStore,
    readonly mailbox: Mailbox,
    readonly readOnly: boolean,
    /** As of the last look at the store; may be ahead of `list`. */
    public index: MailboxIndex,
    place: FoundPlace = { mail, name: mailbox.name, shown: mailbox.name, mailbox, rights: Rights.ALL },
  ) {
    this.place = place;
    this.#list = index.list;
    this.uidNextTold = index.uidNext;
    this.countTold = index.list.count;
    this.told = this.flagsTold = index.modseq;
    this.pin = mail.pin(mailbox.id, index.modseq);
    this.keywordsTold = index.keywords.length;
  }

  /** What the client knows. */
  get list(): MessageList {
    return this.#list ??= {
      uids: this.index.list.uids,
      count: lowerBound(this.index.list, this.uidNextTold),
    };
  }

  set list(list: MessageList) {
    this.#list = list;
  }

  /**
   * For UIDONLY sessions, between commands: without message numbers the shared index says all that is to be known of the list, so
   * none is held. A held one would keep the arrays of the index alive after a removal replaced them, as long as the session lags.
   */
  rest(): void {
    this.#list = undefined;
  }

  get count(): number {
    return this.list.count;
  }

  /** 0 <= position < count. */
  uidAt(position: number): Uid {
    return this.list.uids[position] as Uid;
  }

  /** Position in the client's list, -1 if the client does not know the UID. */
  positionOf(uid: number): number {
    return positionOf(this.list, uid);
  }

  /** Position in the shared index of the message at `position` of the list; -1: expunged, the client does not know it yet. */
  indexPosition(position: number): number {
    const uid = this.list.uids[position];
    if (this.list.uids === this.index.list.uids) return position;
    return positionOf(this.index.list, uid);
  }

  /** All messages of the spans are still in the mailbox, as far as the index knows. */
  allThere(spans: readonly Span[]): boolean {
    if (this.list.uids === this.index.list.uids) return true;
    return spans.every(({ from, to }) => {
      let position = from;
      while (position < to && this.indexPosition(position) >= 0) position++;
      return position === to;
    });
  }

  /**
   * What a sequence set names among the messages the client knows: ascending spans that do not touch.
   * @throws {BadError} a message number beyond the last (RFC 9051 §9 seq-number); UIDs may be anything.
   */
  spans(set: SequenceSet, uid: boolean): Span[] {
    if (set.saved) return this.spansOf(this.saved);
    if (uid) {
      const last = this.count === 0 ? 0 : this.list.uids[this.count - 1];
      return this.spansOf(resolve(set, last) as unknown as UidRanges);
    }
    return resolve(set, this.count).map(({ first, last }) => {
      if (first < 1 || last > this.count) throw new BadError(undefined, `there is no message number ${last}`);
      return { from: first - 1, to: last };
    });
  }

  /** The known messages within ranges of UIDs. */
  spansOf(ranges: UidRanges): Span[] {
    const spans: Span[] = [];
    for (const { first, last } of ranges) {
      const from = lowerBound(this.list, first);
      const to = last >= 0xffffffff ? this.count : lowerBound(this.list, last + 1);
      const before = spans.at(-1);
      if (from >= to) continue;
      if (before && before.to === from) spans[spans.length - 1] = { from: before.from, to };
      else spans.push({ from, to });
    }
    return spans;
  }

  /** UID ranges that hold the messages of the spans and no other known message. */
  ranges(spans: readonly Span[]): UidRange[] {
    return spans.map(({ from, to }) => ({ first: this.uidAt(from), last: this.uidAt(to - 1) }));
  }
}

/** A look at a mailbox as it is now. @throws {StoreError} nonexistent */
export async function look(mail: MailStore, mailbox: Mailbox, readOnly: boolean, place: FoundPlace): Promise<Selected> {
  // Pinned before it is read, so that nothing of what is read is purged before it is pinned.
  const all = mail.pin(mailbox.id, 0 as ModSeq);
  try {
    return new Selected(mail, mailbox, readOnly, await mail.index(mailbox.id), place);
  } finally {
    all.release();
  }
}

/** Number of messages in spans. */
export function spanLength(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
