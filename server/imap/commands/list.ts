import { type FoundPlace, ifThere } from "../access.ts";
import { type Context, defineCommand, LOGGED_IN } from "../command.ts";
import { enableCondstore } from "../condstore.ts";
import { BadError } from "../errors.ts";
import {
  ancestors,
  attributesOf,
  canonicalPatterns,
  inOrder,
  lookUpNames,
  matching,
  type Names,
  writeList,
} from "../listing.ts";
import { parseStatusItems, type StatusItem, writeStatus } from "../statusitems.ts";
import { mayAnnotate, parseEntryList, writeMetadata } from "../metadata.ts";
import { writeMyRights } from "../rights.ts";
import type { Decoder } from "../wire/decoder.ts";
import type { MailboxStatus } from "../../../store/store.ts";
import { SEPARATOR } from "../wire/names.ts";

/** Selection options (RFC 9051 §6.3.9.1, RFC 6154 §5.2). REMOTE adds nothing: there are no remote mailboxes. */
const SELECTION = ["SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"];
const RETURN = ["SUBSCRIBED", "CHILDREN", "SPECIAL-USE", "STATUS", "MYRIGHTS", "METADATA"];

interface Arguments {
  readonly extended: boolean;
  readonly selection: ReadonlySet<string>;
  readonly reference: string;
  readonly patterns: readonly string[];
  readonly returns: ReadonlySet<string>;
  readonly status: readonly StatusItem[];
  /** Annotations to be told with each mailbox (RFC 9590). */
  readonly entries: readonly string[];
}

export const list = defineCommand<Arguments>({
  name: "LIST",
  states: LOGGED_IN,
  rfc: "9051 §6.3.9, 5258, 5819, 6154",
  parse(d) {
    d.sp();
    let extended = d.peek() === 0x28;
    const selection = new Set(extended ? options(d, SELECTION) : []);
    if (extended) d.sp();
    if (selection.has("RECURSIVEMATCH") && !selection.has("SUBSCRIBED") && !selection.has("SPECIAL-USE")) {
      throw new BadError(undefined, "RECURSIVEMATCH needs SUBSCRIBED or SPECIAL-USE beside it");
    }
    const reference = d.listMailbox();
    d.sp();
    let patterns: string[];
    if (d.peek() === 0x28) {
      extended = true;
      patterns = d.list(() => d.listMailbox());
      if (patterns.length === 0) throw new BadError(undefined, "a pattern is missing");
    } else patterns = [d.listMailbox()];
    let returns: string[] = [];
    let status: readonly StatusItem[] = [];
    let entries: readonly string[] = [];
    if (d.trySp()) {
      extended = true;
      if (d.word() !== "RETURN") throw new BadError(undefined, "RETURN expected");
      d.sp();
      returns = options(d, RETURN, {
        STATUS: () => status = parseStatusItems(d),
        METADATA: () => entries = parseEntryList(d),
      });
    }
    return { extended, selection, reference, patterns, returns: new Set(returns), status, entries };
  },
  async run(context, args) {
    const { out } = context;
    if (!args.extended && args.patterns[0] === "") {
      // Asks for the separator and the root of the reference alone (RFC 9051 §6.3.9).
      out.ascii(`* LIST (\\Noselect) "${SEPARATOR}" ""`).crlf();
      return;
    }
    if (args.status.includes("HIGHESTMODSEQ")) enableCondstore(context);
    const names = await lookUpNames(context);
    for await (const { name, meets, attributes, childInfo } of selectNames(names, args)) {
      // No STATUS for what is listed only because of something below it (RFC 5819 §3).
      const place = names.places.get(name);
      const asked = args.status.length > 0 && meets && place?.rights.has("r");
      // One that was deleted after the names were looked up must have no STATUS response (RFC 5819 §2).
      const status = asked && place ? await ifThere(place.mail.status(place.mailbox.id)) : undefined;
      writeList(context, name, asked && !status ? ["\\NonExistent"] : attributes);
      if (childInfo.length > 0) out.ascii(` ("CHILDINFO" (${childInfo.map((word) => `"${word}"`).join(" ")}))`);
      out.crlf();
      if (place) await writeReturned(context, place, args, status);
      await context.flushed();
    }
  },
});

/** Data that is told after the LIST response of a mailbox (RFC 5819, RFC 8440, RFC 9590). */
async function writeReturned(
  context: Context,
  place: FoundPlace,
  { status: items, returns, entries }: Arguments,
  status: MailboxStatus | undefined,
): Promise<void> {
  if (status) writeStatus(context, place, items, status);
  if (returns.has("MYRIGHTS")) writeMyRights(context, place);
  if (entries.length > 0 && mayAnnotate(place)) await writeMetadata(context, place, entries);
}

/** @param values reads the value of the options that have one */
function options(d: Decoder, known: readonly string[], values: Readonly<Record<string, () => void>> = {}): string[] {
  return d.list(() => {
    const word = d.word();
    if (!known.includes(word)) throw new BadError(undefined, `unknown option ${word}`);
    if (Object.hasOwn(values, word)) {
      d.sp();
      values[word]();
    }
    return word;
  });
}

const NONE: ReadonlySet<string> = new Set();

interface Listed {
  readonly name: string;
  /** The selection options hold for itself. */
  readonly meets: boolean;
  readonly attributes: readonly string[];
  /** Selection options that something below meets (RFC 9051 §6.3.9.6). */
  readonly childInfo: readonly string[];
}

async function* selectNames(
  names: Names,
  { selection, returns, reference, patterns }: Arguments,
): AsyncGenerator<Listed> {
  const subscribedOnly = selection.has("SUBSCRIBED");
  const specialOnly = selection.has("SPECIAL-USE");
  const recursive = selection.has("RECURSIVEMATCH");
  const wanted = canonicalPatterns(reference, patterns);
  const candidates = new Set<string>(names.mailboxes.keys());
  // Levels that are no mailboxes are shown where a `%` stops at them (RFC 9051 §6.3.9).
  const levels = !subscribedOnly && !specialOnly && wanted.some((pattern) => pattern.endsWith("%"))
    ? names.levels
    : NONE;
  for (const name of levels) candidates.add(name);
  if (subscribedOnly) { for (const name of names.subscribed) candidates.add(name); }
  const meets = (name: string) =>
    (!subscribedOnly || names.subscribed.has(name)) &&
    (!specialOnly || (names.mailboxes.get(name)?.specialUse.length ?? 0) > 0);

  const above = new Set<string>();
  if (recursive) {
    for (const name of candidates) if (meets(name)) { for (const parent of ancestors(name)) above.add(parent); }
    for (const name of above) candidates.add(name);
  }
  const listable = inOrder(candidates).filter((name) => meets(name) || above.has(name) || levels.has(name));
  for await (const name of matching(wanted, listable)) {
    const attributes = attributesOf(name, names);
    if ((subscribedOnly || returns.has("SUBSCRIBED")) && names.subscribed.has(name)) attributes.push("\\Subscribed");
    const met = [subscribedOnly ? "SUBSCRIBED" : "", specialOnly ? "SPECIAL-USE" : ""].filter((word) => word !== "");
    yield { name, meets: meets(name), attributes, childInfo: above.has(name) ? met : [] };
  }
}
