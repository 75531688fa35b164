/** BINARY and BINARY.SIZE: parts without their transfer encoding (RFC 3516 §4.2, RFC 9051 §6.4.5). */
import { findPart, type Part } from "../../../store/mime/structure.ts";
import { isIdentity } from "../../../store/mime/transfer.ts";
import type { Pace } from "../pace.ts";
import type { Extent, MessageView } from "./content.ts";
import { DecodedSource } from "./decoding.ts";

/** What one message's parts decode to, each found once however often it is asked for. */
export class DecodedParts {
  private readonly parts = new Map<string, Extent | null | undefined>();

  constructor(private readonly message: MessageView, private readonly pace: Pace) {}

  /**
   * The decoded bytes; undefined: there is no such part (NIL); null: its encoding is not known (UNKNOWN-CTE).
   * Multiparts and enclosed messages have no encoding of their own (RFC 2045 §6.4): their bytes are given as they are.
   */
  async find(path: readonly number[]): Promise<Extent | null | undefined> {
    const key = path.join(".");
    if (!this.parts.has(key)) this.parts.set(key, await this.decode(path));
    return this.parts.get(key);
  }

  private async decode(path: readonly number[]): Promise<Extent | null | undefined> {
    const { source, root } = this.message;
    if (path.length === 0) return { source, start: 0, end: source.size };
    const part = findPart(root, path);
    if (!part) return undefined;
    if (isComposite(part) || isIdentity(part.encoding)) return { source, start: part.bodyStart, end: part.end };
    const decoded = await DecodedSource.open(source, part, this.pace);
    return decoded && { source: decoded, start: 0, end: decoded.size };
  }
}

function isComposite(part: Part): boolean {
  return part.parts.length > 0 || part.message !== undefined;
}

/** Whether a NUL is among the bytes: only then is a literal8 needed (RFC 9051 §7.5.2). */
export async function hasNul({ source, start, end }: Extent, pace: Pace): Promise<boolean> {
  for (let at = start; at < end;) {
    const piece = source.read(at, Math.min(end, at + 64 * 1024));
    if (piece.includes(0)) return true;
    if (piece.length === 0) return false;
    at += piece.length;
    if (pace.due) await pace.giveWay();
  }
  return false;
}
