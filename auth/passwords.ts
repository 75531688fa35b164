/** How a password's text becomes the bytes that are hashed. */
import saslprep from "@mongodb-js/saslprep";

/** Longest password, in bytes of UTF-8. */
const MAX_PASSWORD = 1000;

const utf8 = new TextEncoder();

/**
 * SASLprep (RFC 4013), as SCRAM clients apply it. Text that the profile forbids is taken as NFC instead of being refused, so a
 * password that a client can send by PLAIN always works. Characters newer than Unicode 3.2, emoji among them, are let through.
 */
export function preparePassword(password: string): Uint8Array {
  if (/^[\x20-\x7e]*$/.test(password)) return utf8.encode(password);
  try {
    return utf8.encode(saslprep(password, { allowUnassigned: true }));
  } catch {
    return utf8.encode(password.normalize("NFC"));
  }
}

/** @throws {RangeError} for a password that nobody could log in with, in words for the administrator. */
export function checkNewPassword(password: string): void {
  if (preparePassword(password).length === 0) throw new RangeError("the password is empty");
  if (password.includes("\0")) throw new RangeError("a password cannot contain a NUL character");
  if (utf8.encode(password).length > MAX_PASSWORD) {
    throw new RangeError(`the password is longer than ${MAX_PASSWORD} bytes`);
  }
}
