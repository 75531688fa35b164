/**
 * The tree of a message's parts with their offsets, and its packed form, which is kept with the message so that a section is
 * found without parsing again.
 *
 * headerStart <= bodyStart <= end, all offsets into the whole message; a multipart has at least one part.
 */
import { fromLatin1, toLatin1 } from "./latin1.ts";

export interface Part {
  /** In lower case, one character a byte. */
  readonly type: string;
  readonly subtype: string;
  /** Offset of the part's own (MIME) header; for a message, its RFC 5322 header. */
  readonly headerStart: number;
  /** Behind the header and its empty line. */
  readonly bodyStart: number;
  readonly end: number;
  /** Lines of the body; a last one without a line end counts. */
  readonly lines: number;
  /** Content-Transfer-Encoding in lower case, "" if there is none. */
  readonly encoding: string;
  /** The charset parameter in lower case, "" if there is none. */
  readonly charset: string;
  /** Children of a multipart; empty for every other type. */
  readonly parts: readonly Part[];
  /** What a message/rfc822 or message/global part encloses. */
  readonly message?: Part;
}

const VERSION = 1;

/** Compact bytes for unpackStructure. */
export function packStructure(root: Part): Uint8Array {
  const out: number[] = [VERSION];
  packPart(root, 0, out);
  return Uint8Array.from(out);
}

/** @throws {Error} where the bytes are not packStructure's */
export function unpackStructure(bytes: Uint8Array): Part {
  const reader = new Reader(bytes);
  if (reader.byte() !== VERSION) throw new Error("packed structure: unknown version");
  return unpackPart(reader, 0);
}

/**
 * The part that IMAP's part numbers mean (RFC 9051 §6.4.5.1): [] is the message itself; 1 of a message that is no multipart is
 * its body; the numbers behind a message/rfc822 part go into the message it encloses.
 */
export function findPart(root: Part, path: readonly number[]): Part | undefined {
  let part = root;
  // A message that is no multipart has itself as its part 1; a part has not.
  let isMessage = true;
  for (const number of path) {
    if (!isMessage && part.message !== undefined) {
      part = part.message;
      isMessage = true;
    }
    if (part.type === "multipart") {
      const child = part.parts[number - 1];
      if (child === undefined) return undefined;
      part = child;
    } else if (!isMessage || number !== 1) {
      return undefined;
    }
    isMessage = false;
  }
  return part;
}

// A number is written in groups of seven bits, lowest first; text as its length and its bytes. Offsets are relative to the
// parent's, since most are then one or two bytes long.

function packPart(part: Part, origin: number, out: number[]): void {
  packText(part.type, out);
  packText(part.subtype, out);
  packNumber(part.headerStart - origin, out);
  packNumber(part.bodyStart - part.headerStart, out);
  packNumber(part.end - part.bodyStart, out);
  packNumber(part.lines, out);
  packText(part.encoding, out);
  packText(part.charset, out);
  packNumber(part.message === undefined ? part.parts.length * 2 : 1, out);
  for (const child of part.parts) packPart(child, part.bodyStart, out);
  if (part.message !== undefined) packPart(part.message, part.bodyStart, out);
}

function unpackPart(reader: Reader, origin: number): Part {
  const type = reader.text();
  const subtype = reader.text();
  const headerStart = origin + reader.number();
  const bodyStart = headerStart + reader.number();
  const end = bodyStart + reader.number();
  const lines = reader.number();
  const encoding = reader.text();
  const charset = reader.text();
  const children = reader.number();
  const parts: Part[] = [];
  for (let i = 0; i < children >> 1; i++) parts.push(unpackPart(reader, bodyStart));
  const part = { type, subtype, headerStart, bodyStart, end, lines, encoding, charset, parts };
  return children === 1 ? { ...part, message: unpackPart(reader, bodyStart) } : part;
}

function packNumber(value: number, out: number[]): void {
  while (value >= 0x80) {
    out.push(value % 0x80 + 0x80);
    value = Math.floor(value / 0x80);
  }
  out.push(value);
}

function packText(text: string, out: number[]): void {
  packNumber(text.length, out);
  for (const byte of fromLatin1(text)) out.push(byte);
}

class Reader {
  #at = 0;
  constructor(readonly bytes: Uint8Array) {}

  byte(): number {
    if (this.#at >= this.bytes.length) throw new Error("packed structure: cut short");
    return this.bytes[this.#at++];
  }

  number(): number {
    let value = 0;
    let factor = 1;
    while (true) {
      const byte = this.byte();
      if (byte < 0x80) return value + byte * factor;
      value += (byte - 0x80) * factor;
      factor *= 0x80;
    }
  }

  text(): string {
    const length = this.number();
    if (length > this.bytes.length - this.#at) throw new Error("packed structure: cut short");
    return toLatin1(this.bytes.subarray(this.#at, this.#at += length));
  }
}
