import { defineCommand, SELECTED } from "../command.ts";
import { enableCondstore } from "../condstore.ts";
import { BadError, NoError } from "../errors.ts";
import { parseReturn, type Result, RETURN_ALL, type ReturnOptions, savedRanges } from "../search/answer.ts";
import { writeESearch, writeSearch } from "../search/answer.ts";
import { charset, defaultCharset } from "../search/charset.ts";
import { evaluate, type Goal } from "../search/evaluate.ts";
import { type Key, parseKeys, someKey } from "../search/keys.ts";
import { tell } from "../tell.ts";

interface SearchArguments {
  /** undefined: an untagged SEARCH response, as IMAP4rev1 clients read it. */
  readonly options: ReturnOptions | undefined;
  readonly key: Key;
  /** CHARSET named one that is not known. */
  readonly unknownCharset: boolean;
}

export const search = defineCommand<SearchArguments>({
  name: "SEARCH",
  uid: "also",
  states: SELECTED,
  rfc: "9051 §6.4.4",
  keepsNumbers,
  parse(d, session) {
    d.sp();
    let options = session.rev2 ? RETURN_ALL : undefined;
    if (d.tryWord("RETURN")) {
      d.sp();
      options = parseReturn(d);
      d.sp();
    }
    let text: typeof defaultCharset | undefined = defaultCharset;
    if (d.tryWord("CHARSET")) {
      // RFC 9755 §3
      if (session.enabled.has("UTF8=ACCEPT")) throw new BadError(undefined, "no CHARSET after ENABLE UTF8=ACCEPT");
      d.sp();
      text = charset(d.astringText());
      d.sp();
    }
    return { options, key: parseKeys(d, text ?? (() => "")), unknownCharset: text === undefined };
  },
  async run(context, { options, key, unknownCharset }) {
    const { selected, out, tag, uid } = context;
    try {
      if (unknownCharset) throw new NoError("BADCHARSET (US-ASCII UTF-8)", "that charset is not known here");
      const withModSeq = someKey(key, (inner) => inner.is === "modseq");
      if (withModSeq) enableCondstore(context);
      await tell(context, !keepsNumbers({ key }, uid));
      const found = await evaluate(context, selected, key, goalOf(options));
      const result: Result = { selected, positions: found.positions(), uid, withModSeq };
      if (!options) writeSearch(out, result);
      else writeESearch(out, tag, options, result);
      if (options?.save) selected.saved = savedRanges(options, result);
    } catch (error) {
      // After NO, $ is empty; after BAD, it is what it was (RFC 5182 §2.1).
      if (options?.save && !(error instanceof BadError)) selected.saved = [];
      throw error;
    }
  },
});

/** Numbers are told, or stand in the keys (RFC 7162 §3.2.10.2). */
function keepsNumbers({ key }: Pick<SearchArguments, "key">, uid: boolean): boolean {
  return !uid || someKey(key, (inner) => inner.is === "numbers" && !inner.set.saved);
}

/** MIN or MAX alone needs only that message found (RFC 4731 §5). */
function goalOf(options: ReturnOptions | undefined): Goal {
  if (!options || options.all || options.count || options.min === options.max) return "all";
  return options.min ? "first" : "last";
}
