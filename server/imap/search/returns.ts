/** What stands in RETURN (…) of SEARCH, SORT and ESEARCH (RFC 4731, 5182, 5267, 6203, 9394; UPDATE with items: RFC 5465 §7). */
import { BadError } from "../errors.ts";
import { type Item, parseItemList } from "../fetch/items.ts";
import { parsePartialRange, type PartialRange } from "../partial.ts";
import type { Decoder } from "../wire/decoder.ts";

export interface Update {
  /** To be told of new messages that match. */
  readonly items: readonly Item[];
}

export interface ReturnOptions {
  readonly min: boolean;
  readonly max: boolean;
  readonly all: boolean;
  readonly count: boolean;
  readonly save: boolean;
  readonly relevancy: boolean;
  /** A window onto the result (RFC 9394 §3.1). */
  readonly partial?: PartialRange;
  readonly update?: Update;
}

/** What `RETURN ()` and, for IMAP4rev2 clients, no RETURN stand for. */
export const RETURN_ALL: ReturnOptions = {
  min: false,
  max: false,
  all: true,
  count: false,
  save: false,
  relevancy: false,
};

/** `RETURN (…)` where it is next, with the space behind it. */
export function tryReturn(d: Decoder): ReturnOptions | undefined {
  if (!d.tryWord("RETURN")) return undefined;
  d.sp();
  const options = parseReturn(d);
  d.sp();
  return options;
}

/** @throws {BadError} an option that is not known (RFC 9051 §6.4.4), PARTIAL beside another or ALL (RFC 9394 §3.1) */
function parseReturn(d: Decoder): ReturnOptions {
  let partial: PartialRange | undefined;
  let update: Update | undefined;
  const words = new Set(d.list(() => {
    const word = d.word();
    if (word === "PARTIAL") {
      if (partial) throw new BadError(undefined, "PARTIAL is given twice");
      d.sp();
      partial = parsePartialRange(d);
    } else if (word === "UPDATE") {
      const items = tryItems(d);
      update ??= { items };
    }
    return word;
  }));
  if (words.size === 0) return RETURN_ALL;
  const options = {
    min: words.delete("MIN"),
    max: words.delete("MAX"),
    all: words.delete("ALL"),
    count: words.delete("COUNT"),
    save: words.delete("SAVE"),
    relevancy: words.delete("RELEVANCY"),
    partial,
    update,
  };
  // A hint that the same search will come again (RFC 5267 §4.2): nothing is cached that could use it.
  words.delete("CONTEXT");
  words.delete("PARTIAL");
  words.delete("UPDATE");
  if (words.size > 0) throw new BadError(undefined, "unknown return option");
  if (options.all && partial) throw new BadError(undefined, "either ALL or PARTIAL can be returned");
  return options;
}

function tryItems(d: Decoder): readonly Item[] {
  const start = d.position;
  if (!d.trySp()) return [];
  if (d.peek() === 0x28) return parseItemList(d);
  d.position = start;
  return [];
}
