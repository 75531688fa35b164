/** Ways to spoil bytes. */
import type { Random } from "../../tests/model/random.ts";
import { bytesOf, utf8 } from "./bytes.ts";

/** What parsers have stumbled over. */
const TREATS: readonly string[] = [
  "\0",
  "\r",
  "\n",
  "\r\n",
  "\x7f",
  "\x1b[2J",
  '"',
  "\\",
  '"\\',
  "(",
  ")",
  "[",
  "]",
  "<0.0>",
  "<4294967295.4294967295>",
  "{",
  "}",
  "{0}\r\n",
  "{3}\r\nabc",
  "{3+}\r\nabc",
  "{0+}\r\n",
  "~{2+}\r\nab",
  "{-1}\r\n",
  "{99999999999999999999999}\r\n",
  "{4294967296}\r\n",
  "{5000}\r\n",
  "{2000000}\r\n",
  "{1e3}\r\n",
  "*",
  "%",
  "$",
  ":",
  ",",
  "1:*",
  "*:4294967295",
  "0",
  "-1",
  "4294967296",
  "18446744073709551616",
  "999999999999999999999999999999999999999",
  "NIL",
  "&",
  "&-",
  "&AAA-",
  "&2AA-",
  "&!!-",
  "..",
  "/",
  "//",
  "INBOX/",
  "\\Recent",
  "\\*",
  "\\",
  "DONE",
  "\xff",
  "\xc0\x80",
  "\xed\xa0\x80",
  "\xf4\x90\x80\x80",
  "\xe2\x82",
  utf8("\u202e"),
  utf8("e\u0301\u0301\u0301"),
  utf8("\ufeff"),
  utf8("İ"),
  "CHARSET",
  "RETURN (",
  "BODY[",
  "HEADER.FIELDS (",
  "UID ",
  "()",
  "(())",
  " ",
  "  ",
  "\t",
];

/** One to a few changes. `other` is what parts are taken from. */
export function mutate(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  let result = bytes;
  for (let times = 1 + random.below(3); times > 0; times--) result = once(random, result, other);
  return result;
}

function once(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = random.below(Math.min(40, bytes.length - at) + 1);
  const replaced = (middle: Uint8Array, removed = length) =>
    joined(bytes.subarray(0, at), middle, bytes.subarray(at + removed));
  switch (random.below(11)) {
    case 0: {
      const changed = bytes.slice();
      if (changed.length > 0) changed[random.below(changed.length)] ^= 1 << random.below(8);
      return changed;
    }
    case 1:
      return replaced(new Uint8Array(0));
    case 2: // twice the same
      return replaced(joined(bytes.subarray(at, at + length), bytes.subarray(at, at + length)));
    case 3:
      return replaced(repeated(bytes.subarray(at, at + length), random.pick([10, 100, 1000])));
    case 4: {
      const from = random.below(other.length + 1);
      return replaced(other.subarray(from, from + random.below(60)));
    }
    case 5:
      return bytes.subarray(0, at);
    case 6:
      return replaced(noise(random, 1 + random.below(20)), random.below(2) * length);
    case 7:
      return replaced(
        repeated(bytesOf(random.pick(["(", "NOT ", "((((", "a/", "1,", '"', "\\"])), random.pick([60, 500, 5000])),
        0,
      );
    default:
      return replaced(bytesOf(random.pick(TREATS)), random.chance(0.5) ? 0 : length);
  }
}

export function noise(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = random.below(256);
  return bytes;
}

function repeated(bytes: Uint8Array, times: number): Uint8Array {
  const most = Math.min(times, Math.ceil(20_000 / Math.max(1, bytes.length)));
  return joined(...Array.from({ length: most }, () => bytes));
}

export function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** The same bytes in pieces, as a network may bring them. */
export function pieces(random: Random, bytes: Uint8Array): Uint8Array[] {
  if (random.chance(0.6)) return [bytes];
  const all: Uint8Array[] = [];
  const most = random.pick([1, 7, 100, 5000]);
  for (let at = 0; at < bytes.length;) {
    const length = all.length > 500 ? bytes.length - at : 1 + random.below(most);
    all.push(bytes.subarray(at, at + length));
    at += length;
  }
  return all;
}
