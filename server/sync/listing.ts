/** The mailboxes of the source: names as levels, special uses, subscriptions; and which of them are wanted. */
import type { ImapFlow, ListResponse } from "imapflow";
import type { SpecialUse } from "../../store/types.ts";
import { matchesPattern } from "../imap/wire/names.ts";
import { SyncError } from "./errors.ts";

export interface SourceMailbox {
  /** As the client library takes it. */
  readonly path: string;
  /** Without the prefix that some servers put before all names. */
  readonly levels: readonly string[];
  /** undefined: the source does not say. */
  readonly specialUse?: readonly SpecialUse[];
  readonly subscribed: boolean;
  /** Messages, as far as the server told. */
  readonly messages: number;
  /** Gmail's mailbox of all messages: only those without a label count, the others are in their labels' mailboxes. */
  readonly unlabelledOnly: boolean;
}

export interface Listing {
  /** Parents first. */
  readonly mailboxes: readonly SourceMailbox[];
  /** The levels of a name that may not be there any more. */
  levels(path: string): readonly string[];
}

export interface Filter {
  /** Patterns of LIST (`*`, `%`); of all names unless given. */
  readonly mailboxes?: readonly string[];
  readonly exclude?: readonly string[];
}

const USES: Readonly<Record<string, SpecialUse>> = {
  "\\All": "all",
  "\\Archive": "archive",
  "\\Drafts": "drafts",
  "\\Flagged": "flagged",
  "\\Important": "important",
  "\\Junk": "junk",
  "\\Sent": "sent",
  "\\Trash": "trash",
};

/** How the account's own mailboxes of a use are called, for Gmail's, whose names differ by language. */
const OWN_NAMES: Partial<Record<SpecialUse, string>> = {
  all: "Archive",
  drafts: "Drafts",
  junk: "Junk",
  sent: "Sent",
  trash: "Trash",
};

interface Namespace {
  readonly prefix?: string;
}
interface WithNamespaces {
  readonly namespace?: Namespace;
  readonly namespaces?: {
    readonly other?: false | readonly Namespace[];
    readonly shared?: false | readonly Namespace[];
  };
}

/** All that can be opened; other accounts' mailboxes are left out. @throws {SyncError} there are none */
export async function listSource(client: ImapFlow): Promise<Listing> {
  const { namespace, namespaces } = client as unknown as WithNamespaces;
  const prefix = namespace?.prefix ?? "";
  const foreign = [namespaces?.other, namespaces?.shared].flatMap((list) => list || []).map(({ prefix = "" }) => prefix)
    .filter((start) => start !== "" && start !== prefix);
  const gmail = client.capabilities.has("X-GM-EXT-1");
  const found: SourceMailbox[] = [];
  const paths = new Set<string>();
  let separator = "";
  for (const entry of await client.list({ statusQuery: { messages: true } })) {
    if (entry.flags.has("\\Noselect") || entry.flags.has("\\NonExistent") || paths.has(entry.path)) continue;
    if (foreign.some((start) => entry.path.startsWith(start))) continue;
    paths.add(entry.path);
    separator ||= entry.delimiter ?? "";
    found.push(gmail ? fromGmail(entry) : fromList(entry, prefix));
  }
  if (found.length === 0) throw new SyncError("the server lists no mailboxes");
  const mailboxes = found.filter(({ specialUse }) =>
    !gmail || !specialUse?.some((use) => use === "flagged" || use === "important")
  )
    .map((mailbox) => gmail ? { ...mailbox, specialUse: undefined } : mailbox)
    .sort((a, b) => a.path < b.path ? -1 : 1);
  return { mailboxes, levels: (path) => levelsOf(path, prefix, separator) };
}

function levelsOf(path: string, prefix: string, delimiter: string): readonly string[] {
  const inside = prefix !== "" && path.startsWith(prefix) ? path.slice(prefix.length) : path;
  return delimiter === "" ? [inside] : inside.split(delimiter);
}

function usesOf({ flags }: ListResponse): readonly SpecialUse[] | undefined {
  const uses = [...flags].map((flag) => USES[flag]).filter((use) => use !== undefined);
  return uses.length === 0 ? undefined : uses;
}

function fromList(entry: ListResponse, prefix: string): SourceMailbox {
  const { path, delimiter, subscribed, status } = entry;
  return {
    path,
    levels: levelsOf(path, prefix, delimiter ?? ""),
    specialUse: usesOf(entry),
    subscribed: subscribed === true,
    messages: status?.messages ?? 0,
    unlabelledOnly: false,
  };
}

/** Labels are mailboxes; those that only show messages of others (`\Flagged`, `\Important`) are not. */
function fromGmail(entry: ListResponse): SourceMailbox {
  const mailbox = fromList(entry, "");
  const own = mailbox.specialUse?.map((use) => OWN_NAMES[use]).find((name) => name !== undefined);
  const unlabelledOnly = mailbox.specialUse?.includes("all") ?? false;
  return { ...mailbox, levels: own === undefined ? mailbox.levels : [own], unlabelledOnly };
}

/** By the name at the source, with `/` between levels, and by the one here where that is another. */
export function isWanted({ path, levels }: SourceMailbox, { mailboxes, exclude = [] }: Filter): boolean {
  const names = [path, levels.join("/")];
  const fits = (pattern: string) => names.some((name) => matchesPattern(pattern, name));
  return (mailboxes === undefined || mailboxes.some(fits)) && !exclude.some(fits);
}
