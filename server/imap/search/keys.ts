/** Search keys (RFC 9051 §6.4.4, RFC 3501 §6.4.4, RFC 5032, 5182, 5466, 6203, 7162 §3.1.5, 8474 §5.4, 8514 §4.3, 9738 §3.2). */
import { fixedFlag, Flag, MAX_UID } from "../../../store/mod.ts";
import { foldCase } from "../../../store/mime/decode.ts";
import { BadError } from "../errors.ts";
import type { Decoder } from "../wire/decoder.ts";
import { SequenceSet } from "../wire/sequence.ts";
import type { TextOf } from "./charset.ts";

export type DateColumn = "internalDate" | "saveDate" | "sentDay";

export type Key =
  | { readonly is: "all" }
  | { readonly is: "and"; readonly keys: readonly Key[] }
  | { readonly is: "or"; readonly keys: readonly Key[] }
  | { readonly is: "not"; readonly key: Key }
  /** A fixed flag (see store/flags.ts) is set. */
  | { readonly is: "flag"; readonly bit: number }
  | { readonly is: "keyword"; readonly name: string }
  | { readonly is: "recent" }
  /** `lenient`: numbers beyond the last message name none, rather than being a fault (RFC 7377 §2). */
  | { readonly is: "numbers"; readonly set: SequenceSet; readonly lenient?: boolean }
  | { readonly is: "uids"; readonly set: SequenceSet }
  /** Modseq of at least this. */
  | { readonly is: "modseq"; readonly from: number }
  | { readonly is: "larger" | "smaller"; readonly than: number }
  /** `day` counts from 1970-01-01. */
  | { readonly is: "date"; readonly column: DateColumn; readonly when: "before" | "on" | "since"; readonly day: number }
  /** By the age in seconds. */
  | { readonly is: "younger" | "older"; readonly age: number }
  | { readonly is: "emailId" | "threadId"; readonly id: string }
  /** Text in fields of that name (in lower case); empty text: such a field exists. `text` is folded, `raw` as the client said it. */
  | { readonly is: "header"; readonly name: string; readonly text: Uint8Array; readonly raw: string }
  | { readonly is: "body" | "text"; readonly text: Uint8Array; readonly raw: string }
  /** Strings in it match also where they nearly do (RFC 6203). */
  | { readonly is: "fuzzy"; readonly key: Key }
  /** Stands for the keys of a stored filter until `resolveFilters` put those in its place (RFC 5466). */
  | { readonly is: "filter"; readonly name: string };

const ALL: Key = { is: "all" };

const FLAGS: Readonly<Record<string, number>> = {
  ANSWERED: Flag.Answered,
  DELETED: Flag.Deleted,
  DRAFT: Flag.Draft,
  FLAGGED: Flag.Flagged,
  SEEN: Flag.Seen,
};

const DATES: Readonly<Record<string, readonly [DateColumn, "before" | "on" | "since"]>> = {
  BEFORE: ["internalDate", "before"],
  ON: ["internalDate", "on"],
  SINCE: ["internalDate", "since"],
  SENTBEFORE: ["sentDay", "before"],
  SENTON: ["sentDay", "on"],
  SENTSINCE: ["sentDay", "since"],
  SAVEDBEFORE: ["saveDate", "before"],
  SAVEDON: ["saveDate", "on"],
  SAVEDSINCE: ["saveDate", "since"],
};

/** `search-key *(SP search-key)`, all of which must hold. @throws {BadError} */
export function parseKeys(d: Decoder, text: TextOf): Key {
  const keys = [parseKey(d, text)];
  while (d.trySp()) keys.push(parseKey(d, text));
  return and(keys);
}

function and(keys: readonly Key[]): Key {
  return keys.length === 1 ? keys[0] : { is: "and", keys };
}

function parseKey(d: Decoder, text: TextOf): Key {
  const next = d.peek();
  if (next === 0x28) {
    const keys = d.list(() => parseKey(d, text));
    if (keys.length === 0) throw new BadError(undefined, "a list of search keys cannot be empty");
    return and(keys);
  }
  const isSet = next === 0x24 || next === 0x2a || (next >= 0x30 && next <= 0x39);
  if (isSet) return { is: "numbers", set: d.sequenceSet() };
  return parseNamed(d, d.word(), text);
}

function parseNamed(d: Decoder, name: string, text: TextOf): Key {
  const flag = FLAGS[name] ?? 0;
  if (flag) return { is: "flag", bit: flag };
  const unset = name.startsWith("UN") ? FLAGS[name.slice(2)] ?? 0 : 0;
  if (unset) return not({ is: "flag", bit: unset });
  switch (name) {
    case "ALL":
    case "SAVEDATESUPPORTED":
      return ALL;
    case "RECENT":
      return { is: "recent" };
    case "OLD":
      return not({ is: "recent" });
    case "NEW":
      return and([{ is: "recent" }, not({ is: "flag", bit: Flag.Seen })]);
  }
  d.sp();
  const date = Object.hasOwn(DATES, name) ? DATES[name] : undefined;
  if (date) return { is: "date", column: date[0], when: date[1], day: d.date() };
  switch (name) {
    case "KEYWORD":
      return keyword(d.atom());
    case "UNKEYWORD":
      return not(keyword(d.atom()));
    case "UID":
      return { is: "uids", set: d.sequenceSet() };
    case "UIDAFTER":
      return uidsWithin(d.nzNumber() + 1, MAX_UID);
    case "UIDBEFORE":
      return uidsWithin(1, d.nzNumber() - 1);
    case "MODSEQ":
      return parseModSeq(d);
    case "LARGER":
      return { is: "larger", than: d.number64() };
    case "SMALLER":
      return { is: "smaller", than: d.number64() };
    case "YOUNGER":
      return { is: "younger", age: d.nzNumber() };
    case "OLDER":
      return { is: "older", age: d.nzNumber() };
    case "EMAILID":
      return { is: "emailId", id: d.atom() };
    case "THREADID":
      return { is: "threadId", id: d.atom() };
    case "FROM":
    case "TO":
    case "CC":
    case "BCC":
    case "SUBJECT": {
      const raw = text(d.astring());
      const needle = foldCase(raw);
      // An empty string is part of every text, also of a field that is not there.
      return needle.length === 0 ? ALL : { is: "header", name: name.toLowerCase(), text: needle, raw };
    }
    case "HEADER": {
      const field = text(d.astring()).toLowerCase();
      d.sp();
      const raw = text(d.astring());
      return { is: "header", name: field, text: foldCase(raw), raw };
    }
    case "BODY":
    case "TEXT": {
      const raw = text(d.astring());
      const needle = foldCase(raw);
      return needle.length === 0 ? ALL : { is: name === "BODY" ? "body" : "text", text: needle, raw };
    }
    case "FUZZY":
      return d.nest(() => ({ is: "fuzzy", key: parseKey(d, text) }));
    case "FILTER":
      return { is: "filter", name: filterName(d) };
    case "NOT":
      return d.nest(() => not(parseKey(d, text)));
    case "OR":
      return d.nest(() => {
        const first = parseKey(d, text);
        d.sp();
        return { is: "or", keys: [first, parseKey(d, text)] };
      });
    default:
      throw new BadError(undefined, "unknown search key");
  }
}

/** UIDs between two, both included; none where the first is the higher one (RFC 9738 §3.2). */
function uidsWithin(first: number, last: number): Key {
  return first <= last ? { is: "uids", set: new SequenceSet([{ first, last }]) } : not(ALL);
}

/** `filter-name`: an atom without `/` (RFC 5466 §4). */
function filterName(d: Decoder): string {
  const name = d.atom();
  if (name.includes("/") || name.includes("]")) throw new BadError(undefined, "the name of a filter was expected");
  return name;
}

function not(key: Key): Key {
  return { is: "not", key };
}

function keyword(name: string): Key {
  const bit = fixedFlag(name);
  return bit ? { is: "flag", bit } : { is: "keyword", name: name.toLowerCase() };
}

/** One modseq is kept for all of a message's flags, so entry name and type are read and ignored (RFC 7162 §3.1.5). */
function parseModSeq(d: Decoder): Key {
  if (d.quotedOrLiteralIsNext()) {
    d.string();
    d.sp();
    const type = d.word();
    if (type !== "ALL" && type !== "PRIV" && type !== "SHARED") throw new BadError(undefined, "unknown entry type");
    d.sp();
  }
  return { is: "modseq", from: d.number64() };
}

/** Some key, at any depth, answers yes to `asked`. */
export function someKey(key: Key, asked: (key: Key) => boolean): boolean {
  switch (key.is) {
    case "and":
    case "or":
      return key.keys.some((inner) => someKey(inner, asked));
    case "not":
      return someKey(key.key, asked);
    case "fuzzy":
      return asked(key) || someKey(key.key, asked);
    default:
      return asked(key);
  }
}

/** The key with each key that is no and, or, not or fuzzy replaced by what `change` makes of it. */
export function mapKey(key: Key, change: (key: Key) => Key): Key {
  switch (key.is) {
    case "and":
    case "or":
      return { is: key.is, keys: key.keys.map((inner) => mapKey(inner, change)) };
    case "not":
    case "fuzzy":
      return { is: key.is, key: mapKey(key.key, change) };
    default:
      return change(key);
  }
}
