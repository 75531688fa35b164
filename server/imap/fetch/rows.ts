/**
 * FETCH of anything that the mailbox index does not hold: rows are read from the store in batches and each is written as it comes.
 *
 * Whatever can fail for a message (content gone, encoding unknown) is found out before its line is begun.
 */
import { Flag } from "../../../store/mod.ts";
import { type ByteSource, memorySource } from "../../../store/mime/source.ts";
import { headerFields } from "../../../store/mime/section.ts";
import { unpackStructure } from "../../../store/mime/structure.ts";
import type { Context } from "../command.ts";
import { writeFetchHead } from "../fetchline.ts";
import { flagListBytes } from "../flags.ts";
import { emailObjectId, threadObjectId } from "../objectid.ts";
import { Pace } from "../pace.ts";
import { type Selected, type Span, spanLength } from "../selected.ts";
import { formatDateTime } from "../wire/dates.ts";
import { DecodedParts, hasNul } from "./binary.ts";
import { columnsFor, isHeader, isWhole, needsContent, needsStructure, RowView } from "./columns.ts";
import { type Extent, extentOf, inMemory, type MessageView, sliced, writeExtent } from "./content.ts";
import type { BinaryItem, ContentItem, Item, PlainName } from "./items.ts";
import { moreOf, recentFrom } from "./lines.ts";
import { packedItems, writePacked } from "./packed.ts";
import type { SeenLater } from "./seen.ts";

export interface RowsFetched {
  /** Messages that were removed for good before they could be read. */
  readonly gone: number;
  /** A BINARY part had an encoding that is unknown or broken. */
  readonly undecodable: boolean;
}

/** Writes a FETCH response for each message of the spans; messages to be marked \Seen go to `seen`. */
export async function writeRows(
  context: Pick<Context, "out" | "send" | "flushed" | "progress" | "session">,
  selected: Selected,
  spans: readonly Span[],
  items: readonly Item[],
  seen: SeenLater,
): Promise<RowsFetched> {
  const total = spanLength(spans);
  if (total === 0) return { gone: 0, undecodable: false };
  const packed = packedItems(items, selected);
  if (packed) return { gone: await writePacked(context, selected, spans, packed), undecodable: false };
  const pace = new Pace();
  const writer = new RowWriter(context, selected, items, seen, pace);
  const columns = columnsFor(items);
  const row = new RowView(columns);
  let done = 0;
  for await (
    const rows of selected.mail.read(selected.mailbox.id, selected.ranges(spans), columns, selected.pin.modseq)
  ) {
    for (const values of rows) {
      row.show(values);
      if (await writer.write(row)) done++;
      await context.flushed();
      if (pace.due) await pace.giveWay();
    }
    await context.progress(done, total);
  }
  return { gone: total - done, undecodable: writer.undecodable };
}

/** An item with its bytes found; null: the message has no such part. */
type Found = Extent | null;

class RowWriter {
  undecodable = false;
  private readonly setsSeen: boolean;
  private readonly showsFlags: boolean;
  private readonly showsModSeq: boolean;
  private readonly needsHeader: boolean;
  private readonly needsContent: boolean;
  private readonly needsStructure: boolean;
  /** For lines of plain items alone. */
  private readonly nothing: readonly Found[];

  constructor(
    private readonly context: Pick<Context, "out" | "send" | "flushed" | "session">,
    private readonly selected: Selected,
    private readonly items: readonly Item[],
    private readonly seen: SeenLater,
    private readonly pace: Pace,
  ) {
    this.setsSeen = !selected.readOnly && selected.place.rights.has("s") &&
      items.some((item) => item.kind !== "plain" && item.seen);
    this.showsFlags = items.some((item) => item.kind === "plain" && item.name === "FLAGS");
    this.showsModSeq = items.some((item) => item.kind === "plain" && item.name === "MODSEQ");
    this.needsHeader = items.some(isHeader);
    this.needsContent = items.some(needsContent);
    this.needsStructure = items.some(needsStructure);
    this.nothing = items.map(() => null);
  }

  /** False: the client does not know the message, or its content is gone. */
  async write(row: RowView): Promise<boolean> {
    const position = this.selected.positionOf(row.get("uid"));
    if (position < 0) return false;
    if (!this.needsContent) {
      await this.line(row, position, this.needsHeader ? this.headers(row) : this.nothing);
      return true;
    }
    const inline = row.get("inlineContent");
    if (inline) {
      await this.fromSource(row, position, memorySource(inline));
      return true;
    }
    using content = await this.selected.mail.content(row.get("emailId"));
    if (!content) return false;
    await this.fromSource(row, position, content);
    return true;
  }

  private headers(row: RowView): Found[] {
    return this.items.map((item) => item.kind === "content" ? headerOf(row, item) : null);
  }

  private async fromSource(row: RowView, position: number, source: ByteSource): Promise<void> {
    const view: MessageView | undefined = this.needsStructure
      ? { source, root: unpackStructure(row.get("structure")) }
      : undefined;
    const decoded = view && new DecodedParts(view, this.pace);
    const found: (Found | undefined)[] = [];
    for (const item of this.items) {
      if (item.kind === "plain") found.push(null);
      else if (item.kind === "content") found.push(this.content(row, item, source, view));
      else found.push(await this.binary(item, decoded));
    }
    await this.line(row, position, found);
  }

  private content(row: RowView, item: ContentItem, source: ByteSource, view: MessageView | undefined): Found {
    if (isHeader(item)) return headerOf(row, item);
    const whole = isWhole(item) ? { source, start: 0, end: source.size } : view && extentOf(view, item.section);
    return whole ? sliced(whole, item.slice) : null;
  }

  private async binary(item: BinaryItem, decoded: DecodedParts | undefined): Promise<Found | undefined> {
    const whole = await decoded?.find(item.path);
    if (whole === null) return undefined;
    if (!whole) return null;
    const part = sliced(whole, item.slice);
    return item.kind === "binary" && await hasNul(part, this.pace) ? { ...part, binary: true } : part;
  }

  /** `found` by item; undefined: left out, it could not be decoded. */
  private async line(row: RowView, position: number, found: readonly (Found | undefined)[]): Promise<void> {
    const { out } = this.context;
    if (found.includes(undefined)) {
      this.undecodable = true;
      if (found.every((extent) => extent === undefined)) return;
    }
    const flags = this.setsSeen || this.showsFlags ? this.flags(row, position) : undefined;
    let before = "";
    writeFetchHead(out, this.context.session, position, row.get("uid"));
    for (let i = 0; i < this.items.length; i++) {
      const item = this.items[i];
      const extent = found[i];
      if (extent === undefined) continue;
      out.ascii(before);
      before = " ";
      if (item.kind === "plain") this.plain(item.name, row, position, flags);
      else if (item.kind === "binarySize") out.raw(item.label).sp().number(extent ? extent.end - extent.start : 0);
      else {
        out.raw(item.label).sp();
        if (extent) await writeExtent(this.context, extent);
        else out.nstring(null);
      }
    }
    if (flags?.told && !this.showsFlags) out.ascii(" FLAGS ").raw(flags.list);
    out.ascii(")").crlf();
  }

  /**
   * The flags to show, with \Seen where this FETCH sets it: what is going to be stored is told with the message. Only beside a MODSEQ
   * must they be those of that modseq; the new ones follow with the new modseq.
   */
  private flags(row: RowView, position: number): { list: Uint8Array; told: boolean } {
    const { selected, context } = this;
    const { index } = selected;
    const uid = selected.uidAt(position);
    const at = selected.indexPosition(position);
    let word = at >= 0 ? index.flagWords[at] : row.get("flagWord");
    const more = at >= 0 ? moreOf(index, uid) : row.get("moreKeywords");
    let told = false;
    if (this.setsSeen && !(word & Flag.Seen)) {
      const predicted = !this.showsModSeq;
      // A client that follows modseqs is told the flags with the modseq they got, afterwards.
      told = !context.session.condstore;
      if (predicted) word |= Flag.Seen;
      this.seen.add(uid, predicted && (told || this.showsFlags) ? word : undefined);
    }
    return { list: flagListBytes(index, word, more, uid >= recentFrom(context.session, selected)), told };
  }

  private plain(name: PlainName, row: RowView, position: number, flags: { list: Uint8Array } | undefined): void {
    const { out } = this.context;
    out.ascii(name).sp();
    switch (name) {
      case "UID":
        out.number(row.get("uid"));
        break;
      case "FLAGS":
        if (flags) out.raw(flags.list);
        break;
      case "MODSEQ": {
        const at = this.selected.indexPosition(position);
        out.ascii("(").number(at >= 0 ? this.selected.index.modseqs[at] : row.get("modseq")).ascii(")");
        break;
      }
      case "INTERNALDATE":
        out.ascii(`"${formatDateTime(row.get("internalDate"))}"`);
        break;
      case "SAVEDATE":
        out.ascii(`"${formatDateTime(row.get("saveDate"))}"`);
        break;
      case "RFC822.SIZE":
        out.number(row.get("size"));
        break;
      case "ENVELOPE":
        out.raw(row.get("envelope"));
        break;
      case "BODY":
        out.raw(row.get("body"));
        break;
      case "BODYSTRUCTURE":
        out.raw(row.get("bodyStructure"));
        break;
      case "EMAILID":
        out.ascii(`(${emailObjectId(row.get("emailId"), this.selected.mail)})`);
        break;
      case "THREADID":
        out.ascii(`(${threadObjectId(row.get("threadId"), this.selected.mail)})`);
        break;
      case "PREVIEW":
        out.string(row.get("preview"));
        break;
    }
  }
}

function headerOf(row: RowView, { section: { fields }, slice }: ContentItem): Extent {
  const header = row.get("header");
  return sliced(inMemory(fields ? headerFields(header, fields.names, fields.not) : header), slice);
}
