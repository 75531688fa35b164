/**
 * IMAP strings as text of one character a byte (RFC 9051 §4.3): what is made here is sent as it is. 8-bit data goes into
 * literals, so it is valid whether or not the client has enabled UTF-8.
 */

const LONGEST_QUOTED = 1000;
const PLAIN = /^[\t\x20\x21\x23-\x5b\x5d-\x7e]*$/;
// deno-lint-ignore no-control-regex -- the control characters that a quoted string may hold
const QUOTABLE = /^[\x01-\x09\x0b\x0c\x0e-\x7f]*$/;
// deno-lint-ignore no-control-regex -- NUL may stand in no string at all, line ends in no quoted one
const UNSENDABLE = /[\x00\r\n]/g;

/** A string. NUL and line ends become spaces: no literal may hold the one, no client expects the other here. */
export function wireString(value: string): string {
  if (value.length <= LONGEST_QUOTED) {
    if (PLAIN.test(value)) return `"${value}"`;
    value = value.replace(UNSENDABLE, " ");
    if (QUOTABLE.test(value)) return `"${value.replace(/["\\]/g, "\\$&")}"`;
  } else {
    value = value.replace(UNSENDABLE, " ");
  }
  return `{${value.length}}\r\n${value}`;
}

export function wireNstring(value: string | undefined): string {
  return value === undefined ? "NIL" : wireString(value);
}
