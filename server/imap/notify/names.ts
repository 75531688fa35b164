/** LIST responses for mailboxes that came, went, were renamed or (un)subscribed (RFC 5465 §5.4, §5.5). */
import type { FoundPlace } from "../access.ts";
import type { Context } from "../command.ts";
import { ancestors, attributesOf, inOrder, lookUpNames, writeList } from "../listing.ts";
import type { NotifyEvent } from "./events.ts";

export interface KnownNames {
  /** By account and number, which stay over RENAME. */
  readonly places: ReadonlyMap<string, FoundPlace>;
  readonly subscribed: ReadonlySet<string>;
}

/** What is wanted for a name. */
type Wanted = (name: string, own: boolean, event: NotifyEvent) => boolean;

/** Names to be told, with what they were called before; undefined: not renamed. */
export type ChangedNames = Map<string, string | undefined>;

/** @param ownDoing the session itself changed the name, so it is not told (RFC 5465 §5) */
export function changedNames(
  before: KnownNames,
  now: KnownNames,
  wanted: Wanted,
  ownDoing: (name: string) => boolean,
): ChangedNames {
  const changed: ChangedNames = new Map();
  const add = (name: string, own: boolean, event: NotifyEvent, oldName?: string) => {
    const isWanted = wanted(name, own, event) || (oldName !== undefined && wanted(oldName, own, event));
    if (isWanted && !ownDoing(name)) changed.set(name, oldName ?? changed.get(name));
  };
  const appeared = (place: FoundPlace) => {
    const own = isOwn(place);
    add(place.shown, own, "MailboxName");
    // Its parent has a child now, or none any more.
    const [parent] = ancestors(place.shown);
    if (parent !== undefined) add(parent, own, "MailboxName");
  };
  const renamed = renames(before, now);
  for (const [key, place] of now.places) {
    const old = before.places.get(key);
    if (!old) appeared(place);
    else if (old.rights.has("r") !== place.rights.has("r")) add(place.shown, isOwn(place), "MailboxName");
    if (renamed.has(place.shown)) add(place.shown, isOwn(place), "MailboxName", renamed.get(place.shown));
  }
  for (const [key, place] of before.places) if (!now.places.has(key)) appeared(place);
  for (const name of difference(before.subscribed, now.subscribed)) {
    add(name, !name.startsWith("Shared/"), "SubscriptionChange");
  }
  return changed;
}

/** New names with the old ones, without those whose parent's renaming says it all. */
function renames(before: KnownNames, now: KnownNames): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, { shown }] of now.places) {
    const old = before.places.get(key)?.shown;
    if (old !== undefined && old !== shown) all.set(shown, old);
  }
  const withParent = [...all].filter(([name, old]) => {
    for (const above of ancestors(name)) {
      const oldAbove = all.get(above);
      if (oldAbove !== undefined && old === oldAbove + name.slice(above.length)) return true;
    }
    return false;
  });
  for (const [name] of withParent) all.delete(name);
  return all;
}

function isOwn({ mail }: FoundPlace): boolean {
  return mail.account === mail.reader;
}

function* difference(a: ReadonlySet<string>, b: ReadonlySet<string>): Generator<string> {
  for (const name of a) if (!b.has(name)) yield name;
  for (const name of b) if (!a.has(name)) yield name;
}

/** A LIST line for each name, as it is now. */
export async function writeNames(context: Context, names: ChangedNames, { places }: KnownNames): Promise<void> {
  if (names.size === 0) return;
  const { out, session } = context;
  const known = await lookUpNames(context);
  const closed = new Set<string>();
  for (const { shown, rights } of places.values()) if (!rights.has("r")) closed.add(shown);
  for (const name of inOrder(names.keys())) {
    const attributes = attributesOf(name, known);
    if (closed.has(name)) attributes.push("\\NoAccess");
    if (known.subscribed.has(name)) attributes.push("\\Subscribed");
    writeList(context, name, attributes);
    const oldName = names.get(name);
    if (oldName !== undefined) out.ascii(' ("OLDNAME" (').mailbox(oldName, session.utf8).ascii("))");
    out.crlf();
    await context.flushed();
  }
}
