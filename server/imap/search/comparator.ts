/**
 * Collations that a client can choose with COMPARATOR (RFC 5255 §4, RFC 4790). Search columns and sort keys are kept for the default,
 * i;unicode-casemap; what another one finds is found by the default too, and is then held against the text itself.
 */
import type { Folding } from "../../../store/mime/message.ts";
import { asciiCasemap, unicodeCasemap } from "../../../store/mime/collation.ts";
import { encodeUtf8 } from "../wire/text.ts";

export interface Comparator {
  readonly name: string;
  /** Makes bytes of which one is part of another as the collation says; undefined: the columns of the store are such. */
  readonly folding?: Folding;
  /** Makes texts whose order by code points is that of the collation. */
  key(text: string): string;
}

export const DEFAULT_COMPARATOR: Comparator = { name: "i;unicode-casemap", key: unicodeCasemap };

export const COMPARATORS: readonly Comparator[] = [
  DEFAULT_COMPARATOR,
  {
    name: "i;ascii-casemap",
    folding: { text: (text) => encodeUtf8(asciiCasemap(text)), ascii: upperBytes },
    key: asciiCasemap,
  },
  { name: "i;octet", folding: { text: encodeUtf8, ascii: (bytes) => bytes }, key: (text) => text },
];

function upperBytes(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte);
}

/** The comparators that `collation-order` names, where `*` stands for anything (RFC 4790 §3.2, §3.3). */
export function comparatorsLike(order: string): Comparator[] {
  if (order.toLowerCase() === "default") return [DEFAULT_COMPARATOR];
  // `+` asks for ascending, which all are; `-` for descending, which none is.
  const wanted = order.startsWith("+") ? order.slice(1) : order;
  return COMPARATORS.filter(({ name }) => matches(wanted.toLowerCase(), name));
}

/** Linear: the parts between wildcards are looked for from left to right. */
function matches(pattern: string, name: string): boolean {
  const [head, ...parts] = pattern.split("*");
  if (!name.startsWith(head)) return false;
  if (parts.length === 0) return name === head;
  const tail = parts.pop() ?? "";
  let at = head.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - tail.length >= at && name.endsWith(tail);
}
