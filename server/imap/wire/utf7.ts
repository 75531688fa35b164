/**
 * Modified UTF-7, the form of mailbox names before UTF8=ACCEPT (RFC 3501 §5.1.3). One text has exactly one encoded form, and the
 * decoder takes only that one: `decodeUtf7(x)` succeeds only where `encodeUtf7(decodeUtf7(x)) === x`.
 */
import { asciiText } from "./text.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
const VALUE = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) VALUE[ALPHABET.charCodeAt(i)] = i;

const AMPERSAND = 0x26;

/** A name that is not modified UTF-7. */
export class Utf7Error extends Error {
  override readonly name = "Utf7Error";
}

/** Represents itself: printable ASCII (`&` does too, but needs its `-`). */
function isDirect(unit: number): boolean {
  return unit >= 0x20 && unit <= 0x7e;
}

/** Any well-formed text to modified UTF-7, which is printable ASCII. */
export function encodeUtf7(text: string): string {
  let out = "";
  let at = 0;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === AMPERSAND) {
      out += "&-";
      at++;
    } else if (isDirect(unit)) {
      out += text[at++];
    } else {
      const start = at;
      while (at < text.length && !isDirect(text.charCodeAt(at))) at++;
      out += `&${shifted(text, start, at)}-`;
    }
  }
  return out;
}

/** The UTF-16 units of a part of the text, big end first, in modified base64 without padding. */
function shifted(text: string, start: number, end: number): string {
  let out = "";
  let bits = 0;
  let held = 0;
  for (let i = start; i < end; i++) {
    held = (held << 16) | text.charCodeAt(i);
    bits += 16;
    while (bits >= 6) {
      bits -= 6;
      out += ALPHABET[(held >>> bits) & 63];
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? out + ALPHABET[(held << (6 - bits)) & 63] : out;
}

/**
 * Modified UTF-7 to text.
 * @throws {Utf7Error} anything that `encodeUtf7` would not write: 8-bit and control characters, an open or empty shift, two
 * shifts in a row, printable ASCII in base64, left-over bits, unpaired surrogates.
 */
export function decodeUtf7(name: Uint8Array | string): string {
  const source = typeof name === "string" ? name : asciiText(name, 0, name.length);
  let out = "";
  let at = 0;
  let afterShift = false;
  while (at < source.length) {
    const unit = source.charCodeAt(at);
    if (!isDirect(unit)) throw new Utf7Error("a character that is not printable ASCII");
    if (unit !== AMPERSAND) {
      out += source[at++];
      afterShift = false;
      continue;
    }
    const end = source.indexOf("-", at);
    if (end < 0) throw new Utf7Error('"&" without its "-"');
    if (end === at + 1) {
      out += "&";
      afterShift = false;
    } else {
      if (afterShift) throw new Utf7Error("two shifts in a row");
      out += unshifted(source, at + 1, end);
      afterShift = true;
    }
    at = end + 1;
  }
  return out;
}

function unshifted(source: string, start: number, end: number): string {
  let out = "";
  let bits = 0;
  let held = 0;
  for (let i = start; i < end; i++) {
    const code = source.charCodeAt(i);
    const value = code < 128 ? VALUE[code] : -1;
    if (value < 0) throw new Utf7Error("a character that is not base64 in a shift");
    held = (held << 6) | value;
    bits += 6;
    if (bits < 16) continue;
    bits -= 16;
    const unit = held >>> bits;
    if (isDirect(unit)) throw new Utf7Error("printable ASCII in base64");
    out += String.fromCharCode(unit);
    held &= (1 << bits) - 1;
  }
  if (bits >= 6 || held !== 0) throw new Utf7Error("left-over bits in a shift");
  if (!out.isWellFormed()) throw new Utf7Error("an unpaired surrogate");
  return out;
}
