/**
 * Line ends. Files of Maildirs and mboxes usually end lines with LF, where mail has CRLF. What is imported gets a CR before each LF
 * that has none. What is exported loses the CRs where that gives the same bytes again, and otherwise stays as it is.
 */
import type { ByteSource } from "../../store/mime/source.ts";

const CR = 13;
const LF = 10;

/** Puts a CR before each bare LF, over any number of pieces. */
export class CrlfMaker {
  #afterCr = false;

  convert(bytes: Uint8Array): Uint8Array {
    let bare = 0;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) if (!this.#hasCr(bytes, at)) bare++;
    const result = bare === 0 ? bytes : this.#filled(bytes, bare);
    if (bytes.length > 0) this.#afterCr = bytes[bytes.length - 1] === CR;
    return result;
  }

  #hasCr(bytes: Uint8Array, at: number): boolean {
    return at > 0 ? bytes[at - 1] === CR : this.#afterCr;
  }

  #filled(bytes: Uint8Array, bare: number): Uint8Array {
    const result = new Uint8Array(bytes.length + bare);
    let from = 0;
    let to = 0;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
      if (this.#hasCr(bytes, at)) continue;
      result.set(bytes.subarray(from, at), to);
      to += at - from;
      result[to++] = CR;
      from = at;
    }
    result.set(bytes.subarray(from), to);
    return result;
  }
}

/** Each CR that stands alone becomes CRLF: for files that have no LF at all. */
export function fromCrOnly(bytes: Uint8Array): Uint8Array {
  let count = 0;
  for (const byte of bytes) if (byte === CR) count++;
  const result = new Uint8Array(bytes.length + count);
  let to = 0;
  for (const byte of bytes) {
    result[to++] = byte;
    if (byte === CR) result[to++] = LF;
  }
  return result;
}

/** Bytes at a time of a large message. */
const PIECE = 256 * 1024;
const AT_ONCE = 1024 * 1024;

/** A message's bytes, large ones in pieces. */
export function* piecesOf(source: ByteSource): Iterable<Uint8Array> {
  const step = source.size <= AT_ONCE ? AT_ONCE : PIECE;
  for (let at = 0; at < source.size; at += step) yield source.read(at, Math.min(source.size, at + step));
}

/** The number of line ends, where LF in their place can be made CRLF again without another change; undefined otherwise. */
export function lfLines(source: ByteSource): number | undefined {
  let lines = 0;
  let [before, last] = [0, 0];
  for (const bytes of piecesOf(source)) {
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
      const previous = at > 0 ? bytes[at - 1] : last;
      const second = at > 1 ? bytes[at - 2] : at === 1 ? last : before;
      if (previous !== CR || second === CR) return undefined;
      lines++;
    }
    before = bytes.length > 1 ? bytes[bytes.length - 2] : last;
    last = bytes[bytes.length - 1];
  }
  return lines;
}

/** The message with LF for CRLF. */
export function* lfPieces(source: ByteSource): Iterable<Uint8Array> {
  let heldCr = false;
  for (const piece of piecesOf(source)) {
    const bytes: Uint8Array = heldCr ? joined(Uint8Array.of(CR), piece) : piece;
    heldCr = bytes[bytes.length - 1] === CR;
    yield withoutCr(heldCr ? bytes.subarray(0, bytes.length - 1) : bytes);
  }
  if (heldCr) yield Uint8Array.of(CR);
}

function withoutCr(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length);
  let from = 0;
  let to = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    const end = at > 0 && bytes[at - 1] === CR ? at - 1 : at;
    result.set(bytes.subarray(from, end), to);
    to += end - from;
    from = at;
  }
  result.set(bytes.subarray(from), to);
  return result.subarray(0, to + bytes.length - from);
}

export function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const result = new Uint8Array(a.length + b.length);
  result.set(a);
  result.set(b, a.length);
  return result;
}
