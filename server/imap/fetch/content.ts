/**
 * Bytes of messages on their way out. What lies in a file is read and sent piece by piece: no message is ever in memory as a whole
 * because it is large.
 */
import { getLogger } from "@logtape/logtape";
import { type ByteSource, memorySource } from "../../../store/mime/source.ts";
import { headerFields, sectionRange } from "../../../store/mime/section.ts";
import type { Part } from "../../../store/mime/structure.ts";
import type { Context } from "../command.ts";
import { ByeError } from "../errors.ts";
import type { Section, Slice } from "./section.ts";

const log = getLogger(["roost", "imap"]);

/** Read and handed on at a time. */
const PIECE = 256 * 1024;
const WORTH_SENDING = 64 * 1024;

/** Bytes [start, end) of a source. */
export interface Extent {
  readonly source: ByteSource;
  readonly start: number;
  readonly end: number;
  /** There is a NUL in it, so it goes as a literal8 (RFC 3516 §4.3). */
  readonly binary?: boolean;
}

/** What a section is of. */
export interface MessageView {
  readonly source: ByteSource;
  /** The tree of parts. */
  readonly root: Part;
}

/**
 * Where a section lies; undefined where the message has no such part (answered NIL).
 * Sections that are found without the tree, the whole message and its own header, are not for here.
 */
export function extentOf({ source, root }: MessageView, { path, what, fields }: Section): Extent | undefined {
  const range = sectionRange(root, path, what);
  if (!range) return undefined;
  if (!fields) return { source, ...range };
  return inMemory(headerFields(source.read(range.start, range.end), fields.names, fields.not));
}

export function inMemory(bytes: Uint8Array): Extent {
  return { source: memorySource(bytes), start: 0, end: bytes.length };
}

/** The part of an extent that a partial FETCH asks for; empty beyond its end (RFC 9051 §6.4.5). */
export function sliced(extent: Extent, slice: Slice | undefined): Extent {
  if (!slice) return extent;
  const start = extent.start + Math.min(slice.offset, extent.end - extent.start);
  return { source: extent.source, start, end: start + Math.min(slice.count, extent.end - start) };
}

/**
 * Writes an extent as a literal.
 * @throws {ByeError} the bytes could not be read: half a literal is out, so nothing that follows could be understood
 */
export async function writeExtent(
  context: Pick<Context, "out" | "send" | "flushed">,
  { source, start, end, binary = false }: Extent,
): Promise<void> {
  const { out } = context;
  out.literalHead(end - start, binary);
  const buffer = source.readInto && end - start > PIECE ? new Uint8Array(PIECE) : undefined;
  for (let at = start; at < end;) {
    const piece = readPiece(source, at, Math.min(end, at + PIECE), buffer);
    at += piece.length;
    // Copying what is large costs more than a write of its own.
    if (piece.length >= WORTH_SENDING) await context.send(piece);
    else out.raw(piece);
  }
  await context.flushed();
}

function readPiece(source: ByteSource, start: number, end: number, buffer: Uint8Array | undefined): Uint8Array {
  let fault: unknown = "end of content before its size";
  try {
    const piece = buffer && source.readInto
      ? source.readInto(start, buffer.subarray(0, end - start))
      : source.read(start, end);
    if (piece.length > 0) return piece;
  } catch (error) {
    fault = error;
  }
  log.error("message content could not be read: {fault}", { fault });
  throw new ByeError("message content could not be read");
}
