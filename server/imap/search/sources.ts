/** Which mailboxes ESEARCH looks into (RFC 7377 §2.2; the specifiers are those of NOTIFY, RFC 5465 §6). */
import type { MailboxName } from "../../../store/types.ts";
import { allPlaces, type FoundPlace, isFound, isShared, placeOf, type Seeker } from "../access.ts";
import { BadError, NoError } from "../errors.ts";
import { ancestors } from "../listing.ts";
import type { Decoder } from "../wire/decoder.ts";

const MAX_NAMES = 1000;

export type Source =
  | { readonly is: "selected" | "personal" | "subscribed" }
  | { readonly is: "mailboxes" | "subtree" | "subtree-one"; readonly names: readonly MailboxName[] };

/** `"(" source-mbox ["(" scope-options ")"] ")"`. @throws {BadError} @throws {NoError} LIMIT */
export function parseSources(d: Decoder): Source[] {
  const sources: Source[] = [];
  d.list(() => {
    // None are defined (RFC 7377 §4).
    if (d.peek() === 0x28) throw new BadError(undefined, "unknown scope option");
    sources.push(parseSource(d));
  });
  if (sources.length === 0) throw new BadError(undefined, "a source is missing");
  return sources;
}

function parseSource(d: Decoder): Source {
  const word = d.word();
  switch (word) {
    case "SELECTED":
      return { is: "selected" };
    // Mail can be delivered to every mailbox (RFC 5465 §6.3).
    case "INBOXES":
    case "PERSONAL":
      return { is: "personal" };
    case "SUBSCRIBED":
      return { is: "subscribed" };
    case "MAILBOXES":
      return { is: "mailboxes", names: names(d) };
    case "SUBTREE":
      return { is: "subtree", names: names(d) };
    case "SUBTREE-ONE":
      return { is: "subtree-one", names: names(d) };
    default:
      throw new BadError(undefined, "unknown source");
  }
}

/** `one-or-more-mailbox`. */
function names(d: Decoder): MailboxName[] {
  d.sp();
  if (d.peek() !== 0x28) return [d.mailbox()];
  const all = d.list(() => d.mailbox());
  if (all.length === 0) throw new BadError(undefined, "a mailbox name is missing");
  if (all.length > MAX_NAMES) throw new NoError("LIMIT", `at most ${MAX_NAMES} mailboxes can be named`);
  return all;
}

/** Nothing but the selected mailbox. */
export function isSelectedAlone(sources: readonly Source[]): boolean {
  return sources.every(({ is }) => is === "selected");
}

/**
 * The mailboxes that the sources name, each once, in the order of the sources. Those that are not there, or that the account may
 * not read, are left out as if they were not there (RFC 7377 §5). `selected` is not among them.
 */
export async function placesOf(context: Seeker, sources: readonly Source[]): Promise<FoundPlace[]> {
  const places = new Map<MailboxName, FoundPlace>();
  const add = (place: FoundPlace) => {
    if (place.rights.has("r")) places.set(place.shown, place);
  };
  let all: FoundPlace[] | undefined;
  for (const source of sources) {
    if (source.is === "selected") continue;
    if (source.is === "mailboxes") {
      for (const name of source.names) {
        const place = await placeOf(context, name);
        if (isFound(place)) add(place);
      }
      continue;
    }
    all ??= (await allPlaces(context)).toSorted((a, b) => a.shown < b.shown ? -1 : 1);
    const fits = await filterOf(context, source);
    for (const place of all) if (fits(place)) add(place);
  }
  return [...places.values()];
}

async function filterOf(
  { mail }: Seeker,
  source: Exclude<Source, { is: "mailboxes" }>,
): Promise<(place: FoundPlace) => boolean> {
  switch (source.is) {
    case "subscribed": {
      const subscribed = new Set<string>(await mail.subscriptions());
      return ({ shown }) => subscribed.has(shown);
    }
    case "subtree": {
      const roots = new Set<string>(source.names);
      return ({ shown }) => roots.has(shown) || [...ancestors(shown)].some((name) => roots.has(name));
    }
    case "subtree-one": {
      const roots = new Set<string>(source.names);
      return ({ shown }) => {
        const [parent] = ancestors(shown);
        return roots.has(shown) || (parent !== undefined && roots.has(parent));
      };
    }
    default:
      return (place) => !isShared(place);
  }
}
