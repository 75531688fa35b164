/** Bytes in any charset to text; nothing throws. An unknown charset is read as UTF-8 if it is that, else as windows-1252. */
import iconv from "iconv-lite";
import { isAscii, toLatin1 } from "./latin1.ts";

/** Keeps no state between calls; chunks must be cut at line ends. */
type Decode = (bytes: Uint8Array) => string;

const MAX_KNOWN = 200;
const known = new Map<string, Decode>();
const utf8 = new TextDecoder();
const windows1252 = new TextDecoder("windows-1252");

/** `charset` as found, in any case. */
export function decodeText(bytes: Uint8Array, charset: string): string {
  if (charset === "" || charset === "us-ascii") return guess(bytes);
  return decoderFor(charset)(bytes);
}

function guess(bytes: Uint8Array): string {
  if (isAscii(bytes)) return toLatin1(bytes);
  return isUtf8(bytes) ? utf8.decode(bytes) : windows1252.decode(bytes);
}

/** Whether the bytes are well-formed UTF-8 (RFC 3629 §4). By hand, since a decoder tells it by an exception, which is dear. */
export function isUtf8(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at++];
    if (byte < 0x80) continue;
    if (byte < 0xc2 || byte > 0xf4) return false;
    // The first continuation byte has a narrower range where overlong forms, surrogates or too high numbers would begin.
    const low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    const high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    if (!(bytes[at] >= low && bytes[at] <= high)) return false;
    at++;
    for (let more = byte < 0xe0 ? 0 : byte < 0xf0 ? 1 : 2; more > 0; more--) {
      if ((bytes[at++] & 0xc0) !== 0x80) return false;
    }
  }
  return true;
}

function decoderFor(charset: string): Decode {
  let decode = known.get(charset);
  if (decode === undefined) {
    decode = makeDecoder(charset);
    // Labels come from senders: the table must not grow with what they invent.
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(charset, decode);
  }
  return decode;
}

function makeDecoder(charset: string): Decode {
  const label = charset.toLowerCase().replace(/["'\s]/g, "").slice(0, 60);
  // WHATWG reads it as little-endian always; RFC 2781 §4.3 says the mark decides, and big-endian without one.
  if (label === "utf-16") {
    return (bytes) => new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-16be").decode(bytes);
  }
  if (GUESSED.has(label)) return guess;
  const decoder = whatwgDecoder(label.replace(/^(?:x-)?(?:cp|win)-?(?=125)/, "windows-"));
  if (decoder !== undefined) return (bytes) => decoder.decode(bytes);
  return iconvDecoder(label) ?? guess;
}

const GUESSED = new Set(["ascii", "us-ascii", "unknown-8bit", "x-unknown", "8bit", "7bit", "default", "utf8mb4"]);

function whatwgDecoder(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}

/** Codecs of iconv-lite that are no charsets. */
const NO_CHARSETS = /^(?:base64|hex|binary|internal|ucs2|utf7imap|singlebyte|dbcs)/;

function iconvDecoder(label: string): Decode | undefined {
  if (NO_CHARSETS.test(label.replace(/[^a-z0-9]/g, ""))) return undefined;
  try {
    if (!iconv.encodingExists(label)) return undefined;
  } catch {
    return undefined;
  }
  return (bytes) => {
    try {
      return iconv.decode(bytes, label);
    } catch {
      return guess(bytes);
    }
  };
}
