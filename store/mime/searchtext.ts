/**
 * What SEARCH looks into (RFC 9051 §6.4.4): header fields and text, decoded and case-folded. Content is read in chunks cut at line
 * ends, so of a large part only the result is in memory.
 */
import { decodeText } from "./charset.ts";
import { foldAscii, foldCase } from "./fold.ts";
import { Header } from "./header.ts";
import { htmlCharset, htmlToText } from "./html.ts";
import { isAscii, toLatin1 } from "./latin1.ts";
import { paramValue, parseParameterised } from "./params.ts";
import type { ByteSource } from "./source.ts";
import type { Part } from "./structure.ts";
import { transferDecoder } from "./transfer.ts";
import { decodeExtendedValue, decodeHeaderText, isPlain } from "./words.ts";

const CHUNK = 1024 * 1024;
/** HTML, whose tags may span any distance, and charsets with a state are read whole, up to here. */
const MAX_WHOLE = 64 * 1024 * 1024;
/** Of a header, what is searched for encoded words; the rest is taken as it is. */
const MAX_DECODED = 256 * 1024;
const NEWLINE = Uint8Array.of(10);
const NOTHING = new Uint8Array(0);

/** Makes of text the bytes that are compared. */
export interface Folding {
  text(text: string): Uint8Array;
  /** The same for bytes that are known to be ASCII. */
  ascii(bytes: Uint8Array): Uint8Array;
}

/** The folding of search columns. */
const FOLDED: Folding = { text: foldCase, ascii: foldAscii };

/** All fields, a line each: `name: value\n`. `charset` is the message's, for 8-bit data that says nothing of its own. */
export function searchHeaders(header: Header, charset: string, folding = FOLDED): Uint8Array {
  let text = "";
  for (const { name, value } of header.fields) text += name + ": " + value + "\n";
  if (isPlain(text)) return folding.text(text);
  text = "";
  let decoded = 0;
  for (const { name, value } of header.fields) {
    decoded += value.length;
    text += name + ": " + (decoded <= MAX_DECODED ? decodeHeaderText(value, charset) : value) + "\n";
  }
  return folding.text(text);
}

/** The same of a message from its bytes. */
export function messageHeaders(source: ByteSource, root: Part, folding: Folding): Uint8Array {
  return searchHeaders(new Header(source.read(root.headerStart, root.bodyStart)), root.charset, folding);
}

/** The text of all text parts, names of attachments and the headers of enclosed messages, of a message or one of its parts. */
export function searchText(source: ByteSource, part: Part, folding = FOLDED): Uint8Array {
  return new Collector(source, Infinity, folding).collect(part) ?? new Uint8Array(0);
}

/** The same, or null where the result were longer than `limit` bytes. */
export function boundedSearchText(source: ByteSource, part: Part, limit: number): Uint8Array | null {
  return new Collector(source, limit).collect(part);
}

/** Whether a part's content is text to be read: also the reports of message/delivery-status and its like. */
export function isText(part: Part): boolean {
  return part.type === "text" || (part.type === "message" && part.message === undefined);
}

/** A text part's content, decoded, in pieces cut at line ends; ASCII stays bytes. `limit` bounds the bytes that are read. */
export function* decodedText(source: ByteSource, part: Part, limit: number): Iterable<string | Uint8Array> {
  const html = isHtml(part);
  const stateful = isStateful(part.charset);
  const decoder = transferDecoder(part.encoding) ?? transferDecoder("binary");
  if (decoder === undefined) return;
  const chunk = html || stateful ? MAX_WHOLE : CHUNK;
  const end = Math.min(part.end, part.bodyStart + limit, html || stateful ? part.bodyStart + MAX_WHOLE : Infinity);
  let charset = part.charset;
  let at = part.bodyStart;
  let carry: Uint8Array = NOTHING;
  while (at < end) {
    const upTo = Math.min(end, at + chunk);
    const bytes = upTo === part.end ? source.read(at, upTo) : cutAtLineEnd(source.read(at, upTo));
    if (bytes.length === 0) return;
    at = upTo === end ? end : at + bytes.length;
    let content = joined(carry, decoder.write(bytes));
    if (at >= end) content = joined(content, decoder.end());
    if (at < end || end < part.end) {
      const length = completeLength(content);
      carry = content.slice(length);
      content = content.subarray(0, length);
    }
    if (!html && !stateful && isAscii(content)) {
      yield content;
      continue;
    }
    if (html && charset === "") charset = htmlCharset(toLatin1(content.subarray(0, 1024)));
    const text = decodeText(content, charset);
    yield html ? htmlToText(text) : text;
  }
}

class Collector {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  constructor(readonly source: ByteSource, readonly limit: number, readonly folding = FOLDED) {}

  collect(root: Part): Uint8Array | null {
    if (!this.#part(root, true)) return null;
    if (this.#chunks.length === 1) return this.#chunks[0];
    const whole = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  /** False once the limit is passed. */
  #part(part: Part, root: boolean): boolean {
    if (!root && part.bodyStart > part.headerStart) {
      const names = this.folding.text(partNames(this.#header(part)));
      if (names.length > 0 && !this.#add(names)) return false;
    }
    for (const child of part.parts) if (!this.#part(child, false)) return false;
    if (part.message !== undefined) {
      return this.#add(searchHeaders(this.#header(part.message), part.message.charset, this.folding)) &&
        this.#part(part.message, true);
    }
    return !isText(part) || this.#text(part);
  }

  #text(part: Part): boolean {
    // No decoding shortens text to a quarter, but for HTML, which is then searched from the content.
    if (part.end - part.bodyStart > 4 * this.limit) return false;
    let separate = this.#size > 0;
    for (const piece of decodedText(this.source, part, Infinity)) {
      if (separate && !this.#add(NEWLINE)) return false;
      separate = false;
      if (!this.#add(typeof piece === "string" ? this.folding.text(piece) : this.folding.ascii(piece))) return false;
    }
    return true;
  }

  #header(part: Part): Header {
    return new Header(this.source.read(part.headerStart, part.bodyStart));
  }

  #add(bytes: Uint8Array): boolean {
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    return this.#size <= this.limit;
  }
}

/** What a part is called and said to be, a line each, as people search for attachments by name. */
function partNames(header: Header): string {
  let text = "";
  for (const name of ["content-disposition", "content-type"]) {
    const value = header.get(name);
    if (value === undefined) continue;
    const { params } = parseParameterised(value);
    for (const key of ["filename", "name"]) {
      const plain = paramValue(params, key);
      const extended = paramValue(params, key + "*");
      const decoded = extended !== undefined ? decodeExtendedValue(extended) : plain && decodeHeaderText(plain);
      if (decoded && !text.includes(decoded + "\n")) text += decoded + "\n";
    }
  }
  const description = header.get("content-description");
  return description ? text + decodeHeaderText(description) + "\n" : text;
}

export function isHtml(part: Part): boolean {
  return part.type === "text" && (part.subtype === "html" || part.subtype === "xhtml+xml");
}

/** Charsets in which ASCII bytes do not always mean ASCII. */
function isStateful(charset: string): boolean {
  return charset !== "" &&
    /^(?:utf-?7|utf-?16|utf-?32|ucs|iso-2022|csiso2022|hz|unicode-1-1|ebcdic|ibm0?37|cp0?37)/.test(charset);
}

function cutAtLineEnd(bytes: Uint8Array): Uint8Array {
  const newline = bytes.lastIndexOf(10);
  if (newline >= 0) return bytes.subarray(0, newline + 1);
  // A line longer than a chunk: at least no escape of quoted-printable is torn.
  const equals = bytes.lastIndexOf(0x3d);
  return equals >= bytes.length - 2 && equals > 0 ? bytes.subarray(0, equals) : bytes;
}

/** How much of a piece of decoded content can be taken for itself: whole lines, or at least no torn UTF-8 character. */
function completeLength(content: Uint8Array): number {
  const newline = content.lastIndexOf(10);
  if (newline >= 0) return newline + 1;
  let length = content.length;
  while (length > 0 && content.length - length < 3 && content[length - 1] > 0x7f) length--;
  return length;
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (tail.length === 0) return head;
  if (head.length === 0) return tail;
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}
