/**
 * Commands are put together as text of which each character is a byte. (`TextDecoder("latin1")` is windows-1252: it gives other
 * characters for 0x80 to 0x9f.)
 */
import { Buffer } from "node:buffer";

export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The UTF-8 bytes of a text. */
export function utf8(text: string): string {
  return textOf(new TextEncoder().encode(text));
}

/** For people: one line, with what cannot be printed escaped. */
export function shown(bytes: Uint8Array, most = 400): string {
  const text = textOf(bytes.subarray(0, most)).replace(
    /[^\x20-\x7e]/g,
    (char) => char === "\r" ? "\\r" : char === "\n" ? "\\n" : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return bytes.length > most ? `${text}… (${bytes.length} bytes)` : text;
}
