/**
 * Telling the client what changed in its selected mailbox since it was last told: EXPUNGE or VANISHED, EXISTS, FLAGS, FETCH.
 *
 * Invariants: nothing is told twice; no EXPUNGE or VANISHED where message numbers must hold (RFC 9051 §7.5.1); removals come
 * before additions, and FETCH after both, so its message numbers are those the client now has.
 */
import { StoreError } from "../../store/mod.ts";
import type { Look } from "../../store/store.ts";
import type { MailboxIndex, MessageList, ModSeq, Uid, UidRanges } from "../../store/mod.ts";
import { lowerBound, positionOf } from "../../store/index.ts";
import { FIXED_FLAGS, INLINE_KEYWORDS, KEYWORD_BITS } from "../../store/flags.ts";
import { flagsAllowed } from "./access.ts";
import type { Context } from "./command.ts";
import { ByeError } from "./errors.ts";
import { writeFetchHead } from "./fetchline.ts";
import { flagListBytes } from "./flags.ts";
import type { Selected } from "./selected.ts";
import type { Session } from "./session.ts";
import { formatRanges, rangesOf } from "./wire/sequence.ts";
import type { Encoder } from "./wire/encoder.ts";

/** What tell needs of a context. */
export type Teller = Pick<Context, "session" | "out" | "send" | "flushed" | "progress">;

/** What the client was told just now of its selected mailbox. */
export interface Change {
  /** New messages. */
  readonly added: UidRanges;
  /** UIDs of removed messages, ascending. */
  readonly removed: readonly Uid[];
  /** Where they stood in the client's list, ascending. Empty in UIDONLY sessions, which have no message numbers. */
  readonly removedPositions: readonly number[];
  /** Messages known before whose flags changed, whoever changed them, ascending. */
  readonly flagged: readonly Uid[];
}

/** Follows what the client is told of its selected mailbox; stands in `Selected.followers` for as long. */
export interface Follower {
  /** Removals are about to be told: the client's list still has them, so their numbers are still right. */
  leaving?(context: Teller, removed: readonly Uid[]): void;
  /** The client's list and flags are up to date; the tagged answer is still to come. Not called where nothing changed. */
  changed(context: Teller, change: Change): Promise<void>;
}

/**
 * Looks at the store and tells what is due, as far as NOTIFY wants it. Does nothing without a selected mailbox.
 * @param expunges removals may be told; otherwise they wait for the next time
 * @param look "own": what other processes did was looked for in this command, or is going to be
 * @param owed removals are this command's doing: they and new messages are told whatever NOTIFY says
 * @throws {ByeError} the mailbox was deleted by another session (RFC 2180 §3.3)
 */
export async function tell(context: Teller, expunges: boolean, owed = false, look: Look = "all"): Promise<void> {
  const { session, out } = context;
  const selected = session.selected;
  if (!selected) return;
  const index = selected.index = await lookAt(selected, look);
  if (look === "all") session.looked = true;
  const wanted = wantedEvents(session);
  if (!wanted.messages && !owed) return;
  // The index changes under us whenever we wait: what is told is what it says now.
  const { modseq, list, uidNext } = index;
  const maySayRemoved = expunges || session.uidOnly;
  const nothingNew = modseq === selected.told && (!maySayRemoved || selected.pin.modseq === modseq);
  if (nothingNew && (!wanted.flags || selected.flagsTold === modseq)) return;
  const lastKnown = selected.uidNextTold - 1;
  const isFollowed = selected.followers.size > 0 || session.notify !== undefined;
  const flaggedNow = isFollowed ? changedUids(index, selected.told, lastKnown) : [];
  const flagged = changedUids(index, selected.flagsTold, lastKnown, selected.ownModSeqs);

  const removed = session.uidOnly ? await vanished(selected, list) : removedFrom(selected.list, list);
  const pending = removed.length > 0 && !maySayRemoved;
  if (!pending && removed.length > 0) {
    for (const follower of selected.followers) follower.leaving?.(context, removed.uids);
  }
  if (!pending) removed.write(out, session);
  selected.list = pending ? withAdded(selected.list, list, lastKnown) : list;
  const added = rangesOf(list.uids, lowerBound(list, lastKnown + 1), list.count);
  if (added.length > 0) await writeAdded(out, session, selected, added[0].first);
  if (index.keywords.length > selected.keywordsTold) writeKeywords(out, selected, index);
  if (wanted.flags) {
    await writeFlags(context, selected, index, flagged);
    selected.flagsTold = modseq;
  }
  selected.told = modseq;
  selected.uidNextTold = uidNext;
  selected.countTold = selected.list.count;
  selected.ownModSeqs.clear();
  if (!pending) selected.pin.modseq = modseq;
  const { uids, positions } = pending ? NONE_REMOVED : removed;
  const change = { added, removed: uids, removedPositions: positions, flagged: flaggedNow };
  for (const follower of [...selected.followers]) await follower.changed(context, change);
  await session.notify?.changed(context, change);
}

/** Which of its selected mailbox's events the client wants; all, until it uses NOTIFY (RFC 5465 §3.1). */
function wantedEvents({ notify }: Session): { readonly messages: boolean; readonly flags: boolean } {
  return notify ? { messages: notify.selected !== undefined, flags: notify.selected?.flags ?? false } : ALL_EVENTS;
}

const ALL_EVENTS = { messages: true, flags: true };

const NO_MODSEQS: ReadonlySet<number> = new Set();

/** Known messages with a modseq above `since` that is none of `own`, ascending. */
function changedUids(index: MailboxIndex, since: ModSeq, lastKnown: number, own = NO_MODSEQS): Uid[] {
  const uids: Uid[] = [];
  const { modseqs, list } = index;
  let ours = 0;
  for (const at of index.changedSince(since)) {
    if (list.uids[at] > lastKnown) break; // new messages: EXISTS says enough
    // Many have the same modseq.
    if (modseqs[at] === ours) continue;
    if (own.has(modseqs[at])) ours = modseqs[at];
    else uids.push(list.uids[at] as Uid);
  }
  return uids;
}

/** Messages that the client knows and that are gone. */
interface Removed {
  readonly length: number;
  readonly uids: readonly Uid[];
  readonly positions: readonly number[];
  write(out: Encoder, session: Session): void;
}

const NONE_REMOVED: Removed = { length: 0, uids: [], positions: [], write() {} };

function removedFrom(before: MessageList, now: MessageList): Removed {
  const positions = removedPositions(before, now);
  if (positions.length === 0) return NONE_REMOVED;
  const uids = positions.map((position) => before.uids[position] as Uid);
  return {
    length: uids.length,
    uids,
    positions,
    write: (out, session) => writeRemoved(out, session, before, positions),
  };
}

/**
 * What a UIDONLY client has not been told: the store is asked, since such a session keeps no list to compare with.
 * @param now the list as of the look; what was removed after it is told the next time
 */
async function vanished(selected: Selected, now: MessageList): Promise<Removed> {
  const { mail, mailbox, pin, uidNextTold, countTold } = selected;
  if (lowerBound(now, uidNextTold) === countTold) return NONE_REMOVED;
  const known = [{ first: 1 as Uid, last: uidNextTold - 1 as Uid }];
  const uids: Uid[] = [];
  for (const { first, last } of await mail.vanishedSince(mailbox.id, pin.modseq, known)) {
    for (let uid: number = first; uid <= last; uid++) if (positionOf(now, uid) < 0) uids.push(uid as Uid);
  }
  return {
    length: uids.length,
    uids,
    positions: [],
    write: (out) => uids.length > 0 && out.ascii(`* VANISHED ${formatRanges(rangesOf(uids))}`).crlf(),
  };
}

/**
 * While removals wait, FETCH responses can bring higher modseqs than theirs. So a client that resynchronises by modseq is told up
 * to where it knows all (RFC 7162 §3.2, §6).
 */
export function tellDelayed({ session, out }: Pick<Context, "session" | "out">): void {
  const { selected } = session;
  if (!selected || !session.qresync || selected.pin.modseq >= selected.flagsTold) return;
  out.ascii(`* OK [HIGHESTMODSEQ ${selected.pin.modseq}] removals are told later`).crlf();
}

async function lookAt(selected: Selected, look: Look): Promise<MailboxIndex> {
  try {
    return await selected.mail.index(selected.mailbox.id, look);
  } catch (error) {
    if (error instanceof StoreError && error.fault === "nonexistent") {
      throw new ByeError("the selected mailbox was deleted");
    }
    throw error;
  }
}

/** Positions in `before` of messages that `now` has no more, ascending. Linear; nothing to do where no removal happened. */
function removedPositions(before: MessageList, now: MessageList): number[] {
  if (before.uids === now.uids) return [];
  const removed: number[] = [];
  for (let p = 0, q = 0; p < before.count; p++) {
    while (q < now.count && now.uids[q] < before.uids[p]) q++;
    if (q >= now.count || now.uids[q] !== before.uids[p]) removed.push(p);
  }
  return removed;
}

/** What the client knows, with what was added: for a client that must not be told of removals yet. */
function withAdded(before: MessageList, now: MessageList, lastKnown: number): MessageList {
  let from = now.count;
  while (from > 0 && now.uids[from - 1] > lastKnown) from--;
  const uids = new Uint32Array(before.count + now.count - from);
  uids.set(before.uids.subarray(0, before.count));
  uids.set(now.uids.subarray(from, now.count), before.count);
  return { uids, count: uids.length };
}

/** Removals at ascending positions, in the form the client enabled (RFC 7162 §3.2.10). */
export function writeRemoved(out: Encoder, session: Session, list: MessageList, removed: readonly number[]): void {
  if (session.qresync) {
    const uids = removed.map((position) => list.uids[position]);
    out.ascii(`* VANISHED ${formatRanges(rangesOf(uids))}`).crlf();
    return;
  }
  removed.forEach((position, before) => out.ascii("* ").number(position + 1 - before).ascii(" EXPUNGE").crlf());
}

async function writeAdded(out: Encoder, session: Session, selected: Selected, firstNew: Uid): Promise<void> {
  out.ascii("* ").number(selected.count).ascii(" EXISTS").crlf();
  if (session.rev2) return; // IMAP4rev2 has no \Recent (RFC 9051 appendix E)
  if (selected.readOnly) selected.recentFrom = Math.min(selected.recentFrom, firstNew);
  else await claimRecent(selected);
  out.ascii("* ").number(recentCount(selected)).ascii(" RECENT").crlf();
}

/** Takes new messages as \Recent for this session, which is not read-only: that must leave them to others (RFC 3501 §2.3.2). */
export async function claimRecent(selected: Selected): Promise<void> {
  const from = await selected.mail.claimRecent(selected.mailbox.id);
  if (from <= selected.uidAt(selected.count - 1)) selected.recentFrom = Math.min(selected.recentFrom, from);
}

export function recentCount({ list, recentFrom }: Selected): number {
  let count = 0;
  while (count < list.count && list.uids[list.count - 1 - count] >= recentFrom) count++;
  return count;
}

/** FLAGS and PERMANENTFLAGS with all keywords of the mailbox (RFC 9051 §7.3.5, §7.1). */
export function writeKeywords(out: Encoder, selected: Selected, index: MailboxIndex): void {
  const flags = [...FIXED_FLAGS, ...index.keywords].join(" ");
  out.ascii(`* FLAGS (${flags})`).crlf();
  out.ascii(`* OK [PERMANENTFLAGS (${permanentFlags(selected, index)})] flags that are kept`).crlf();
  selected.keywordsTold = index.keywords.length;
}

/** Those that this client may change, with `\\*` where it may make keywords (RFC 4314 §5.1.1). */
function permanentFlags({ readOnly, place }: Selected, { keywords }: MailboxIndex): string {
  const allowed = readOnly ? 0 : flagsAllowed(place.rights);
  const fixed = FIXED_FLAGS.filter((_, bit) => allowed & (1 << bit));
  return [...fixed, ...(allowed & KEYWORD_BITS ? [...keywords, "\\*"] : [])].join(" ");
}

/** FETCH responses for messages known before whose flags changed. */
async function writeFlags(
  context: Teller,
  selected: Selected,
  index: MailboxIndex,
  uids: readonly Uid[],
): Promise<void> {
  for (const uid of uids) {
    const at = index.position(uid);
    if (at < 0 || selected.ownModSeqs.has(index.modseqs[at])) continue;
    writeFlagsOf(context, selected, index, at);
    await context.flushed();
  }
}

/**
 * `* n FETCH (UID u FLAGS (...) MODSEQ (m))`, or `* u UIDFETCH (FLAGS (...) MODSEQ (m))`, of the message at a position of the index; MODSEQ where the client knows it.
 * `flags` false leaves FLAGS out, for a .SILENT change (RFC 7162 §3.1.3).
 */
export function writeFlagsOf(
  { out, session }: Pick<Context, "out" | "session">,
  selected: Selected,
  index: MailboxIndex,
  at: number,
  flags = true,
): void {
  const uid = index.list.uids[at] as Uid;
  const position = selected.list.uids === index.list.uids ? at : selected.positionOf(uid);
  if (position < 0) return;
  writeFetchHead(out, session, position, uid);
  if (!session.uidOnly) out.ascii("UID ").number(uid);
  if (flags) {
    const word = index.flagWords[at];
    const more = index.keywords.length > INLINE_KEYWORDS ? index.moreKeywords(uid) : [];
    if (!session.uidOnly) out.sp();
    out.ascii("FLAGS ").raw(flagListBytes(index, word, more, uid >= selected.recentFrom && !session.rev2));
  }
  if (session.condstore) {
    out.ascii(flags || !session.uidOnly ? " MODSEQ (" : "MODSEQ (").number(index.modseqs[at] as ModSeq).ascii(")");
  }
  out.ascii(")").crlf();
}
