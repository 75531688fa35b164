/** What SEARCH, SORT, THREAD and ESEARCH have in common: charset and search keys, and what they ask of the session. */
import type { Context } from "../command.ts";
import { enableCondstore } from "../condstore.ts";
import { BadError, NoError } from "../errors.ts";
import type { Session } from "../session.ts";
import type { Decoder } from "../wire/decoder.ts";
import { charset, defaultCharset, type TextOf } from "./charset.ts";
import { isFilterKey, resolveFilters } from "./filters.ts";
import { type Key, parseKeys, someKey } from "./keys.ts";

export interface Program {
  readonly key: Key;
  /** CHARSET named one that is not known. */
  readonly unknownCharset: boolean;
}

/** `["CHARSET" SP charset SP] search-key *(SP search-key)` (RFC 9051 §9). */
export function parseProgram(d: Decoder, session: Session): Program {
  if (!d.tryWord("CHARSET")) return { key: parseKeys(d, defaultCharset), unknownCharset: false };
  // RFC 9755 §3
  if (session.enabled.has("UTF8=ACCEPT")) throw new BadError(undefined, "no CHARSET after ENABLE UTF8=ACCEPT");
  d.sp();
  return parseCriteria(d);
}

/** `search-criteria`: a charset, then the keys (RFC 5256 §5). */
export function parseCriteria(d: Decoder): Program {
  const name = d.astringText();
  const text: TextOf | undefined = charset(name);
  d.sp();
  const key = parseKeys(d, text ?? (() => ""));
  if (someKey(key, isFilterKey) && !/^(utf-8|us-ascii)$/i.test(name)) {
    throw new BadError("BADCHARSET (US-ASCII UTF-8)", "filters are in UTF-8");
  }
  return { key, unknownCharset: text === undefined };
}

/** Message numbers stand in the keys; of those in a filter nothing is known yet. */
export function namesNumbers({ key }: Program): boolean {
  return someKey(key, (inner) => inner.is === "numbers" && !inner.set.saved || inner.is === "filter");
}

/** A program that can be evaluated. */
export interface Ready {
  readonly key: Key;
  /** The keys hold MODSEQ, so the highest modseq of what is returned has to be told (RFC 7162 §3.1.5). */
  readonly withModSeq: boolean;
  readonly isFuzzy: boolean;
}

/**
 * Puts filters in place, and enables CONDSTORE where MODSEQ is used.
 * @throws {NoError} BADCHARSET, UNDEFINED-FILTER
 * @throws {BadError} UIDREQUIRED (RFC 9586): message numbers in a session that has none
 */
export async function ready(context: Context, program: Program): Promise<Ready> {
  if (program.unknownCharset) throw new NoError("BADCHARSET (US-ASCII UTF-8)", "that charset is not known here");
  const key = await resolveFilters(context.mail, program.key);
  const has = (is: Key["is"]) => someKey(key, (inner) => inner.is === is);
  if (context.session.uidOnly && someKey(key, (inner) => inner.is === "numbers" && !inner.set.saved)) {
    throw new BadError("UIDREQUIRED", "message numbers cannot be used");
  }
  const withModSeq = has("modseq");
  if (withModSeq) enableCondstore(context);
  return { key, withModSeq, isFuzzy: has("fuzzy") };
}
