/** Reads what threads are made of. */
import type { Column } from "../../../../store/mod.ts";
import { Header } from "../../../../store/mime/header.ts";
import { sortTexts } from "../../../../store/mime/sortkeys.ts";
import { unpackStructure } from "../../../../store/mime/structure.ts";
import type { Context } from "../../command.ts";
import { RowView } from "../../fetch/columns.ts";
import { Pace } from "../../pace.ts";
import type { Selected } from "../../selected.ts";
import { type Comparator, DEFAULT_COMPARATOR } from "../comparator.ts";
import { uidRanges } from "../ranges.ts";
import type { Messages } from "./forest.ts";

/** What an algorithm needs beyond a date. */
export interface Wanted {
  readonly date: "sentTime" | "internalDate";
  readonly subjects: boolean;
  readonly references: boolean;
}

/** @param positions ascending */
export async function readMessages(
  context: Pick<Context, "progress">,
  selected: Selected,
  positions: Uint32Array,
  wanted: Wanted,
  comparator: Comparator,
): Promise<Messages> {
  const count = positions.length;
  const ids = new Array<string>(count).fill("");
  const references = new Array<string>(count).fill("");
  const subjects = new Array<string>(count).fill("");
  const isReply = new Uint8Array(count);
  const dates = new Float64Array(count);
  const fromHeader = wanted.subjects && comparator !== DEFAULT_COMPARATOR;
  const columns: Column[] = ["uid", wanted.date];
  if (wanted.subjects) columns.push("baseSubject", "isReply");
  if (fromHeader) columns.push("header", "structure");
  if (wanted.references) columns.push("threadKey", "threadReferences");
  const row = new RowView(columns);
  const pace = new Pace();
  let at = 0;
  const ranges = uidRanges(selected, positions);
  for await (const rows of selected.mail.read(selected.mailbox.id, ranges, columns, selected.pin.modseq)) {
    for (const values of rows) {
      row.show(values);
      const uid = row.get("uid");
      while (at < count && selected.uidAt(positions[at]) < uid) at++;
      if (at >= count || selected.uidAt(positions[at]) !== uid) continue;
      dates[at] = row.get(wanted.date);
      if (wanted.subjects) {
        subjects[at] = fromHeader ? subjectOf(row, comparator) : row.get("baseSubject");
        isReply[at] = row.get("isReply");
      }
      if (wanted.references) {
        ids[at] = row.get("threadKey");
        references[at] = row.get("threadReferences");
      }
    }
    if (pace.due) await pace.giveWay();
    await context.progress(at, count);
  }
  return { count, ids, references, subjects, isReply, ranks: ranksOf(dates) };
}

function subjectOf(row: RowView, comparator: Comparator): string {
  const { charset } = unpackStructure(row.get("structure"));
  return sortTexts(new Header(row.get("header")), charset, comparator.key).texts.subject;
}

/** Messages of one date rank as they stand in the mailbox (RFC 5256 §2.2). */
function ranksOf(dates: Float64Array): Uint32Array {
  const ranks = new Uint32Array(dates.length);
  const order = Uint32Array.from(dates, (_, i) => i).sort((a, b) => dates[a] - dates[b] || a - b);
  order.forEach((message, rank) => ranks[message] = rank);
  return ranks;
}
