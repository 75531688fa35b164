/** LIST and LSUB responses, and the names they tell of. */
import type { Mailbox } from "../../store/store.ts";
import type { MailboxName } from "../../store/types.ts";
import { allPlaces, type FoundPlace, type Seeker } from "./access.ts";
import type { Context } from "./command.ts";
import { NoError } from "./errors.ts";
import { Pace } from "./pace.ts";
import { specialUseName } from "./specialuse.ts";
import type { NameAsSent } from "./wire/decoder.ts";
import { matchesPattern, SEPARATOR } from "./wire/names.ts";

/** All names that a listing can tell of, looked up once. */
export interface Names {
  /** By the name that this client says. */
  readonly places: ReadonlyMap<string, FoundPlace>;
  readonly mailboxes: ReadonlyMap<string, Mailbox>;
  /** Levels above shared mailboxes that are no mailboxes, or none to be seen. */
  readonly levels: ReadonlySet<string>;
  readonly subscribed: ReadonlySet<string>;
  /** Names of existing mailboxes that have an existing child. */
  readonly parents: ReadonlySet<string>;
}

export async function lookUpNames(context: Seeker): Promise<Names> {
  const all = await allPlaces(context);
  const parents = new Set<string>();
  for (const { shown } of all) for (const parent of ancestors(shown)) parents.add(parent);
  const places = new Map(all.map((place) => [place.shown as string, place]));
  return {
    places,
    mailboxes: new Map(all.map(({ shown, mailbox }) => [shown, mailbox])),
    levels: new Set([...parents].filter((name) => !places.has(name))),
    subscribed: new Set(await context.mail.subscriptions()),
    parents,
  };
}

/** `a/b/c` has `a/b` and `a`. */
export function* ancestors(name: string): Generator<string> {
  for (let at = name.lastIndexOf(SEPARATOR); at > 0; at = name.lastIndexOf(SEPARATOR, at - 1)) yield name.slice(0, at);
}

/** INBOX first, then by code points, so parents come before their children. */
export function inOrder(names: Iterable<string>): string[] {
  const rank = (name: string) => name === "INBOX" ? 0 : 1;
  return [...names].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0));
}

/** Characters of all patterns of one command, each with its reference. */
const MAX_PATTERNS = 128 * 1024;

/** Patterns with their reference, each once; empty ones fit nothing. @throws {NoError} LIMIT: too long together */
export function canonicalPatterns(reference: string, patterns: readonly string[]): string[] {
  const asked = patterns.filter((pattern) => pattern !== "");
  if (asked.reduce((sum, { length }) => sum + reference.length + length, 0) > MAX_PATTERNS) {
    throw new NoError("LIMIT", "mailbox patterns are too long");
  }
  return [...new Set(asked.map((pattern) => canonicalPattern(reference, pattern)))];
}

/** The reference put before the pattern; a pattern that starts at the root stands alone (RFC 9051 §6.3.9). */
function canonicalPattern(reference: string, pattern: string): string {
  let joined = pattern.startsWith(SEPARATOR) ? pattern : reference + pattern;
  if (joined.startsWith(SEPARATOR)) joined = joined.slice(1);
  return /^inbox(?=$|\/)/i.test(joined) ? "INBOX" + joined.slice(5) : joined;
}

/** The names that a pattern fits, in their order. Other sessions get their turns meanwhile. */
export async function* matching(patterns: readonly string[], names: Iterable<string>): AsyncGenerator<string> {
  const pace = new Pace();
  for (const name of names) {
    for (const pattern of patterns) {
      if (pace.due) await pace.giveWay();
      if (!matchesPattern(pattern, name)) continue;
      yield name;
      break;
    }
  }
}

/** Attributes of RFC 9051 §7.3.1 and RFC 6154 §2; of a name without a mailbox too. */
export function attributesOf(name: string, { mailboxes, parents }: Names): string[] {
  const mailbox = mailboxes.get(name);
  if (!mailbox) return parents.has(name) ? ["\\NonExistent", "\\Noselect", "\\HasChildren"] : ["\\NonExistent"];
  return [parents.has(name) ? "\\HasChildren" : "\\HasNoChildren", ...mailbox.specialUse.map(specialUseName)];
}

/** The start of a LIST or LSUB response, up to where extended data or the line end follows. */
export function writeList(
  { out, session }: Pick<Context, "out" | "session">,
  name: string,
  attributes: readonly string[],
  response: "LIST" | "LSUB" | "XLIST" = "LIST",
): void {
  out.ascii(`* ${response} (${attributes.join(" ")}) "${SEPARATOR}" `).mailbox(name, session.utf8);
}

/**
 * A LIST response of its own for a name, with the one it had before or was sent as (RFC 9051 §6.3.9.7). What is announced so tells
 * \Subscribed too, as new names are subscribed by themselves (RFC 9051 §6.3.4, §6.3.6).
 */
export async function writeListLine(context: Context, name: MailboxName, oldName?: string): Promise<void> {
  const { out, session } = context;
  const names = await lookUpNames(context);
  const attributes = attributesOf(name, names);
  if (oldName !== undefined && names.subscribed.has(name)) attributes.push("\\Subscribed");
  writeList(context, name, attributes);
  if (oldName !== undefined) out.ascii(' ("OLDNAME" (').mailbox(oldName, session.utf8).ascii("))");
  out.crlf();
}

/** Tells an IMAP4rev2 client which name was made of the one it sent (RFC 9051 §6.3.4, §6.3.5, §6.3.12). */
export async function tellNormalised(context: Context, { name, sent }: NameAsSent): Promise<void> {
  if (sent !== undefined && context.session.rev2) await writeListLine(context, name, sent);
}
