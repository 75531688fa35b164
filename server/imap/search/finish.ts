/** From what was found to what is answered, kept for `$`, and kept up to date: the same for SEARCH, SORT and ESEARCH. */
import type { Context } from "../command.ts";
import { BadError } from "../errors.ts";
import type { Selected } from "../selected.ts";
import { type Correlator, type Result, savedRanges, writeESearch } from "./answer.ts";
import { keepLive, liveResult } from "./live.ts";
import type { Ready } from "./program.ts";
import { relevancy } from "./relevance.ts";
import type { ReturnOptions } from "./returns.ts";
import { type Criterion, sortOrder } from "./sort.ts";

/** What a command asked for. */
export interface Asked extends Ready {
  readonly options: ReturnOptions | undefined;
  readonly criteria?: readonly Criterion[];
}

/**
 * Before anything is searched.
 * @throws {BadError} relevancy without FUZZY (RFC 6203 §4), or UPDATE under a tag that is in use (RFC 5267 §4.3)
 */
export function demandFitting({ tag, session }: Context, { options, criteria, isFuzzy }: Asked): void {
  const relevancy = options?.relevancy || criteria?.some(({ name }) => name === "RELEVANCY");
  if (relevancy && !isFuzzy) throw new BadError(undefined, "RELEVANCY needs a FUZZY search key");
  if (options?.update && session.selected && liveResult(session.selected, tag)) {
    throw new BadError(undefined, "the tag is in use for another UPDATE");
  }
}

/** @param found ascending positions */
export async function resultOf(
  context: Context,
  selected: Selected,
  found: Uint32Array,
  asked: Asked,
  uid: boolean,
): Promise<Result> {
  const { options, criteria, key, withModSeq } = asked;
  const isWanted = options?.relevancy || criteria?.some(({ name }) => name === "RELEVANCY");
  const scores = isWanted ? await relevancy(context, selected, found, key) : undefined;
  if (!criteria) return { selected, positions: found, uid, withModSeq, scores };
  const { comparator } = context.session;
  const order = await sortOrder(context, selected, found, criteria, comparator, scores);
  return {
    selected,
    positions: order.map((i) => found[i]),
    uid,
    withModSeq,
    scores: scores && Uint8Array.from(order, (i) => scores[i]),
  };
}

/** An ESEARCH response for the selected mailbox, with what SAVE and UPDATE ask for. */
export function finish(
  context: Context,
  correlator: Correlator,
  options: ReturnOptions,
  asked: Asked,
  result: Result,
): void {
  writeESearch(context.out, correlator, options, result);
  keep(context, correlator, options, asked, result);
}

/** What SAVE and UPDATE ask for. */
export function keep(
  { out, session }: Context,
  correlator: Correlator,
  options: ReturnOptions,
  asked: Asked,
  result: Result,
): void {
  const { selected } = result;
  if (options.save) selected.saved = savedRanges(options, result);
  if (!options.update) return;
  const { key, criteria } = asked;
  const { items } = options.update;
  const search = { correlator, uid: result.uid, key, criteria, comparator: session.comparator, items };
  if (keepLive(selected, search, result.positions)) return;
  out.ascii("* NO [NOUPDATE ").quoted(correlator.tag).ascii("] this result cannot be kept up to date").crlf();
}
