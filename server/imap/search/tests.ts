/**
 * Keys as tests of a message's row. A key is known from a level on: flags from the index, numbers and dates, header text, body text;
 * each level is read only for the messages that the levels before left open.
 */
import type { Column, ColumnTypes, EmailId } from "../../../store/mod.ts";
import type { RowView } from "../fetch/columns.ts";
import { objectRow } from "../objectid.ts";
import type { Selected } from "../selected.ts";
import { SECONDS_A_DAY } from "../wire/dates.ts";
import type { Key } from "./keys.ts";
import { residentTest } from "./resident.ts";
import { Pattern } from "./pattern.ts";
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
}

/** undefined: not known at the candidate's level. */
export type Verdict = boolean | undefined;

/** What a row must have from a level on. */
export interface Need {
  readonly level: Level;
  readonly column: Column;
}

export interface Test {
  /** The key is known at this level, if not before. */
  readonly level: Level;
  readonly needs: readonly Need[];
  judge(candidate: Candidate): Verdict;
}

/** @param now seconds since 1970, for YOUNGER and OLDER */
export function compile(selected: Selected, key: Key, now: number): Test {
  switch (key.is) {
    case "and":
      return all(key.keys.map((inner) => compile(selected, inner, now)), false);
    case "or":
      return all(key.keys.map((inner) => compile(selected, inner, now)), true);
    case "not": {
      const inner = compile(selected, key.key, now);
      return { level: inner.level, needs: inner.needs, judge: (candidate) => negated(inner.judge(candidate)) };
    }
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
      return idTest("emailId", objectRow("E", key.id));
    case "threadId":
      return idTest("threadId", objectRow("T", key.id));
    case "header":
      return onColumn(Level.Headers, "searchHeaders", headerTest(key.name, key.text));
    case "body":
      return textTest(key.text, false);
    case "text":
      return textTest(key.text, true);
    default: {
      const leaf = residentTest(selected, key);
      return { level: Level.Index, needs: [], judge: ({ position }) => leaf.test(position) };
    }
  }
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

function textTest(bytes: Uint8Array, headersToo: boolean): Test {
  const pattern = new Pattern(bytes);
  const needs: Need[] = [{ level: Level.Text, column: "searchText" }];
  if (headersToo) needs.push({ level: Level.Text, column: "searchHeaders" });
  return {
    level: Level.Text,
    needs,
    judge({ level, row, text }) {
      if (level < Level.Text) return undefined;
      if (headersToo && pattern.isIn(row.get("searchHeaders"))) return true;
      return text ? pattern.isIn(text) : undefined;
    },
  };
}
