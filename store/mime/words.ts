/**
 * Header text decoded: encoded words (RFC 2047, with the language of RFC 2231 §5), raw 8-bit data, and the extended parameters
 * of RFC 2231 §4. Broken encoded words stay as they are. Linear: no character is looked at more than a few times.
 */
import { decodeText, isUtf8 } from "./charset.ts";
import { fromLatin1, isAsciiText, toLatin1 } from "./latin1.ts";
import { hexValue, transferDecoder } from "./transfer.ts";

/** A header value, as sent, to text. */
export function decodeHeader(bytes: Uint8Array): string {
  return decodeHeaderText(toLatin1(bytes));
}

/** The same from text of one character a byte; 8-bit data that is no UTF-8 is taken to be in `charset`. */
export function decodeHeaderText(raw: string, charset = ""): string {
  const words = raw.includes("=?") ? decodeWords(raw, charset) : decodeRaw(raw, charset);
  return words.includes("*") ? decodeExtendedParams(words) : words;
}

/** Nothing in it is encoded: it is its own text. */
export function isPlain(raw: string): boolean {
  return isAsciiText(raw) && !raw.includes("=?") && !raw.includes("*");
}

/** The value of an extended parameter: `charset'language'text` with percent escapes (RFC 2231 §4). */
export function decodeExtendedValue(raw: string): string {
  const first = raw.indexOf("'");
  const second = first < 0 ? -1 : raw.indexOf("'", first + 1);
  const charset = second < 0 ? "" : raw.slice(0, first);
  return decodeText(percentDecode(raw.slice(second + 1)), charset);
}

interface Word {
  readonly charset: string;
  readonly base64: boolean;
  readonly text: string;
  readonly end: number;
}

function decodeWords(raw: string, rawCharset: string): string {
  let result = "";
  let literalFrom = 0;
  let at = raw.indexOf("=?");
  // Bytes of adjacent words in one charset are decoded together, since many senders split within a character.
  let pending: Uint8Array[] = [];
  let charset = "";
  const flush = () => {
    if (pending.length > 0) result += decodeText(pending.length === 1 ? pending[0] : concat(pending), charset);
    pending = [];
  };
  while (at >= 0) {
    const word = readWord(raw, at);
    if (typeof word === "number") {
      at = raw.indexOf("=?", word);
      continue;
    }
    const between = raw.slice(literalFrom, at);
    if (pending.length === 0 || !isBlankText(between)) {
      flush();
      result += decodeRaw(between, rawCharset);
    } else if (word.charset !== charset) {
      flush();
    }
    charset = word.charset;
    pending.push(word.base64 ? decodeB(word.text) : decodeQ(word.text));
    literalFrom = word.end;
    at = raw.indexOf("=?", word.end);
  }
  flush();
  return result + decodeRaw(raw.slice(literalFrom), rawCharset);
}

/** The encoded word at `start`, or the offset from which to look for the next one. */
function readWord(raw: string, start: number): Word | number {
  const limit = Math.min(raw.length, start + 100);
  let at = start + 2;
  while (at < limit && isTokenChar(raw.charCodeAt(at))) at++;
  if (at === start + 2 || raw[at] !== "?" || raw[at + 2] !== "?") return start + 2;
  const encoding = raw.charCodeAt(at + 1) | 0x20;
  const base64 = encoding === 0x62;
  if (!base64 && encoding !== 0x71) return start + 2;
  const charset = raw.slice(start + 2, at).split("*", 1)[0].toLowerCase();
  const textStart = at + 3;
  let end = raw.indexOf("?", textStart);
  while (end >= 0 && raw[end + 1] !== "=") {
    // Another word begins before this one has ended.
    if (end > textStart && raw[end - 1] === "=") return end - 1;
    end = raw.indexOf("?", end + 1);
  }
  if (end < 0) return raw.length;
  return { charset, base64, text: raw.slice(textStart, end), end: end + 2 };
}

function decodeB(text: string): Uint8Array {
  const decoder = transferDecoder("base64");
  if (decoder === undefined) return new Uint8Array(0);
  const body = decoder.write(fromLatin1(text));
  const rest = decoder.end();
  return rest.length === 0 ? body : concat([body, rest]);
}

function decodeQ(text: string): Uint8Array {
  const out = new Uint8Array(text.length);
  let size = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3d) {
      const high = hexValue(text.charCodeAt(i + 1));
      const low = hexValue(text.charCodeAt(i + 2));
      if (high >= 0 && low >= 0) {
        out[size++] = high << 4 | low;
        i += 2;
        continue;
      }
    }
    out[size++] = code === 0x5f ? 0x20 : code;
  }
  return out.subarray(0, size);
}

/** `name*=utf-8'en'%e2%82%ac` within a field becomes `name=€`; continuations become one value. */
function decodeExtendedParams(text: string): string {
  return text.replace(
    /;\s{0,10}([\w.-]{1,60})\*(\d{0,4}\*?)=("?)([^;"]{0,10000})"?/g,
    (whole, name: string, form: string, _quote: string, value: string) => {
      if (!form.endsWith("*") && form !== "") return form === "0" ? `; ${name}=${value}` : value;
      if (!isAsciiText(value)) return whole;
      const decoded = form === "" || form === "0*" ? decodeExtendedValue(value) : percentText(value);
      return form === "" || form === "0*" || form === "*" ? `; ${name}=${decoded}` : decoded;
    },
  );
}

function percentText(value: string): string {
  return decodeText(percentDecode(value), "");
}

function percentDecode(raw: string): Uint8Array {
  const out = new Uint8Array(raw.length);
  let size = 0;
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    const high = code === 0x25 ? hexValue(raw.charCodeAt(i + 1)) : -1;
    const low = high < 0 ? -1 : hexValue(raw.charCodeAt(i + 2));
    if (low >= 0) {
      out[size++] = high << 4 | low;
      i += 2;
    } else {
      out[size++] = code;
    }
  }
  return out.subarray(0, size);
}

/** Bytes outside encoded words: UTF-8 (RFC 6532), or what old senders used. */
function decodeRaw(raw: string, charset: string): string {
  if (isAsciiText(raw)) return raw;
  const bytes = fromLatin1(raw);
  return isUtf8(bytes) ? decodeText(bytes, "utf-8") : decodeText(bytes, charset);
}

function isTokenChar(code: number): boolean {
  return code > 0x20 && code < 0x7f && code !== 0x3f && code !== 0x3d;
}

function isBlankText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== 0x20 && code !== 0x09 && code !== 0x0d && code !== 0x0a) return false;
  }
  return true;
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const chunk of chunks) size += chunk.length;
  const result = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    result.set(chunk, at);
    at += chunk.length;
  }
  return result;
}
