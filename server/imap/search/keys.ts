/** Search keys (RFC 9051 §6.4.4, RFC 3501 §6.4.4, RFC 5032, 5182, 7162 §3.1.5, 8474 §5.4, 8514 §4.3). */
import { fixedFlag, Flag } from "../../../store/mod.ts";
import { foldCase } from "../../../store/mime/decode.ts";
import { BadError } from "../errors.ts";
import type { Decoder } from "../wire/decoder.ts";
import type { SequenceSet } from "../wire/sequence.ts";
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
  | { readonly is: "numbers"; readonly set: SequenceSet }
  | { readonly is: "uids"; readonly set: SequenceSet }
  /** Modseq of at least this. */
  | { readonly is: "modseq"; readonly from: number }
  | { readonly is: "larger" | "smaller"; readonly than: number }
  /** `day` counts from 1970-01-01. */
  | { readonly is: "date"; readonly column: DateColumn; readonly when: "before" | "on" | "since"; readonly day: number }
  /** By the age in seconds. */
  | { readonly is: "younger" | "older"; readonly age: number }
  | { readonly is: "emailId" | "threadId"; readonly id: string }
  /** Text in lower-cased fields of that name; empty text: such a field exists. */
  | { readonly is: "header"; readonly name: string; readonly text: Uint8Array }
  | { readonly is: "body" | "text"; readonly text: Uint8Array };

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
      const needle = foldCase(text(d.astring()));
      // An empty string is part of every text, also of a field that is not there.
      return needle.length === 0 ? ALL : { is: "header", name: name.toLowerCase(), text: needle };
    }
    case "HEADER": {
      const field = text(d.astring()).toLowerCase();
      d.sp();
      return { is: "header", name: field, text: foldCase(text(d.astring())) };
    }
    case "BODY":
    case "TEXT": {
      const needle = foldCase(text(d.astring()));
      return needle.length === 0 ? ALL : { is: name === "BODY" ? "body" : "text", text: needle };
    }
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
    default:
      return asked(key);
  }
}
