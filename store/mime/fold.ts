/**
 * The one case folding of search columns and search keys (RFC 9051 §6.4.4: no difference by case, also beyond ASCII): near
 * Unicode's full case folding, decomposed as i;unicode-casemap has it (RFC 5051 §2), as UTF-8. What is a substring stays one, wherever
 * in a word it stands.
 */
import { isAsciiText } from "./latin1.ts";

const encoder = new TextEncoder();

export function foldCase(text: string): Uint8Array {
  return encoder.encode(foldText(text));
}

export function foldText(text: string): string {
  if (isAsciiText(text)) return text.toLowerCase();
  // Upper case first makes one of what has several lower cases (ß and ss, ſ and s); then σ and ς, which depend on the place.
  const folded = text.normalize("NFC").toUpperCase().toLowerCase().normalize("NFKD");
  return folded.replaceAll("ς", "σ").replaceAll("i\u0307", "i");
}

/** The same for bytes that are known to be ASCII. */
export function foldAscii(bytes: Uint8Array): Uint8Array {
  const folded = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    folded[i] = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
  }
  return folded;
}
