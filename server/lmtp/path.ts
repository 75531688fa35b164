/**
 * The path of MAIL and RCPT (RFC 5321 §4.1.2): `<ann@example.org>`, `<"ann lee"@example.org>`, `<>`. Local parts are taken as they
 * are, since a sender's address that we find odd is no reason to send its mail back.
 */

/** RFC 5321 §4.5.3.1: 64 and 255 octets; twice that, for addresses of three bytes a character. */
const MAX_ADDRESS = 640;
// deno-lint-ignore no-control-regex -- these are what must not be in an address
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;

export interface Path {
  /** Up to the path: `MAIL FROM:`. */
  readonly before: string;
  /** Without the angle brackets and a source route; "" for the null path. */
  readonly address: string;
  /** The parameters. */
  readonly after: string;
}

/** @returns undefined: there is no path, or one with what no address can have */
export function parsePath(command: string): Path | undefined {
  const start = command.indexOf("<");
  const end = start < 0 ? -1 : pathEnd(command, start + 1);
  if (end < 0 || end - start > MAX_ADDRESS) return undefined;
  // RFC 5321 appendix C: a source route is to be ignored.
  const address = command.slice(start + 1, end).replace(/^@[^:"]*:/, "");
  if (CONTROL.test(address)) return undefined;
  return { before: command.slice(0, start), address, after: command.slice(end + 1) };
}

/** Where the `>` is that ends the path; -1: nowhere. */
function pathEnd(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '"') quoted = !quoted;
    else if (quoted && char === "\\") at++;
    else if (!quoted && char === ">") return at;
    else if (!quoted && (char === " " || char === "<")) return -1;
  }
  return -1;
}
