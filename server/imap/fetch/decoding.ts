/**
 * A part without its transfer encoding, decoded as it is read: of a large attachment only a window is in memory.
 *
 * Reading onwards decodes every byte once; reading backwards begins anew.
 */
import type { ByteSource } from "../../../store/mime/source.ts";
import type { Part } from "../../../store/mime/structure.ts";
import { type TransferDecoder, transferDecoder } from "../../../store/mime/transfer.ts";
import type { Pace } from "../pace.ts";

/** Encoded bytes decoded at a time. */
const CHUNK = 64 * 1024;
const LF = 0x0a;

export class DecodedSource implements ByteSource {
  size = 0;
  private decoder: TransferDecoder;
  /** How far the encoded bytes have been decoded. */
  private at: number;
  private window: Uint8Array = new Uint8Array(0);
  private windowStart = 0;

  private constructor(
    private readonly encoded: ByteSource,
    private readonly part: Part,
    private readonly fresh: () => TransferDecoder,
  ) {
    this.decoder = fresh();
    this.at = part.bodyStart;
  }

  /** Decodes once to learn the size; null: the encoding is not known. */
  static async open(encoded: ByteSource, part: Part, pace: Pace): Promise<DecodedSource | null> {
    if (!transferDecoder(part.encoding)) return null;
    const fresh = () => transferDecoder(part.encoding) as TransferDecoder;
    const decoded = new DecodedSource(encoded, part, fresh);
    while (decoded.next()) if (pace.due) await pace.giveWay();
    decoded.size = decoded.windowStart + decoded.window.length;
    return decoded;
  }

  /** May give fewer bytes than asked for, but some, up to the end. */
  read(start: number, end: number): Uint8Array {
    if (start < this.windowStart) this.rewind();
    while (start >= this.windowStart + this.window.length) if (!this.next()) return new Uint8Array(0);
    return this.window.subarray(start - this.windowStart, end - this.windowStart);
  }

  private rewind(): void {
    this.decoder = this.fresh();
    this.at = this.part.bodyStart;
    this.window = new Uint8Array(0);
    this.windowStart = 0;
  }

  /** Moves the window on, maybe by nothing; false at the end. */
  private next(): boolean {
    const { part } = this;
    if (this.at > part.end) return false;
    this.windowStart += this.window.length;
    if (this.at === part.end) {
      this.window = this.decoder.end();
      this.at = part.end + 1;
      return true;
    }
    const bytes = this.chunk();
    if (bytes.length === 0) throw new Error("content ends before its part");
    this.at += bytes.length;
    this.window = this.decoder.write(bytes);
    return true;
  }

  /** The next encoded bytes. Quoted-printable can be cut at line ends only, which are near but in broken mail. */
  private chunk(): Uint8Array {
    const { part, at } = this;
    for (let size = CHUNK;; size *= 2) {
      const bytes = this.encoded.read(at, Math.min(part.end, at + size));
      if (part.encoding !== "quoted-printable" || bytes.length < size || at + size >= part.end) return bytes;
      const newline = bytes.lastIndexOf(LF);
      if (newline >= 0) return bytes.subarray(0, newline + 1);
    }
  }
}
