/**
 * Orders messages by stored keys (RFC 5256 §3 SORT, RFC 5957). Each key becomes a small number by which it ranks among all; the
 * order is then found by counting, least important criterion first. So after one sort of what differs, time is linear.
 */
import type { Column } from "../../../store/mod.ts";
import { Header } from "../../../store/mime/header.ts";
import { sortTexts } from "../../../store/mime/sortkeys.ts";
import { unpackStructure } from "../../../store/mime/structure.ts";
import type { Context } from "../command.ts";
import { BadError } from "../errors.ts";
import { RowView } from "../fetch/columns.ts";
import { Pace } from "../pace.ts";
import type { Selected } from "../selected.ts";
import type { Decoder } from "../wire/decoder.ts";
import { type Comparator, DEFAULT_COMPARATOR } from "./comparator.ts";
import { numberRanks, textRanks } from "./ranks.ts";
import { uidRanges } from "./ranges.ts";

const NUMBER_COLUMNS = { ARRIVAL: "internalDate", DATE: "sentTime", SIZE: "size" } as const;
const TEXT_COLUMNS = {
  CC: "sortCc",
  FROM: "sortFrom",
  SUBJECT: "baseSubject",
  TO: "sortTo",
  DISPLAYFROM: "displayFrom",
  DISPLAYTO: "displayTo",
} as const;
/** What `sortTexts` calls them. */
const TEXTS = {
  CC: "cc",
  FROM: "from",
  SUBJECT: "subject",
  TO: "to",
  DISPLAYFROM: "displayFrom",
  DISPLAYTO: "displayTo",
} as const;

type NumberName = keyof typeof NUMBER_COLUMNS;
type TextName = keyof typeof TEXT_COLUMNS;

export interface Criterion {
  readonly name: NumberName | TextName | "RELEVANCY";
  readonly reverse: boolean;
}

/** `sort-criteria`. A second criterion of the same name decides nothing and is left out. @throws {BadError} */
export function parseCriteriaList(d: Decoder): Criterion[] {
  const criteria = new Map<string, Criterion>();
  const all = d.list(() => {
    let word = d.word();
    const reverse = word === "REVERSE";
    if (reverse) {
      d.sp();
      word = d.word();
    }
    if (!isName(word)) throw new BadError(undefined, "unknown sort criterion");
    if (!criteria.has(word)) criteria.set(word, { name: word, reverse });
    return word;
  });
  if (all.length === 0) throw new BadError(undefined, "sort criteria are missing");
  return [...criteria.values()];
}

function isName(word: string): word is Criterion["name"] {
  return word === "RELEVANCY" || Object.hasOwn(NUMBER_COLUMNS, word) || Object.hasOwn(TEXT_COLUMNS, word);
}

/**
 * @param positions ascending
 * @param scores by index of `positions`, for RELEVANCY, where the highest comes first (RFC 6203 §6)
 * @returns indexes into `positions`, in the order asked
 */
export async function sortOrder(
  context: Pick<Context, "progress">,
  selected: Selected,
  positions: Uint32Array,
  criteria: readonly Criterion[],
  comparator: Comparator,
  scores: Uint8Array | undefined,
): Promise<Uint32Array> {
  const values = await readValues(context, selected, positions, criteria, comparator, scores);
  const pace = new Pace();
  let order = Uint32Array.from(positions, (_, i) => i);
  for (let c = criteria.length - 1; c >= 0; c--) {
    const of = values[c];
    const ranks = of instanceof Float64Array ? numberRanks(of) : await textRanks(of, pace);
    order = counted(order, ranks, criteria[c].reverse);
    if (pace.due) await pace.giveWay();
  }
  return order;
}

/** By criterion, for each of the positions. */
export type Values = Float64Array | string[];

/** @param positions ascending */
export async function readValues(
  context: Pick<Context, "progress">,
  selected: Selected,
  positions: Uint32Array,
  criteria: readonly Criterion[],
  comparator: Comparator,
  scores?: Uint8Array,
): Promise<Values[]> {
  const values = criteria.map(({ name }): Values => {
    if (name === "RELEVANCY") return Float64Array.from(scores ?? [], (score) => -score);
    return isText(name) ? new Array<string>(positions.length).fill("") : new Float64Array(positions.length);
  });
  const fromHeader = comparator !== DEFAULT_COMPARATOR && criteria.some(({ name }) => isText(name));
  const columns = columnsOf(criteria, fromHeader);
  if (columns.length === 1) return values;
  const row = new RowView(columns);
  const pace = new Pace();
  let at = 0;
  const ranges = uidRanges(selected, positions);
  for await (const rows of selected.mail.read(selected.mailbox.id, ranges, columns, selected.pin.modseq)) {
    for (const read of rows) {
      row.show(read);
      const uid = row.get("uid");
      while (at < positions.length && selected.uidAt(positions[at]) < uid) at++;
      if (at >= positions.length || selected.uidAt(positions[at]) !== uid) continue;
      const texts = fromHeader ? textsOf(row, comparator) : undefined;
      for (let c = 0; c < criteria.length; c++) {
        const { name } = criteria[c];
        if (name === "RELEVANCY") continue;
        values[c][at] = isText(name)
          ? texts?.[TEXTS[name]] ?? row.get(TEXT_COLUMNS[name])
          : row.get(NUMBER_COLUMNS[name]);
      }
      if (fromHeader && pace.due) await pace.giveWay();
    }
    if (pace.due) await pace.giveWay();
    await context.progress(at, positions.length);
  }
  return values;
}

function columnsOf(criteria: readonly Criterion[], fromHeader: boolean): Column[] {
  const columns = new Set<Column>(["uid"]);
  for (const { name } of criteria) {
    if (name === "RELEVANCY") continue;
    if (!isText(name)) columns.add(NUMBER_COLUMNS[name]);
    else if (!fromHeader) columns.add(TEXT_COLUMNS[name]);
  }
  if (fromHeader) columns.add("header").add("structure");
  return [...columns];
}

function textsOf(row: RowView, comparator: Comparator) {
  const { charset } = unpackStructure(row.get("structure"));
  return sortTexts(new Header(row.get("header")), charset, comparator.key).texts;
}

function isText(name: NumberName | TextName | "RELEVANCY"): name is TextName {
  return Object.hasOwn(TEXT_COLUMNS, name);
}

/** A stable sort by small numbers. */
function counted(order: Uint32Array, ranks: Uint32Array, reverse: boolean): Uint32Array<ArrayBuffer> {
  let highest = 0;
  for (const rank of ranks) if (rank > highest) highest = rank;
  const place = (i: number) => reverse ? highest - ranks[i] : ranks[i];
  const starts = new Uint32Array(highest + 2);
  for (let i = 0; i < ranks.length; i++) starts[place(i) + 1]++;
  for (let rank = 1; rank < starts.length; rank++) starts[rank] += starts[rank - 1];
  const sorted = new Uint32Array(order.length);
  for (const i of order) sorted[starts[place(i)]++] = i;
  return sorted;
}
