/**
 * Bytes as text of the same length: one character (U+0000 to U+00FF) a byte, nothing lost either way. Headers are parsed in this
 * form, since string operations of the runtime are faster than loops over bytes.
 */
import { Buffer } from "node:buffer";

const encoder = new TextEncoder();

/** Each byte becomes the character of that number (unlike `TextDecoder("latin1")`, which is windows-1252). */
export function toLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** The reverse of toLatin1; every character must be below U+0100. */
export function fromLatin1(text: string): Uint8Array {
  // ASCII, as it mostly is, is the same in UTF-8, and the runtime is faster at that.
  const utf8 = encoder.encode(text);
  if (utf8.length === text.length) return utf8;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Whether no byte is above 0x7f. */
export function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] > 0x7f) return false;
  return true;
}

// deno-lint-ignore no-control-regex -- ASCII begins with the control characters
const ASCII = /^[\x00-\x7f]*$/;

/** Whether no character is above U+007F. */
export function isAsciiText(text: string): boolean {
  return ASCII.test(text);
}

/** Without spaces, tabs and line ends on its sides. (`trim` would take U+00A0 too, which is part of many UTF-8 sequences.) */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlankOrLineEnd(text.charCodeAt(start))) start++;
  while (end > start && isBlankOrLineEnd(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isBlankOrLineEnd(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}
