/**
 * The memory-resident table of one mailbox, see ../index.ts.
 *
 * Invariants: positions ascend by UID. Arrays grow behind `count` in place; a removal or a lack of room makes new ones, so views
 * that were handed out stay as they were. After `apply` and `refresh` the index equals the database at `modseq`.
 */
import { INLINE_KEYWORDS } from "../flags.ts";
import { lowerBound, type MailboxIndex, type MessageList, positionOf } from "../index.ts";
import type { MailboxId, ModSeq, Uid } from "../types.ts";
import { changedSince } from "./changelog.ts";
import type { AccountDatabase } from "./database.ts";
import { type EmailRun, EmailRuns } from "./emailruns.ts";
import { loadKeywords, parseMore } from "./keywords.ts";
import { rangesJson } from "./messages.ts";
import type { MailboxRow } from "./rows.ts";
import type { Packed } from "./packedindex.ts";
import { sql } from "./statements.ts";
import { changesOf, type FlaggedRun, type MailboxChange } from "./transaction.ts";

/** One text per column: five times faster than a row per message. */
const LOAD = sql(`SELECT group_concat(uid), group_concat(flags), group_concat(modseq)
  FROM (SELECT uid, flags, modseq FROM message WHERE mailbox_id = ? AND uid >= ? ORDER BY uid)`);
const LOAD_MORE = sql(`SELECT uid, more_keywords FROM message
  WHERE mailbox_id = ? AND uid >= ? AND more_keywords IS NOT NULL`);
/** Of messages that the index has. */
const CHANGED = sql(`SELECT m.uid, m.flags, m.more_keywords, m.modseq FROM json_each(?2) r CROSS JOIN message m
  WHERE m.mailbox_id = ?1 AND m.uid BETWEEN r.value ->> 0 AND min(r.value ->> 1, ?4 - 1) AND m.modseq > ?3`);
const REMOVED = sql("SELECT uid FROM expunged WHERE mailbox_id = ? AND modseq > ?");

const NONE: readonly number[] = [];
const NO_POSITIONS = new Uint32Array(0);
const BYTES_PER_MESSAGE = 16;
const FIXED_BYTES = 1024;

export class MemoryIndex implements MailboxIndex {
  readonly mailbox: MailboxId;
  uidValidity: number;
  modseq: ModSeq;
  uidNext: Uid;
  /** Messages from here on were told as \Recent to nobody, as of the last look at the mailbox's row. */
  recentUid = 0;
  list: MessageList;
  flagWords: Uint32Array;
  keywords: string[];
  #modseqs: Float64Array | undefined;
  /** What `modseqs` is made of when it is first asked for: SELECT does not. */
  #packedModseqs: Packed["modseqs"] | undefined;
  readonly #more = new Map<number, readonly number[]>();
  readonly #emails: EmailRuns;
  #changed: { since: number; positions: Uint32Array } | undefined;
  /** Which state of the database this index was last compared with; see IndexCache. */
  generation = -1;
  /** How many messages came, went or changed since it was packed last. */
  unpacked = 0;

  /**
   * Loads the mailbox; must stand in a read transaction.
   * @param packed the index as it was, if that is to be made use of
   */
  constructor(db: AccountDatabase, row: MailboxRow, packed?: Packed) {
    this.mailbox = row.id;
    this.#emails = new EmailRuns(row.id, packed?.emails);
    this.uidValidity = row.uidValidity;
    this.modseq = (packed?.modseq ?? 0) as ModSeq;
    this.uidNext = (packed?.uidNext ?? 1) as Uid;
    this.keywords = loadKeywords(db, row.id);
    const count = packed?.count ?? 0;
    const room = capacity(Math.max(count, row.messages));
    const uids = new Uint32Array(room);
    this.list = { uids, count };
    this.flagWords = new Uint32Array(room);
    if (packed) {
      uids.set(packed.uids);
      this.flagWords.set(packed.words);
      this.#packedModseqs = packed.modseqs;
    }
    this.refresh(db, row);
    if (this.list.count !== row.messages) throw new Error("a mailbox's counter differs from its messages");
  }

  get modseqs(): Float64Array {
    if (!this.#modseqs) {
      this.#modseqs = new Float64Array(this.flagWords.length);
      if (this.#packedModseqs) this.#modseqs.set(this.#packedModseqs);
      this.#packedModseqs = undefined;
    }
    return this.#modseqs;
  }

  /** What the index takes in memory, about. */
  get bytes(): number {
    return FIXED_BYTES + this.flagWords.length * BYTES_PER_MESSAGE + this.#more.size * 100 +
      this.#emails.bytes;
  }

  /** Which emails messages are. Must stand in a read transaction. @param uids ascending */
  emailsOf(db: AccountDatabase, uids: Uint32Array): EmailRun[] {
    return this.#emails.of(db, uids);
  }

  /** As it is to be packed. Must stand in a transaction in which it is what the database has. */
  columns(db: AccountDatabase): Packed {
    const { modseq, uidNext, list: { uids, count }, flagWords: words, modseqs } = this;
    const emails = this.#emails.packed(db, uids.subarray(0, count));
    return { modseq, uidNext, count, modseqs, uids, words, emails };
  }

  moreKeywords(uid: Uid): readonly number[] {
    return this.#more.get(uid) ?? NONE;
  }

  position(uid: Uid): number {
    return positionOf(this.list, uid);
  }

  /** Sessions that lag equally far behind ask the same, so the last answer is kept. */
  changedSince(since: ModSeq): Uint32Array {
    if (since >= this.modseq) return NO_POSITIONS;
    if (this.#changed?.since === since) return this.#changed.positions;
    const { count } = this.list;
    const { modseqs } = this;
    let found = 0;
    for (let i = 0; i < count; i++) if (modseqs[i] > since) found++;
    const positions = new Uint32Array(found);
    for (let i = 0, at = 0; at < found; i++) if (modseqs[i] > since) positions[at++] = i;
    this.#changed = { since, positions };
    return positions;
  }

  /** Takes over what one's own transaction did; the index must have been at `change.before`. */
  apply(change: MailboxChange): void {
    const { mailbox, added, flagged, removed, keywords } = change;
    this.unpacked += changesOf(change);
    if (keywords.length > 0) this.keywords = [...this.keywords, ...keywords];
    for (const run of flagged) this.#setRun(run, mailbox.modseq);
    if (removed.length > 0) this.#remove(removed);
    if (added.uids.length > 0) {
      this.#reserve(added.uids.length);
      let { count } = this.list;
      added.uids.forEach((uid, i) => this.#put(count++, uid, added.words[i], added.more[i], mailbox.modseq));
      this.list = { uids: this.list.uids, count };
    }
    this.#reached(mailbox);
  }

  /** Catches up with other processes; must stand in a read transaction. `row` is the mailbox as it is now. */
  refresh(db: AccountDatabase, row: MailboxRow): void {
    this.recentUid = row.recentUid;
    if (row.modseq === this.modseq) return;
    this.keywords = loadKeywords(db, row.id);
    if (this.list.count > 0) {
      const ranges = rangesJson(changedSince(db, row, this.modseq));
      type Values = [number, number, string | null, number];
      const changed = db.rows<Values>(CHANGED, row.id, ranges, this.modseq, this.uidNext);
      for (const [uid, word, more, modseq] of changed) this.#set(uid, word, more, modseq);
      this.unpacked += changed.length;
    }
    if (row.expungeSeq > this.modseq && this.list.count > 0) {
      const removed = db.rows<[number]>(REMOVED, row.id, this.modseq).map(([uid]) => uid);
      this.#remove(removed.filter((uid) => uid < this.uidNext).sort((a, b) => a - b));
    }
    if (row.uidNext > this.uidNext) this.#addFrom(db, row);
    this.#reached(row);
    if (this.list.count !== row.messages) throw new Error("a mailbox's index differs from its messages");
  }

  /** The messages that came since. */
  #addFrom(db: AccountDatabase, { id, messages }: MailboxRow): void {
    const { count } = this.list;
    const [uids, words, modseqs] = db.row<(string | null)[]>(LOAD, id, this.uidNext) ?? [];
    if (!uids || !words || !modseqs) return;
    this.#reserve(Math.max(0, messages - count));
    const added = parseNumbers(uids, this.list.uids, count);
    if (count + added > this.list.uids.length) throw new Error("a mailbox's counter differs from its messages");
    parseNumbers(words, this.flagWords, count);
    parseNumbers(modseqs, this.modseqs, count);
    this.list = { uids: this.list.uids, count: count + added };
    this.unpacked += added;
    if (this.keywords.length <= INLINE_KEYWORDS) return;
    for (const [uid, more] of db.rows<[number, string]>(LOAD_MORE, id, this.uidNext)) this.#setMore(uid, more);
  }

  #reached(row: MailboxRow): void {
    this.uidValidity = row.uidValidity;
    this.modseq = row.modseq as ModSeq;
    this.uidNext = row.uidNext as Uid;
    this.recentUid = row.recentUid;
    this.list = { uids: this.list.uids, count: this.list.count };
    this.#changed = undefined;
  }

  #set(uid: number, word: number, more: string | null, modseq: number): void {
    const at = positionOf(this.list, uid);
    if (at >= 0) this.#put(at, uid, word, more, modseq);
  }

  #setRun({ uids, words, more }: FlaggedRun, modseq: number): void {
    const { list } = this;
    const from = positionOf(list, uids[0]);
    const to = from + uids.length;
    if (from < 0 || list.uids[to - 1] !== uids[uids.length - 1]) {
      // The transaction removed some between them, or added some of them.
      for (let i = 0; i < uids.length; i++) this.#set(uids[i], words[i], more.get(uids[i]) ?? null, modseq);
      return;
    }
    this.flagWords.set(words, from);
    this.modseqs.fill(modseq, from, to);
    if (this.#more.size > 0) { for (let at = from; at < to; at++) this.#more.delete(list.uids[at]); }
    for (const [uid, numbers] of more) this.#setMore(uid, numbers);
  }

  #put(at: number, uid: number, word: number, more: string | null, modseq: number): void {
    this.list.uids[at] = uid;
    this.flagWords[at] = word;
    this.modseqs[at] = modseq;
    this.#setMore(uid, more);
  }

  #setMore(uid: number, more: string | null): void {
    if (more !== null) this.#more.set(uid, parseMore(more));
    else if (this.#more.size > 0) this.#more.delete(uid);
  }

  /** Makes room for more messages. */
  #reserve(more: number): void {
    const { uids, count } = this.list;
    if (count + more > uids.length) this.#replace(capacity(count + more), [{ from: 0, to: count }]);
  }

  /** @param removed ascending UIDs */
  #remove(removed: readonly number[]): void {
    const { count } = this.list;
    const kept: { from: number; to: number }[] = [];
    let from = 0;
    for (const uid of removed) {
      const at = lowerBound(this.list, uid);
      this.#more.delete(uid);
      if (at >= count || this.list.uids[at] !== uid) continue;
      if (at > from) kept.push({ from, to: at });
      from = at + 1;
    }
    if (from < count) kept.push({ from, to: count });
    const left = kept.reduce((sum, span) => sum + span.to - span.from, 0);
    if (left < count) this.#replace(capacity(left), kept);
  }

  /** New arrays that hold these spans of the old ones. */
  #replace(room: number, spans: readonly { from: number; to: number }[]): void {
    const uids = new Uint32Array(room);
    const flagWords = new Uint32Array(room);
    const modseqs = new Float64Array(room);
    let count = 0;
    for (const { from, to } of spans) {
      uids.set(this.list.uids.subarray(from, to), count);
      flagWords.set(this.flagWords.subarray(from, to), count);
      modseqs.set(this.modseqs.subarray(from, to), count);
      count += to - from;
    }
    this.list = { uids, count };
    this.flagWords = flagWords;
    this.#modseqs = modseqs;
  }
}

function capacity(count: number): number {
  return count + Math.max(8, count >>> 3);
}

/** Decimal numbers with commas between, from `at` on. What does not fit is left out. @returns how many there are */
function parseNumbers(text: string, into: Uint32Array | Float64Array, at: number): number {
  let value = 0;
  let next = at;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2c) {
      into[next++] = value;
      value = 0;
    } else {
      value = value * 10 + code - 0x30;
    }
  }
  into[next++] = value;
  return next - at;
}
