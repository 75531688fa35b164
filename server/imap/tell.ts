/**
 * Telling the client what changed in its selected mailbox since it was last told: EXPUNGE or VANISHED, EXISTS, FLAGS, FETCH.
 *
 * Invariants: nothing is told twice; no EXPUNGE or VANISHED where message numbers must hold (RFC 9051 §7.5.1); removals come
 * before additions, and FETCH after both, so its message numbers are those the client now has.
 */
import { StoreError } from "../../store/mod.ts";
import type { MailboxIndex, MessageList, ModSeq, Uid } from "../../store/mod.ts";
import { FIXED_FLAGS, INLINE_KEYWORDS } from "../../store/flags.ts";
import type { Context } from "./command.ts";
import { ByeError } from "./errors.ts";
import { flagListBytes } from "./flags.ts";
import type { Selected } from "./selected.ts";
import type { Session } from "./session.ts";
import { formatRanges, rangesOf } from "./wire/sequence.ts";
import type { Encoder } from "./wire/encoder.ts";

/** What tell needs of a context. */
type Teller = Pick<Context, "session" | "out" | "flushed">;

/**
 * Looks at the store and tells what is due. Does nothing without a selected mailbox.
 * @param expunges removals may be told; otherwise they wait for the next time
 * @throws {ByeError} the mailbox was deleted by another session (RFC 2180 §3.3)
 */
export async function tell(context: Teller, expunges: boolean): Promise<void> {
  const { session, out } = context;
  const selected = session.selected;
  if (!selected) return;
  const index = await lookAt(selected);
  selected.index = index;
  if (index.modseq === selected.flagsTold && index.list === selected.list) return;
  const known = selected.count;
  const lastKnown = known === 0 ? 0 : selected.list.uids[known - 1];
  const removed = removedPositions(selected.list, index.list);
  const pending = removed.length > 0 && !expunges;
  if (removed.length > 0 && expunges) writeRemoved(out, session, selected.list, removed);
  const left = pending ? known : known - removed.length;
  selected.list = pending ? withAdded(selected.list, index.list, lastKnown) : index.list;
  if (selected.count > left) await writeAdded(out, session, selected, left);
  if (index.keywords.length > selected.keywordsTold) writeKeywords(out, selected, index);
  await writeFlags(context, selected, index, lastKnown);
  selected.flagsTold = index.modseq;
  selected.ownModSeqs.clear();
  if (!pending) selected.pin.modseq = index.modseq;
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

async function lookAt(selected: Selected): Promise<MailboxIndex> {
  try {
    return await selected.mail.index(selected.mailbox.id);
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

async function writeAdded(out: Encoder, session: Session, selected: Selected, known: number): Promise<void> {
  out.ascii("* ").number(selected.count).ascii(" EXISTS").crlf();
  if (session.rev2) return; // IMAP4rev2 has no \Recent (RFC 9051 appendix E)
  if (selected.readOnly) selected.recentFrom = Math.min(selected.recentFrom, selected.uidAt(known));
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
  const permanent = selected.readOnly ? "" : `${flags} \\*`;
  out.ascii(`* OK [PERMANENTFLAGS (${permanent})] flags that are kept`).crlf();
  selected.keywordsTold = index.keywords.length;
}

/** FETCH responses for messages known before whose flags changed. */
async function writeFlags(context: Teller, selected: Selected, index: MailboxIndex, lastKnown: number): Promise<void> {
  for (const at of index.changedSince(selected.flagsTold)) {
    if (index.list.uids[at] > lastKnown) break; // new messages: EXISTS says enough
    if (selected.ownModSeqs.has(index.modseqs[at])) continue;
    writeFlagsOf(context, selected, index, at);
    await context.flushed();
  }
}

/**
 * `* n FETCH (UID u FLAGS (...) MODSEQ (m))` of the message at a position of the index; MODSEQ where the client knows it.
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
  out.ascii("* ").number(position + 1).ascii(" FETCH (UID ").number(uid);
  if (flags) {
    const word = index.flagWords[at];
    const more = index.keywords.length > INLINE_KEYWORDS ? index.moreKeywords(uid) : [];
    out.ascii(" FLAGS ").raw(flagListBytes(index, word, more, uid >= selected.recentFrom && !session.rev2));
  }
  if (session.condstore) out.ascii(" MODSEQ (").number(index.modseqs[at] as ModSeq).ascii(")");
  out.ascii(")").crlf();
}
