/**
 * FETCH of items that need no content, such as ENVELOPE and header fields: read packed, and written without making anything for a
 * message. Lists of messages are shown with it, so it is what clients wait for.
 */
import {
  type EmailId,
  INLINE_KEYWORDS,
  type PackedBytes,
  type PackedColumn,
  type PackedRows,
} from "../../../store/mod.ts";
import { FieldFilter } from "../../../store/mime/fieldfilter.ts";
import type { Context } from "../command.ts";
import { flagListBytes } from "../flags.ts";
import { emailObjectId, threadObjectId } from "../objectid.ts";
import { Pace } from "../pace.ts";
import { type Selected, type Span, spanLength } from "../selected.ts";
import { DateTimeWriter } from "../wire/datetime.ts";
import type { Encoder } from "../wire/encoder.ts";
import { writeFetchHead } from "../fetchline.ts";
import { isHeader } from "./columns.ts";
import type { ContentItem, Item, PlainName } from "./items.ts";
import { recentFrom } from "./lines.ts";

const encoder = new TextEncoder();

/** Bytes between waits. */
const FLUSH_AT = 32 * 1024;

type PackedItem = { readonly kind: "plain"; readonly name: Exclude<PlainName, "PREVIEW"> } | ContentItem;

const COLUMNS: Readonly<Record<Exclude<PlainName, "PREVIEW">, readonly PackedColumn[]>> = {
  "UID": [],
  // For messages that are gone from the index, which holds those of all others.
  "FLAGS": ["flagWord"],
  "MODSEQ": ["modseq"],
  "INTERNALDATE": ["internalDate"],
  "SAVEDATE": ["saveDate"],
  "RFC822.SIZE": ["size"],
  "ENVELOPE": ["envelope"],
  "BODY": ["body"],
  "BODYSTRUCTURE": ["bodyStructure"],
  "EMAILID": ["emailId"],
  "THREADID": ["threadId"],
};

/** The items, where they can be written so. */
export function packedItems(items: readonly Item[], selected: Selected): PackedItem[] | undefined {
  // Keywords beyond the flag word are no number.
  if (selected.index.keywords.length > INLINE_KEYWORDS) return undefined;
  const packed = items.filter(isPacked);
  return packed.length === items.length ? packed : undefined;
}

function isPacked(item: Item): item is PackedItem {
  if (item.kind === "plain") return item.name !== "PREVIEW";
  return item.kind === "content" && isHeader(item) && !item.seen && !item.slice;
}

/** Writes a FETCH response for each message of the spans. @returns how many were removed for good before they could be read */
export async function writePacked(
  context: Pick<Context, "out" | "flushed" | "progress" | "session">,
  selected: Selected,
  spans: readonly Span[],
  items: readonly PackedItem[],
): Promise<number> {
  const { out } = context;
  const total = spanLength(spans);
  const pace = new Pace();
  const columns = new Set<PackedColumn>(["uid"]);
  for (const item of items) {
    for (const column of item.kind === "plain" ? COLUMNS[item.name] : HEADER) columns.add(column);
  }
  const writers = items.map((item, i) => itemWriter(selected, item, i === 0 ? "" : " "));
  let done = 0;
  let next = 0;
  const ranges = selected.ranges(spans);
  for await (const rows of selected.mail.readPacked(selected.mailbox.id, ranges, [...columns], selected.pin.modseq)) {
    const uids = rows.numbers("uid");
    const lines = writers.map((writer) => writer(rows, context));
    for (let row = 0; row < rows.count; row++) {
      const { list } = selected;
      const uid = uids[row];
      const position = next < list.count && list.uids[next] === uid ? next : selected.positionOf(uid);
      if (position < 0) continue;
      next = position + 1;
      writeFetchHead(out, context.session, position, uid);
      for (const write of lines) write(row, position);
      out.ascii(")").crlf();
      done++;
      if (out.length < FLUSH_AT) continue;
      await context.flushed();
      if (pace.due) await pace.giveWay();
    }
    await context.progress(done, total);
  }
  return total - done;
}

const HEADER: readonly PackedColumn[] = ["header"];

/** Writes one item of the message in a row. */
type Write = (row: number, position: number) => void;
/** What writes an item, for the rows of a batch. */
type ItemWriter = (rows: PackedRows, context: Pick<Context, "out" | "session">) => Write;

function itemWriter(selected: Selected, item: PackedItem, before: string): ItemWriter {
  if (item.kind === "content") {
    const label = new Uint8Array([...encoder.encode(before), ...item.label, 0x20]);
    return headerWriter(item, label);
  }
  const { name } = item;
  const label = encoder.encode(`${before}${name} `);
  switch (name) {
    case "UID":
      return numberWriter(label, "uid");
    case "RFC822.SIZE":
      return numberWriter(label, "size");
    case "ENVELOPE":
      return bytesWriter(label, "envelope");
    case "BODY":
      return bytesWriter(label, "body");
    case "BODYSTRUCTURE":
      return bytesWriter(label, "bodyStructure");
    case "INTERNALDATE":
      return dateWriter(label, "internalDate");
    case "SAVEDATE":
      return dateWriter(label, "saveDate");
    case "FLAGS":
      return flagsWriter(label, selected);
    case "MODSEQ":
      return (rows, { out }) => {
        const modseqs = rows.numbers("modseq");
        return (row, position) => {
          const at = selected.indexPosition(position);
          out.raw(label).ascii("(").number(at >= 0 ? selected.index.modseqs[at] : modseqs[row]).ascii(")");
        };
      };
    case "EMAILID":
      return idWriter(label, "emailId", (id) => emailObjectId(id, selected.mail));
    case "THREADID":
      return idWriter(label, "threadId", (id) => threadObjectId(id, selected.mail));
  }
}

function numberWriter(label: Uint8Array, column: "uid" | "size"): ItemWriter {
  return (rows, { out }) => {
    const numbers = rows.numbers(column);
    return (row) => void out.raw(label).number(numbers[row]);
  };
}

function bytesWriter(label: Uint8Array, column: "envelope" | "body" | "bodyStructure"): ItemWriter {
  return (rows, { out }) => {
    const { bytes, ends } = rows.bytes(column);
    return (row) => void out.raw(label).part(bytes, startOf(ends, row), ends[row]);
  };
}

function dateWriter(label: Uint8Array, column: "internalDate" | "saveDate"): ItemWriter {
  const dates = new DateTimeWriter();
  return (rows, { out }) => {
    const numbers = rows.numbers(column);
    return (row) => void out.raw(label).raw(dates.quoted(numbers[row]));
  };
}

function idWriter(
  label: Uint8Array,
  column: "emailId" | "threadId",
  text: (id: EmailId) => string,
): ItemWriter {
  return (rows, { out }) => {
    const numbers = rows.numbers(column);
    return (row) => void out.raw(label).ascii(`(${text(numbers[row] as EmailId)})`);
  };
}

function flagsWriter(label: Uint8Array, selected: Selected): ItemWriter {
  return (rows, { out, session }) => {
    const words = rows.numbers("flagWord");
    const recent = recentFrom(session, selected);
    return (row, position) => {
      const at = selected.indexPosition(position);
      const { index } = selected;
      const word = at >= 0 ? index.flagWords[at] : words[row];
      out.raw(label).raw(flagListBytes(index, word, NO_MORE, selected.uidAt(position) >= recent));
    };
  };
}

const NO_MORE: readonly number[] = [];

function headerWriter({ section: { fields } }: ContentItem, label: Uint8Array): ItemWriter {
  const filter = fields && new FieldFilter(fields.names, fields.not);
  return (rows, { out }) => {
    const { bytes, ends } = rows.bytes("header");
    return (row) => {
      const start = startOf(ends, row);
      out.raw(label);
      if (filter) writeFields(out, filter, bytes, start, ends[row]);
      else out.literalHead(ends[row] - start).part(bytes, start, ends[row]);
    };
  };
}

function writeFields(out: Encoder, filter: FieldFilter, bytes: Uint8Array, start: number, end: number): void {
  out.literalHead(filter.find(bytes, start, end));
  filter.each((from, to) => out.part(bytes, from, to));
  out.raw(filter.missing);
}

function startOf(ends: PackedBytes["ends"], row: number): number {
  return row === 0 ? 0 : ends[row - 1];
}
