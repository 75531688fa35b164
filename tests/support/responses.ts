/**
 * Cuts what a server sends into responses with their literals, and complains about bytes that may not stand outside a literal.
 * Independent of the server's own codec, so that one can be held against the other.
 */
import { Buffer } from "node:buffer";

export interface Response {
  /** A character a byte, without the CRLFs; a literal's marker stays and its bytes are in `literals`. */
  readonly text: string;
  readonly literals: readonly Uint8Array[];
}

const LF = 10;
const CR = 13;

/** Text for people can end in anything, also in what looks like a literal's marker. */
const STATUS = /^(?:\+|\S+ (?:OK|NO|BAD|BYE|PREAUTH))(?: |$)/;
const MARKER = /\{(\d{1,15})\}$/;

export class ResponseReader {
  #bytes = new Uint8Array(4096);
  #start = 0;
  #end = 0;
  /** What has come of a response that is not whole yet. */
  #text = "";
  #literals: Uint8Array[] = [];
  #awaited = -1;

  /** Bytes that are no whole response yet. */
  get pending(): number {
    return this.#end - this.#start + this.#text.length;
  }

  push(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#bytes.length) {
      const held = this.#bytes.subarray(this.#start, this.#end);
      const needed = held.length + bytes.length;
      const target = needed > this.#bytes.length / 2 ? new Uint8Array(needed * 2) : this.#bytes;
      target.set(held);
      this.#bytes = target;
      this.#end = held.length;
      this.#start = 0;
    }
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The next response, undefined while it is not whole. @throws {Error} a stray CR, LF or NUL */
  next(): Response | undefined {
    for (;;) {
      if (this.#awaited >= 0) {
        if (this.#end - this.#start < this.#awaited) return undefined;
        this.#literals.push(this.#bytes.slice(this.#start, this.#start + this.#awaited));
        this.#start += this.#awaited;
        this.#awaited = -1;
      }
      const found = this.#bytes.subarray(0, this.#end).indexOf(LF, this.#start);
      if (found < 0) return undefined;
      const line = textOf(this.#bytes.subarray(this.#start, found + 1));
      this.#start = found + 1;
      if (line.charCodeAt(line.length - 2) !== CR) throw new Error(`LF without CR: ${JSON.stringify(line)}`);
      const part = line.slice(0, -2);
      if (part.includes("\r") || part.includes("\0")) throw new Error(`CR or NUL in ${JSON.stringify(part)}`);
      this.#text += part;
      const marker = STATUS.test(this.#text) ? null : MARKER.exec(part);
      if (marker) {
        this.#awaited = Number(marker[1]);
        continue;
      }
      const response = { text: this.#text, literals: this.#literals };
      this.#text = "";
      this.#literals = [];
      return response;
    }
  }
}

/** `TextDecoder("latin1")` would be windows-1252. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
