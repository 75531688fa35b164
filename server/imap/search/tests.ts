/**
 * Keys as tests of a message's row. A key is known from a level on: flags from the index, numbers and dates, header text, body text;
 * each level is read only for the messages that the levels before left open.
 */
import {
  type Column,
  type ColumnTypes,
  type EmailId,
  LONGEST_NEEDLE,
  MOST_NEEDLES,
  type Needle,
} from "../../../store/mod.ts";
import type { Folding } from "../../../store/mime/message.ts";
import type { RowView } from "../fetch/columns.ts";
import { objectRow } from "../objectid.ts";
import type { Selected } from "../selected.ts";
import { SECONDS_A_DAY } from "../wire/dates.ts";
import { decodeUtf8 } from "../wire/text.ts";
import type { Comparator } from "./comparator.ts";
import { FuzzyText } from "./fuzzy.ts";
import type { Key } from "./keys.ts";
import { residentTest } from "./resident.ts";
import { Pattern } from "../../../store/pattern.ts";
import { headerTest } from "./substring.ts";

export const Level = { Index: 0, Numbers: 1, Headers: 2, Text: 3 } as const;
export type Level = typeof Level[keyof typeof Level];

/** A message as one level sees it. */
export interface Candidate {
  readonly position: number;
  readonly level: Level;
  readonly row: RowView;
  /** Folded text of the body; null: not known (yet). */
  readonly text: Uint8Array | null;
  /** Whether bytes are in the text, or the header, where that was looked for instead of reading them. */
  readonly found?: (needle: Needle) => Verdict;
  /** What a comparator other than the default compares; undefined: not known (yet). */
  readonly exact?: Exact;
}

/** Headers and text as `searchHeaders` and `searchText` hold them, folded as a comparator wants. */
export interface Exact {
  readonly headers: Uint8Array;
  readonly text: Uint8Array;
}

/** undefined: not known at the candidate's level. */
export type Verdict = boolean | undefined;

/** What a row must have from a level on. */
export interface Need {
  readonly level: Level;
  readonly column: Column;
  /** All that is wanted of the column is whether this is in it. */
  readonly needle?: Needle;
}

export interface Test {
  /** The key is known at this level, if not before. */
  readonly level: Level;
  readonly needs: readonly Need[];
  judge(candidate: Candidate): Verdict;
}

/** What tests are made with. */
export interface Making {
  /** Seconds since 1970, for YOUNGER and OLDER. */
  readonly now: number;
  readonly comparator: Comparator;
}

/** @param fuzzy strings match also where they nearly do; the comparator says nothing then (RFC 6203 §3) */
export function compile(selected: Selected, key: Key, making: Making, fuzzy = false): Test {
  const { now, comparator } = making;
  switch (key.is) {
    case "and":
      return all(key.keys.map((inner) => compile(selected, inner, making, fuzzy)), false);
    case "or":
      return all(key.keys.map((inner) => compile(selected, inner, making, fuzzy)), true);
    case "not": {
      const inner = compile(selected, key.key, making, fuzzy);
      return { level: inner.level, needs: inner.needs, judge: (candidate) => negated(inner.judge(candidate)) };
    }
    case "fuzzy":
      return compile(selected, key.key, making, true);
    case "filter":
      throw new Error("a filter was not resolved");
    case "larger":
      return onColumn(Level.Numbers, "size", (size) => size > key.than);
    case "smaller":
      return onColumn(Level.Numbers, "size", (size) => size < key.than);
    case "younger":
      return onColumn(Level.Numbers, "internalDate", (date) => date >= now - key.age);
    case "older":
      return onColumn(Level.Numbers, "internalDate", (date) => date <= now - key.age);
    case "date":
      return dateTest(key);
    case "emailId":
      return idTest("emailId", objectRow("E", key.id, selected.mail));
    case "threadId":
      return idTest("threadId", objectRow("T", key.id, selected.mail));
    case "header": {
      if (fuzzy && key.text.length > 0) {
        const words = new FuzzyText(key.raw);
        return onColumn(Level.Headers, "searchHeaders", (headers) => words.isInField(headers, key.name));
      }
      const test = onColumn(Level.Headers, "searchHeaders", headerTest(key.name, key.text));
      const { folding } = comparator;
      if (!folding || key.text.length === 0) return test;
      const exactly = headerTest(fieldName(key.name, folding), folding.text(key.raw));
      return confirmed(test, ({ headers }) => exactly(headers));
    }
    case "body":
    case "text": {
      const headersToo = key.is === "text";
      if (fuzzy) return textTest(new FuzzyText(key.raw), headersToo);
      const test = textTest(new Pattern(key.text), headersToo, comparator.folding ? undefined : key.text);
      if (!comparator.folding) return test;
      const exactly = new Pattern(comparator.folding.text(key.raw));
      return confirmed(test, ({ headers, text }) => headersToo && exactly.isIn(headers) || exactly.isIn(text));
    }
    default: {
      const leaf = residentTest(selected, key);
      return { level: Level.Index, needs: [], judge: ({ position }) => leaf.test(position) };
    }
  }
}

/** What the default comparator finds is found only where `exactly` says so too. */
function confirmed(test: Test, exactly: (exact: Exact) => boolean): Test {
  return {
    ...test,
    judge(candidate) {
      const verdict = test.judge(candidate);
      if (!verdict) return verdict;
      return candidate.exact && exactly(candidate.exact);
    },
  };
}

/** Names of fields are folded with the fields. */
function fieldName(name: string, folding: Folding): string {
  return decodeUtf8(folding.text(name)) ?? name;
}

/** What is looked for, if that is all that the test needs beyond the index. */
export function needlesOf({ needs }: Test): readonly Needle[] | undefined {
  const needles = new Set<Needle>();
  for (const { needle } of needs) {
    if (!needle || needle.bytes.length === 0 || needle.bytes.length > LONGEST_NEEDLE) return undefined;
    needles.add(needle);
  }
  return needles.size <= MOST_NEEDLES ? [...needles] : undefined;
}

/** The columns that keys known at `level` read. */
export function columnsAt(test: Test, level: Level): Column[] {
  return [...new Set(test.needs.filter((need) => need.level <= level).map((need) => need.column))];
}

function negated(verdict: Verdict): Verdict {
  return verdict === undefined ? undefined : !verdict;
}

/** One that says `decisive` decides; cheap ones are asked first. */
function all(tests: readonly Test[], decisive: boolean): Test {
  const ordered = tests.toSorted((a, b) => a.level - b.level);
  return {
    level: ordered[ordered.length - 1].level,
    needs: ordered.flatMap(({ needs }) => needs),
    judge(candidate) {
      let verdict: Verdict = !decisive;
      for (const test of ordered) {
        const one = test.judge(candidate);
        if (one === decisive) return decisive;
        if (one === undefined) verdict = undefined;
      }
      return verdict;
    },
  };
}

function onColumn<C extends Column>(level: Level, column: C, test: (value: ColumnTypes[C]) => boolean): Test {
  return {
    level,
    needs: [{ level, column }],
    judge: (candidate) => candidate.level < level ? undefined : test(candidate.row.get(column)),
  };
}

/** Days are those of UTC, in which INTERNALDATE is told; of a Date field, the day that is written in it. */
function dateTest({ column, when, day }: Extract<Key, { is: "date" }>): Test {
  const compare =
    { before: (d: number) => d < day, on: (d: number) => d === day, since: (d: number) => d >= day }[when];
  if (column === "sentDay") return onColumn(Level.Numbers, column, (sent) => sent !== null && compare(sent));
  return onColumn(Level.Numbers, column, (seconds) => compare(Math.floor(seconds / SECONDS_A_DAY)));
}

function idTest(column: "emailId" | "threadId", id: EmailId | undefined): Test {
  if (id === undefined) return { level: Level.Index, needs: [], judge: () => false };
  return onColumn(Level.Numbers, column, (value) => value === id);
}

function textTest(pattern: Pick<Pattern, "isIn">, headersToo: boolean, bytes?: Uint8Array): Test {
  const needle = bytes && { bytes, headersToo };
  const needs: Need[] = [{ level: Level.Text, column: "searchText", needle }];
  if (headersToo) needs.push({ level: Level.Text, column: "searchHeaders", needle });
  return {
    level: Level.Text,
    needs,
    judge({ level, row, text, found }) {
      if (level < Level.Text) return undefined;
      if (found && needle) return found(needle);
      if (headersToo && pattern.isIn(row.get("searchHeaders"))) return true;
      return text ? pattern.isIn(text) : undefined;
    },
  };
}
