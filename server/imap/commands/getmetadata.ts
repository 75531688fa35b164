import { nonexistent, placeOf } from "../access.ts";
import { type Completion, defineCommand, LOGGED_IN } from "../command.ts";
import { BadError } from "../errors.ts";
import {
  mayAnnotate,
  type MetadataName,
  parseEntry,
  parseEntryList,
  parseMetadataName,
  serverAnnotations,
  writeValues,
} from "../metadata.ts";
import type { Decoder } from "../wire/decoder.ts";
import type { Annotation } from "../../../store/store.ts";

interface Options {
  readonly maxSize: number;
  /** How many levels below an entry belong to it. */
  readonly depth: number;
}

interface Arguments extends Options {
  readonly name: MetadataName;
  readonly entries: readonly string[];
}

/**
 * Options stand before the name in the grammar (RFC 5464 §5) and behind it in the examples (§4.2.1): both are read. So are several
 * entries without parentheses (§4.4.1).
 */
export const getMetadata = defineCommand<Arguments>({
  name: "GETMETADATA",
  states: LOGGED_IN,
  rfc: "5464 §4.2",
  parse(d) {
    d.sp();
    let options: Options | undefined;
    if (d.peek() === 0x28) {
      options = parseOptions(d);
      d.sp();
    }
    const name = parseMetadataName(d);
    d.sp();
    if (!options && d.peek() === 0x28) {
      const start = d.position;
      options = tryOptions(d);
      if (options) d.sp();
      else d.position = start;
    }
    return { ...options ?? { maxSize: Infinity, depth: 0 }, name, entries: parseEntries(d) };
  },
  async run(context, { name, entries, maxSize, depth }): Promise<Completion | void> {
    let shown = "";
    let there: readonly Annotation[];
    if (name === null) there = await serverAnnotations(context);
    else {
      const place = await placeOf(context, name);
      if (!place.mailbox || !mayAnnotate(place)) throw nonexistent();
      shown = place.shown;
      there = await place.mail.annotations(place.mailbox.id);
    }
    const { values, longest } = chosen(there, entries, maxSize, depth);
    if (values.size > 0) writeValues(context, shown, [...values]);
    if (longest > 0) return { code: `METADATA LONGENTRIES ${longest}` };
  },
});

function parseOptions(d: Decoder): Options {
  const options = tryOptions(d);
  if (!options) throw d.expected("MAXSIZE or DEPTH");
  return options;
}

/** undefined: the list begins with something else, which is left to be read. */
function tryOptions(d: Decoder): Options | undefined {
  let maxSize = Infinity;
  let depth: number | undefined;
  d.byte("(");
  do {
    if (d.tryWord("MAXSIZE")) {
      if (maxSize !== Infinity) throw new BadError(undefined, "MAXSIZE is given twice");
      d.sp();
      maxSize = d.number();
    } else if (d.tryWord("DEPTH")) {
      if (depth !== undefined) throw new BadError(undefined, "DEPTH is given twice");
      d.sp();
      depth = parseDepth(d);
    } else if (maxSize === Infinity && depth === undefined) return undefined;
    else throw d.expected("MAXSIZE or DEPTH");
  } while (d.trySp());
  d.byte(")");
  return { maxSize, depth: depth ?? 0 };
}

function parseDepth(d: Decoder): number {
  switch (d.word()) {
    case "0":
      return 0;
    case "1":
      return 1;
    case "INFINITY":
      return Infinity;
    default:
      throw new BadError(undefined, "DEPTH is 0, 1 or infinity");
  }
}

function parseEntries(d: Decoder): string[] {
  if (d.peek() === 0x28) return parseEntryList(d);
  const entries = [parseEntry(d)];
  while (d.trySp()) entries.push(parseEntry(d));
  return [...new Set(entries)];
}

/** What was asked for; an entry under which there is nothing is told as NIL. */
function chosen(
  there: readonly Annotation[],
  entries: readonly string[],
  maxSize: number,
  depth: number,
): { values: ReadonlyMap<string, Uint8Array | null>; longest: number } {
  const values = new Map<string, Uint8Array | null>();
  let longest = 0;
  for (const asked of entries) {
    const found = there.filter(({ entry }) => isWithin(entry, asked, depth));
    for (const { entry, value } of found) {
      if (value.length <= maxSize) values.set(entry, value);
      else longest = Math.max(longest, value.length);
    }
    if (found.length === 0) values.set(asked, null);
  }
  return { values, longest };
}

function isWithin(entry: string, asked: string, depth: number): boolean {
  if (entry === asked) return true;
  if (!entry.startsWith(`${asked}/`)) return false;
  return entry.slice(asked.length + 1).split("/").length <= depth;
}
