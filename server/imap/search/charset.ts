/** CHARSET of SEARCH: strings of the keys to text (RFC 9051 §6.4.4). */
import iconv from "iconv-lite";
import { BadError } from "../errors.ts";

export type TextOf = (bytes: Uint8Array) => string;

/** Names that the fallback library takes for encodings of bytes as text. */
const NO_CHARSETS = new Set(["base64", "hex", "binary", "internal"]);

/**
 * What turns the strings of a SEARCH into text; undefined: the charset is not known.
 * The function throws BadError for bytes that are nothing in the charset.
 */
export function charset(name: string): TextOf | undefined {
  const lower = name.toLowerCase();
  if (NO_CHARSETS.has(lower)) return undefined;
  // WHATWG takes US-ASCII for windows-1252; bytes above 127 in it are rather UTF-8 than that.
  const decoder = lower === "us-ascii" ? textDecoder("utf-8") : textDecoder(lower);
  if (decoder) {
    return (bytes) => {
      try {
        return decoder.decode(bytes);
      } catch {
        throw new BadError(undefined, "a string is not valid in its charset");
      }
    };
  }
  if (iconv.encodingExists(lower)) return (bytes) => iconv.decode(bytes, lower);
  return undefined;
}

function textDecoder(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    return undefined;
  }
}

/** Without CHARSET: IMAP4rev2 says UTF-8, of which IMAP4rev1's US-ASCII is a part. */
export const defaultCharset: TextOf = charset("utf-8") ?? String;
