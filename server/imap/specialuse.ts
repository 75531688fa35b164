/** Special-use attributes of mailboxes (RFC 6154, RFC 8457). */
import type { SpecialUse } from "../../store/types.ts";

const NAMES: Readonly<Record<SpecialUse, string>> = {
  all: "\\All",
  archive: "\\Archive",
  drafts: "\\Drafts",
  flagged: "\\Flagged",
  important: "\\Important",
  junk: "\\Junk",
  sent: "\\Sent",
  trash: "\\Trash",
};

const byName = new Map(Object.entries(NAMES).map(([use, name]) => [name.toLowerCase(), use as SpecialUse]));

/** As written on the wire. */
export function specialUseName(use: SpecialUse): string {
  return NAMES[use];
}

/** Any case; undefined for what is no special use. */
export function parseSpecialUse(name: string): SpecialUse | undefined {
  return byName.get(name.toLowerCase());
}
