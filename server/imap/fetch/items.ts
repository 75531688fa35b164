/** What FETCH can be asked for: data items, macros, modifiers (RFC 9051 §6.4.5, RFC 3516, 7162, 8474, 8514, 8970, 9394). */
import type { ModSeq } from "../../../store/mod.ts";
import { BadError } from "../errors.ts";
import type { Session } from "../session.ts";
import { parsePartialRange, type PartialRange } from "../partial.ts";
import type { Decoder } from "../wire/decoder.ts";
import type { SequenceSet } from "../wire/sequence.ts";
import { parseBinarySection, parsePartial, parseSection, type Section, type Slice } from "./section.ts";

/** Items without arguments, answered under their own name. */
export const PLAIN_ITEMS = [
  "UID",
  "FLAGS",
  "MODSEQ",
  "INTERNALDATE",
  "SAVEDATE",
  "RFC822.SIZE",
  "ENVELOPE",
  "BODY",
  "BODYSTRUCTURE",
  "EMAILID",
  "THREADID",
  "PREVIEW",
] as const;
export type PlainName = typeof PLAIN_ITEMS[number];

export interface PlainItem {
  readonly kind: "plain";
  readonly name: PlainName;
}

/** Bytes of the message as they came. */
export interface ContentItem {
  readonly kind: "content";
  /** How the answer names it: `BODY[1]<0>`, `RFC822.TEXT`. */
  readonly label: Uint8Array;
  readonly section: Section;
  readonly slice?: Slice;
  /** Fetching it sets \Seen. */
  readonly seen: boolean;
}

/** A part without its transfer encoding (RFC 3516 §4.2). */
export interface BinaryItem {
  readonly kind: "binary" | "binarySize";
  readonly label: Uint8Array;
  readonly path: readonly number[];
  readonly slice?: Slice;
  readonly seen: boolean;
}

export type Item = PlainItem | ContentItem | BinaryItem;

export interface FetchArguments {
  readonly set: SequenceSet;
  /** In the order asked, nothing twice; with UID for UID FETCH and MODSEQ for CHANGEDSINCE. */
  readonly items: readonly Item[];
  readonly changedSince?: ModSeq;
  readonly vanished: boolean;
  /** Only these of the messages named (RFC 9394 §3.3). */
  readonly partial?: PartialRange;
}

const MACROS: Readonly<Record<string, readonly PlainName[]>> = {
  FAST: ["FLAGS", "INTERNALDATE", "RFC822.SIZE"],
  ALL: ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"],
  FULL: ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"],
};

const latin1 = new TextDecoder("latin1");
const encoder = new TextEncoder();
const ascii = (text: string): Uint8Array => encoder.encode(text);

/** What follows `FETCH` or `UID FETCH`. @throws {BadError} */
export function parseFetch(d: Decoder, session: Pick<Session, "qresync" | "uidOnly">, uid: boolean): FetchArguments {
  d.sp();
  const set = d.sequenceSet();
  d.sp();
  const asked = d.peek() === 0x28 ? d.list(() => parseItem(d, d.word())) : parseSingle(d);
  if (asked.length === 0) throw new BadError(undefined, "FETCH needs a data item");
  // UIDFETCH begins with the UID (RFC 9586 §3.3).
  const items: Item[] = uid && !session.uidOnly ? [{ kind: "plain", name: "UID" }, ...asked] : asked;
  const modifiers = d.trySp() ? parseModifiers(d, session, uid) : { vanished: false };
  if (modifiers.changedSince !== undefined) items.push({ kind: "plain", name: "MODSEQ" });
  return { set, items: distinct(items), ...modifiers };
}

function parseSingle(d: Decoder): Item[] {
  const word = d.word();
  if (Object.hasOwn(MACROS, word)) return MACROS[word].map((name) => ({ kind: "plain", name }));
  return [parseItem(d, word)];
}

/** `"(" fetch-att *(SP fetch-att) ")"`, without macros, as NOTIFY and UPDATE take it (RFC 5465 §8); nothing twice. @throws {BadError} */
export function parseItemList(d: Decoder): Item[] {
  const items = d.list(() => parseItem(d, d.word()));
  if (items.length === 0) throw new BadError(undefined, "a data item is missing");
  return distinct(items);
}

function parseItem(d: Decoder, word: string): Item {
  switch (word) {
    case "BODY":
      return d.peek() === 0x5b ? contentItem(d, true) : { kind: "plain", name: word };
    case "BODY.PEEK":
      return contentItem(d, false);
    case "RFC822":
      return { kind: "content", label: ascii(word), section: { path: [], what: "" }, seen: true };
    case "RFC822.HEADER":
      return { kind: "content", label: ascii(word), section: { path: [], what: "HEADER" }, seen: false };
    case "RFC822.TEXT":
      return { kind: "content", label: ascii(word), section: { path: [], what: "TEXT" }, seen: true };
    case "BINARY":
      return binaryItem(d, "binary", true);
    case "BINARY.PEEK":
      return binaryItem(d, "binary", false);
    case "BINARY.SIZE":
      return binaryItem(d, "binarySize", false);
    case "PREVIEW":
      parseLazy(d);
      return { kind: "plain", name: word };
    default:
      if (isPlain(word)) return { kind: "plain", name: word };
      throw new BadError(undefined, "unknown FETCH data item");
  }
}

function isPlain(word: string): word is PlainName {
  return (PLAIN_ITEMS as readonly string[]).includes(word);
}

function contentItem(d: Decoder, seen: boolean): ContentItem {
  const { section, label } = parseSection(d);
  const slice = parsePartial(d);
  return { kind: "content", label: withOffset("BODY", label, slice), section, slice, seen };
}

function binaryItem(d: Decoder, kind: "binary" | "binarySize", seen: boolean): BinaryItem {
  const { path, label } = parseBinarySection(d);
  if (kind === "binarySize") return { kind, label: withOffset("BINARY.SIZE", label, undefined), path, seen };
  const slice = parsePartial(d);
  return { kind, label: withOffset("BINARY", label, slice), path, slice, seen };
}

/** The answer names the offset, not the count (RFC 9051 §7.5.2). */
function withOffset(name: string, section: Uint8Array, slice: Slice | undefined): Uint8Array {
  const offset = slice ? `<${slice.offset}>` : "";
  const label = new Uint8Array(name.length + section.length + offset.length);
  label.set(ascii(name));
  label.set(section, name.length);
  label.set(ascii(offset), name.length + section.length);
  return label;
}

/** `(LAZY)` after PREVIEW. Previews are ready since delivery, so it changes nothing; it can also be a FETCH modifier that follows. */
function parseLazy(d: Decoder): void {
  const start = d.position;
  if (!d.trySp()) return;
  if (d.tryByte("(") && d.tryWord("LAZY")) {
    while (d.trySp()) {
      if (!d.tryWord("LAZY")) throw new BadError(undefined, "unknown PREVIEW modifier");
    }
    d.byte(")");
  } else {
    d.position = start;
  }
}

function parseModifiers(
  d: Decoder,
  session: Pick<Session, "qresync">,
  uid: boolean,
): Pick<FetchArguments, "changedSince" | "vanished" | "partial"> {
  let changedSince: ModSeq | undefined;
  let partial: PartialRange | undefined;
  let vanished = false;
  d.list(() => {
    const word = d.word();
    if (word === "CHANGEDSINCE" && changedSince === undefined) {
      d.sp();
      changedSince = d.number64() as ModSeq;
    } else if (word === "VANISHED" && !vanished) {
      vanished = true;
    } else if (word === "PARTIAL" && partial === undefined) {
      if (!uid) throw new BadError(undefined, "PARTIAL is for UID FETCH");
      d.sp();
      partial = parsePartialRange(d);
    } else {
      throw new BadError(undefined, "unknown or repeated FETCH modifier");
    }
  });
  // RFC 7162 §3.2.6
  if (vanished && !uid) throw new BadError(undefined, "VANISHED is for UID FETCH");
  if (vanished && !session.qresync) throw new BadError(undefined, "VANISHED needs ENABLE QRESYNC");
  if (vanished && changedSince === undefined) throw new BadError(undefined, "VANISHED needs CHANGEDSINCE");
  if (!partial && changedSince === undefined) throw new BadError(undefined, "a FETCH modifier was expected");
  return { changedSince, vanished, partial };
}

/** An item asked for twice is answered once; if either way of asking sets \Seen, it is set. */
function distinct(items: readonly Item[]): Item[] {
  const byName = new Map<string, Item>();
  for (const item of items) {
    const name = item.kind === "plain" ? item.name : itemKey(item);
    const before = byName.get(name);
    if (!before) byName.set(name, item);
    else if (before.kind !== "plain" && item.kind !== "plain" && item.seen) byName.set(name, { ...before, seen: true });
  }
  return [...byName.values()];
}

function itemKey(item: ContentItem | BinaryItem): string {
  return `${latin1.decode(item.label)} ${item.slice?.count ?? ""}`;
}
