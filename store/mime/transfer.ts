/**
 * Content transfer decoding (RFC 2045 §6). Lenient: what is no base64 is passed over, what is no escape stays as it is.
 * Base64 may be cut anywhere between writes, quoted-printable at line ends only.
 */

export interface TransferDecoder {
  write(bytes: Uint8Array): Uint8Array;
  /** What is left at the end. */
  end(): Uint8Array;
}

const NOTHING = new Uint8Array(0);
const IDENTITY: TransferDecoder = { write: (bytes) => bytes, end: () => NOTHING };
const QUOTED_PRINTABLE: TransferDecoder = { write: decodeQuotedPrintable, end: () => NOTHING };

/** `encoding` in lower case; undefined for one that is not known. */
export function transferDecoder(encoding: string): TransferDecoder | undefined {
  switch (encoding) {
    case "":
    case "7bit":
    case "8bit":
    case "binary":
    case "7-bit":
    case "8-bit":
      return IDENTITY;
    case "quoted-printable":
      return QUOTED_PRINTABLE;
    case "base64":
      return new Base64Decoder();
    default:
      return undefined;
  }
}

/** Whether decoding leaves the bytes as they are. */
export function isIdentity(encoding: string): boolean {
  return transferDecoder(encoding) === IDENTITY;
}

const PADDING = 64;
const NONE = 65;
const VALUES = new Uint8Array(256).fill(NONE);
for (let i = 0; i < 64; i++) {
  VALUES["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".charCodeAt(i)] = i;
}
VALUES[0x3d] = PADDING;

class Base64Decoder implements TransferDecoder {
  #bits = 0;
  /** Characters gathered in #bits. */
  #count = 0;

  write(input: Uint8Array): Uint8Array {
    const out = new Uint8Array(Math.ceil((input.length + this.#count) / 4) * 3 + 3);
    let bits = this.#bits;
    let count = this.#count;
    let size = 0;
    for (let i = 0; i < input.length; i++) {
      const value = VALUES[input[i]];
      if (value < 64) {
        bits = bits << 6 | value;
        if (++count === 4) {
          out[size++] = bits >> 16;
          out[size++] = bits >> 8;
          out[size++] = bits;
          bits = count = 0;
        }
      } else if (value === PADDING && count > 0) {
        // Padding ends a group; more may follow, where pieces were encoded one by one.
        size = flush(bits, count, out, size);
        bits = count = 0;
      }
    }
    this.#bits = bits;
    this.#count = count;
    return out.subarray(0, size);
  }

  end(): Uint8Array {
    const out = new Uint8Array(2);
    const size = flush(this.#bits, this.#count, out, 0);
    this.#bits = this.#count = 0;
    return out.subarray(0, size);
  }
}

function flush(bits: number, count: number, out: Uint8Array, size: number): number {
  if (count === 2) {
    out[size++] = bits >> 4;
  } else if (count === 3) {
    out[size++] = bits >> 10;
    out[size++] = bits >> 2;
  }
  return size;
}

const EQUALS = 0x3d;
const LF = 10;
const CR = 13;

function decodeQuotedPrintable(input: Uint8Array): Uint8Array {
  const out = new Uint8Array(input.length);
  let size = 0;
  let at = 0;
  while (at < input.length) {
    const byte = input[at];
    if (byte === EQUALS) {
      const high = hexValue(input[at + 1]);
      const low = hexValue(input[at + 2]);
      if (high >= 0 && low >= 0) {
        out[size++] = high << 4 | low;
        at += 3;
        continue;
      }
      // A soft line break, with the blanks that some transports add; else an equals sign that was not escaped.
      const behind = skipBlanks(input, at + 1);
      if (behind >= input.length) return out.subarray(0, size);
      const lineEnd = lineEndLength(input, behind);
      if (lineEnd > 0) at = behind + lineEnd;
      else out[size++] = input[at++];
    } else if (byte === 0x20 || byte === 0x09) {
      // Blanks at the end of a line were not sent by the author (RFC 2045 §6.7 rule 3).
      const behind = skipBlanks(input, at);
      const dropped = behind >= input.length || lineEndLength(input, behind) > 0;
      if (!dropped) { for (let i = at; i < behind; i++) out[size++] = input[i]; }
      at = behind;
    } else {
      out[size++] = byte;
      at++;
    }
  }
  return out.subarray(0, size);
}

function skipBlanks(input: Uint8Array, at: number): number {
  while (at < input.length && (input[at] === 0x20 || input[at] === 0x09)) at++;
  return at;
}

function lineEndLength(input: Uint8Array, at: number): number {
  if (input[at] === LF) return 1;
  if (input[at] === CR) return input[at + 1] === LF ? 2 : 1;
  return 0;
}

/** -1 for what is no hexadecimal digit, nor there at all. */
export function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
