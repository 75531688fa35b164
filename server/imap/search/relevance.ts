/** How relevant a message is to the FUZZY keys of a search: 1 to 100 (RFC 6203 §4). */
import { searchText } from "../../../store/mime/message.ts";
import { unpackStructure } from "../../../store/mime/structure.ts";
import type { Column } from "../../../store/mod.ts";
import type { Context } from "../command.ts";
import { RowView } from "../fetch/columns.ts";
import { Pace } from "../pace.ts";
import type { Selected } from "../selected.ts";
import { FuzzyText, type Likeness } from "./fuzzy.ts";
import type { Key } from "./keys.ts";
import { uidRanges } from "./ranges.ts";

/** A string counts for more where a message is more likely to be about it. */
const IN_HEADER: Readonly<Record<string, number>> = { subject: 1, from: 0.95, to: 0.9, cc: 0.9 };
const IN_OTHER_HEADER = 0.8;
const IN_TEXT = 0.6;

interface Texts {
  readonly headers: Uint8Array;
  readonly text: Uint8Array;
}

interface Scorer {
  readonly needsText: boolean;
  score(texts: Texts): Likeness;
}

/** @param positions ascending @returns by index of `positions` */
export async function relevancy(
  context: Pick<Context, "progress">,
  selected: Selected,
  positions: Uint32Array,
  key: Key,
): Promise<Uint8Array> {
  const scores = new Uint8Array(positions.length).fill(100);
  const scorer = scorerOf(key, false);
  if (!scorer) return scores;
  const columns: Column[] = ["uid", "searchHeaders"];
  if (scorer.needsText) columns.push("searchText", "emailId", "structure");
  const row = new RowView(columns);
  const pace = new Pace();
  let at = 0;
  const ranges = uidRanges(selected, positions);
  for await (const rows of selected.mail.read(selected.mailbox.id, ranges, columns, selected.pin.modseq)) {
    for (const values of rows) {
      row.show(values);
      const uid = row.get("uid");
      while (at < positions.length && selected.uidAt(positions[at]) < uid) at++;
      if (at >= positions.length || selected.uidAt(positions[at]) !== uid) continue;
      const text = scorer.needsText ? await textOf(selected, row) : new Uint8Array();
      const likeness = scorer.score({ headers: row.get("searchHeaders"), text });
      scores[at] = Math.max(1, Math.round(100 * likeness));
      if (pace.due) await pace.giveWay();
    }
    await context.progress(at, positions.length);
  }
  return scores;
}

async function textOf(selected: Selected, row: RowView): Promise<Uint8Array> {
  const text = row.get("searchText");
  if (text) return text;
  using content = await selected.mail.content(row.get("emailId"));
  return content ? searchText(content, unpackStructure(row.get("structure"))) : new Uint8Array();
}

/** undefined: there is no string in it that is matched fuzzily. */
function scorerOf(key: Key, fuzzy: boolean): Scorer | undefined {
  switch (key.is) {
    case "fuzzy":
      return scorerOf(key.key, true);
    case "and":
    case "or": {
      const scorers = key.keys.map((inner) => scorerOf(inner, fuzzy)).filter((scorer) => scorer !== undefined);
      if (scorers.length === 0) return undefined;
      const needsText = scorers.some((scorer) => scorer.needsText);
      const each = (texts: Texts) => scorers.map((scorer) => scorer.score(texts));
      if (key.is === "or") return { needsText, score: (texts) => Math.max(...each(texts)) };
      return { needsText, score: (texts) => each(texts).reduce((sum, one) => sum + one, 0) / scorers.length };
    }
    case "header": {
      if (!fuzzy || key.text.length === 0) return undefined;
      const words = new FuzzyText(key.raw);
      return { needsText: false, score: ({ headers }) => inField(words, headers, key.name) };
    }
    case "body":
    case "text": {
      if (!fuzzy) return undefined;
      const words = new FuzzyText(key.raw);
      const headersToo = key.is === "text";
      return {
        needsText: true,
        score({ headers, text }) {
          const body = IN_TEXT * words.likeness(text);
          if (!headersToo) return body;
          const named = Object.keys(IN_HEADER).map((name) => inField(words, headers, name));
          return Math.max(body, IN_OTHER_HEADER * words.likeness(headers), ...named);
        },
      };
    }
    default:
      return undefined;
  }
}

function inField(words: FuzzyText, headers: Uint8Array, name: string): Likeness {
  return (IN_HEADER[name] ?? IN_OTHER_HEADER) * words.fieldLikeness(headers, name);
}
