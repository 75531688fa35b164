/**
 * Results that are kept up to date for the client: UPDATE of RFC 5267 §4.3.
 *
 * Invariant: `#uids` is the result as the client knows it by what it was told. It is compared with what matches now only for messages
 * that came or changed, so a change costs what it touches, however large the result.
 */
import { containsUid } from "../../../store/uidranges.ts";
import type { Uid, UidRanges } from "../../../store/mod.ts";
import type { Item } from "../fetch/items.ts";
import { writeNewMessages } from "../notify/newmessages.ts";
import type { Selected } from "../selected.ts";
import type { Change, Follower, Teller } from "../tell.ts";
import type { Encoder } from "../wire/encoder.ts";
import { rangesOf, SequenceSet, unionRanges } from "../wire/sequence.ts";
import { beginESearch, type Correlator, writeNumbers } from "./answer.ts";
import type { Comparator } from "./comparator.ts";
import { evaluate } from "./evaluate.ts";
import { type Key, mapKey, someKey } from "./keys.ts";
import { placed } from "./place.ts";
import type { Criterion } from "./sort.ts";

/** Results kept for one client (RFC 5267 §4.3.1), and messages in all of them. */
const MAX_RESULTS = 16;
const MAX_MESSAGES = 1_000_000;

export interface Search {
  readonly correlator: Correlator;
  /** Messages are told by their UIDs. */
  readonly uid: boolean;
  readonly key: Key;
  /** Of SORT; undefined: in the order of the mailbox. */
  readonly criteria?: readonly Criterion[];
  readonly comparator: Comparator;
  /** What is told of new messages (RFC 5465 §7). */
  readonly items: readonly Item[];
}

/** The result that the command of that tag is kept up to date for. */
export function liveResult(selected: Selected, tag: string): LiveResult | undefined {
  return liveResults(selected).find((result) => result.tag === tag);
}

function liveResults({ followers }: Selected): LiveResult[] {
  return [...followers].filter((follower) => follower instanceof LiveResult);
}

/** Keeps a result up to date from now on. @param positions in the order told @returns false: there are too many already */
export function keepLive(selected: Selected, search: Search, positions: Uint32Array): boolean {
  const others = liveResults(selected);
  const messages = others.reduce((sum, { size }) => sum + size, positions.length);
  if (others.length >= MAX_RESULTS || messages > MAX_MESSAGES) return false;
  // Relevancy has no stored key by which a place could be found.
  if (search.criteria?.some(({ name }) => name === "RELEVANCY")) return false;
  const key = frozen(selected, search.key);
  const uids = Uint32Array.from(positions, (position) => selected.uidAt(position));
  selected.followers.add(new LiveResult(selected, { ...search, key }, uids));
  return true;
}

/** Message numbers and `$` mean what they meant when the command came (RFC 5267 §4.3). */
function frozen(selected: Selected, key: Key): Key {
  return mapKey(key, (inner) => {
    if (inner.is !== "numbers" && !(inner.is === "uids" && inner.set.saved)) return inner;
    const ranges = selected.ranges(selected.spans(inner.set, inner.is === "uids"));
    return ranges.length > 0 ? { is: "uids", set: new SequenceSet(ranges) } : { is: "not", key: { is: "all" } };
  });
}

/** Something in it can change for a message that is there. */
function dependsOnFlags(key: Key): boolean {
  return someKey(key, ({ is }) => is === "flag" || is === "keyword" || is === "modseq");
}

export class LiveResult implements Follower {
  #uids: Uint32Array;
  readonly #followsFlags: boolean;

  constructor(readonly selected: Selected, readonly search: Search, uids: Uint32Array) {
    this.#uids = uids;
    this.#followsFlags = dependsOnFlags(search.key);
  }

  get tag(): string {
    return this.search.correlator.tag;
  }

  get size(): number {
    return this.#uids.length;
  }

  leaving(context: Teller, removed: readonly Uid[]): void {
    this.#remove(context.out, new Set<number>(removed));
  }

  async changed(context: Teller, { added, flagged }: Change): Promise<void> {
    const touched = this.#followsFlags ? unionRanges(rangesOf(flagged), added) : added;
    if (touched.length === 0) return;
    const { selected, search } = this;
    const key: Key = { is: "and", keys: [{ is: "uids", set: new SequenceSet(touched) }, search.key] };
    const found = await evaluate(context, selected, key, "all", search.comparator);
    const matching = new Set(Array.from(found.positions(), (position) => selected.uidAt(position)));
    const lost = new Set<number>();
    for (const uid of this.#uids) {
      if (matching.delete(uid as Uid)) continue;
      if (containsUid(touched, uid)) lost.add(uid);
    }
    this.#remove(context.out, lost);
    if (matching.size > 0) await this.#add(context, [...matching], added);
  }

  #remove(out: Encoder, removed: ReadonlySet<number>): void {
    if (removed.size === 0) return;
    const runs = runsOf(this.#uids, removed);
    if (runs.length === 0) return;
    // From the last to the first, so that each position is that of before. In mailbox order, places need not be told.
    this.#write(out, " REMOVEFROM (", this.search.criteria ? runs.reverse() : [joined(runs)]);
    this.#uids = this.#uids.filter((uid) => !removed.has(uid));
  }

  /** @param uids ascending */
  async #add(context: Teller, uids: readonly Uid[], added: UidRanges): Promise<void> {
    const { selected, search } = this;
    const news = new Set<number>(uids);
    const { criteria, comparator } = search;
    this.#uids = await placed(context, selected, this.#uids, uids, criteria, comparator);
    if (search.items.length > 0) {
      const fresh = rangesOf(uids.filter((uid) => containsUid(added, uid)));
      if (fresh.length > 0) await writeNewMessages(context, fresh, search.items);
    }
    const runs = runsOf(this.#uids, news);
    this.#write(context.out, " ADDTO (", criteria ? runs : [joined(runs)]);
  }

  #write(out: Encoder, item: string, runs: readonly Run[]): void {
    const { selected, search } = this;
    beginESearch(out, search.correlator, search.uid);
    out.ascii(item);
    runs.forEach(({ position, uids }, i) => {
      if (i > 0) out.sp();
      out.number(position).sp();
      writeNumbers(out, uids.length, (at) => search.uid ? uids[at] : selected.positionOf(uids[at]) + 1);
    });
    out.ascii(")").crlf();
  }
}

/** Neighbours in a result. */
interface Run {
  /** Of the first, counted from 1; 0: wherever they stand in mailbox order. */
  readonly position: number;
  readonly uids: readonly number[];
}

/** Those of `wanted` in the order of `uids`. */
function runsOf(uids: Uint32Array, wanted: ReadonlySet<number>): Run[] {
  const runs: { position: number; uids: number[] }[] = [];
  for (let i = 0; i < uids.length; i++) {
    if (!wanted.has(uids[i])) continue;
    const run = runs.at(-1);
    if (run && run.position + run.uids.length === i + 1) run.uids.push(uids[i]);
    else runs.push({ position: i + 1, uids: [uids[i]] });
  }
  return runs;
}

function joined(runs: readonly Run[]): Run {
  return { position: 0, uids: runs.flatMap(({ uids }) => uids) };
}
