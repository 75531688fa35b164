/**
 * Mailbox names as text: `/` between levels, NFC, `INBOX` in capitals (RFC 9051 §5.1, RFC 5198 §2). A MailboxName made here is
 * valid; nothing else may make one from what a client sent.
 */
import type { MailboxName } from "../../../store/mod.ts";
import { BadError, NoError } from "../errors.ts";
import { decodeUtf8, encodeUtf8 } from "./text.ts";
import { decodeUtf7, Utf7Error } from "./utf7.ts";

export const SEPARATOR = "/";
/** Levels of a name, and bytes of it in UTF-8. */
export const MAX_LEVELS = 50;
export const MAX_NAME_BYTES = 1000;

/** Without the `u` flag only ASCII letters fold, so `ınbox` is another name. */
const INBOX = /^inbox(?=\/|$)/i;
// deno-lint-ignore no-control-regex -- these are what must not be in a name: C0, DEL, C1, line and paragraph separator
const FORBIDDEN = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;

/**
 * The name in the form that is kept: NFC, and `INBOX` in capitals, also as the first level of a longer name.
 * @throws {NoError} CANNOT: empty, an empty, `.` or `..` level, control characters, over 50 levels or 1000 bytes.
 */
export function mailboxName(text: string): MailboxName {
  // No normalisation makes a text of this length short enough.
  if (text.length > 4 * MAX_NAME_BYTES) throw tooLong();
  if (!text.isWellFormed() || FORBIDDEN.test(text)) {
    throw new NoError("CANNOT", "a mailbox name cannot hold control characters");
  }
  const name = text.normalize("NFC").replace(INBOX, "INBOX");
  if (name === "") throw new NoError("CANNOT", "a mailbox name cannot be empty");
  const levels = name.split(SEPARATOR);
  if (levels.length > MAX_LEVELS) throw new NoError("CANNOT", `a mailbox name has at most ${MAX_LEVELS} levels`);
  for (const level of levels) {
    if (level === "") throw new NoError("CANNOT", `a mailbox name cannot have an empty level ("${SEPARATOR}" divides)`);
    if (level === "." || level === "..") {
      throw new NoError("CANNOT", `a mailbox name cannot have "${level}" as a level`);
    }
  }
  if (encodeUtf8(name).length > MAX_NAME_BYTES) throw tooLong();
  return name as MailboxName;
}

function tooLong(): NoError {
  return new NoError("CANNOT", `a mailbox name is at most ${MAX_NAME_BYTES} bytes long`);
}

const STAR = 0x2a;
const PERCENT = 0x25;
const SLASH = 0x2f;

/**
 * Whether a LIST pattern fits a whole name: `*` stands for anything, `%` for anything but the separator (RFC 9051 §6.3.9).
 * The first level INBOX compares without regard to case. At most O(pattern × name) steps.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  const inbox = name === "INBOX" || name.startsWith("INBOX/") ? 5 : 0;
  let at = 0;
  // Up to the first wildcard there is one way to match.
  while (at < pattern.length && !isWildcard(pattern.charCodeAt(at))) {
    if (at >= name.length || !sameUnit(pattern.charCodeAt(at), name, at, inbox)) return false;
    at++;
  }
  if (at === pattern.length) return at === name.length;
  return matchRest(pattern, at, name, at, inbox);
}

/** `reached[j]`: the pattern so far can have matched the name's first `j` units. */
function matchRest(pattern: string, from: number, name: string, start: number, inbox: number): boolean {
  const reached = new Uint8Array(name.length + 1);
  reached[start] = 1;
  let first = start;
  let i = from;
  while (i < pattern.length) {
    const unit = pattern.charCodeAt(i);
    if (isWildcard(unit)) {
      // A run of wildcards is one: `*` if there is a `*` in it.
      let anything = false;
      for (; i < pattern.length && isWildcard(pattern.charCodeAt(i)); i++) anything ||= pattern.charCodeAt(i) === STAR;
      if (anything) reached.fill(1, first);
      else for (let j = first; j < name.length; j++) if (reached[j] && name.charCodeAt(j) !== SLASH) reached[j + 1] = 1;
      continue;
    }
    i++;
    let found = -1;
    let carry = 0;
    for (let j = first; j <= name.length; j++) {
      const here = carry;
      carry = reached[j] && j < name.length && sameUnit(unit, name, j, inbox) ? 1 : 0;
      reached[j] = here;
      if (here && found < 0) found = j;
    }
    if (found < 0) return false;
    first = found;
  }
  return reached[name.length] === 1;
}

function isWildcard(unit: number): boolean {
  return unit === STAR || unit === PERCENT;
}

function sameUnit(unit: number, name: string, at: number, inbox: number): boolean {
  const other = name.charCodeAt(at);
  // The name's first letters are capitals where `inbox` is set; 0x20 apart are the small ones.
  return unit === other || (at < inbox && unit === other + 0x20);
}

/** Looks like a shift of modified UTF-7, whether or not it is a right one. */
const SHIFT = /&[A-Za-z0-9+,]*-/;

/**
 * A mailbox name or pattern as a client sent it, as text. With `utf8` it is UTF-8 (RFC 9755 §3, RFC 9051 §5.1). Without, it is
 * modified UTF-7 (RFC 3501 §5.1.3), but clients and people also send plain UTF-8 and a bare `&`, as in `R&D`: that is taken
 * for what it says, as long as nothing in it could be meant as modified UTF-7.
 * @throws {BadError} neither.
 */
export function nameText(bytes: Uint8Array, utf8: boolean): string {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new BadError(undefined, "a mailbox name is not valid UTF-8");
  if (utf8 || !text.includes("&")) return text;
  try {
    return decodeUtf7(text);
  } catch (error) {
    if (!(error instanceof Utf7Error)) throw error;
    if (!SHIFT.test(text)) return text;
    throw new BadError(undefined, `a mailbox name is not valid modified UTF-7: ${error.message}`);
  }
}
