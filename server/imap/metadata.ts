/** Annotations as clients name and read them (RFC 5464, RFC 9590). */
import type { Annotation } from "../../store/store.ts";
import type { FoundPlace, Place } from "./access.ts";
import type { Context } from "./command.ts";
import { BadError } from "./errors.ts";
import type { Decoder } from "./wire/decoder.ts";
import type { Encoder } from "./wire/encoder.ts";

/** Longest name of an entry. */
const MAX_ENTRY = 1000;

/** What an entry is of: a mailbox, or with null the server (RFC 5464 §4.1). */
export type MetadataName = ReturnType<Decoder["mailbox"]> | null;

/** `mailbox`, where "" is the server. */
export function parseMetadataName(d: Decoder): MetadataName {
  const start = d.position;
  if (d.astring().length === 0) return null;
  d.position = start;
  return d.mailbox();
}

/** `entry`, in lower case. @throws {BadError} a name that can never be (RFC 5464 §3.2) */
export function parseEntry(d: Decoder): string {
  const entry = d.astringText().toLowerCase();
  if (entry.length > MAX_ENTRY) throw new BadError(undefined, `an entry name has at most ${MAX_ENTRY} characters`);
  if (!/^[\x20-\x7e]*$/.test(entry) || /[*%]/.test(entry)) {
    throw new BadError(undefined, "an entry name is ASCII without control characters, `*` and `%`");
  }
  if (!/^\/(private|shared)(\/|$)/.test(entry)) {
    throw new BadError(undefined, "an entry name starts with /private/ or /shared/");
  }
  if (entry.includes("//") || entry.endsWith("/")) {
    throw new BadError(undefined, "an entry name has no empty component");
  }
  return entry;
}

/** `"(" entry *(SP entry) ")"`, each once. */
export function parseEntryList(d: Decoder): string[] {
  const entries = d.list(() => parseEntry(d));
  if (entries.length === 0) throw new BadError(undefined, "an entry is missing");
  return [...new Set(entries)];
}

/** RFC 5464 §3.3: `l`, and a right that lets one read or write messages. */
export function mayAnnotate({ rights }: Pick<Place, "rights">): boolean {
  return rights.has("l") && rights.hasAny("r", "s", "w", "i", "p");
}

export function isShared(entry: string): boolean {
  return entry.startsWith("/shared");
}

/** Annotations of the server: the account's own, and what the configuration says to all (RFC 5464 §3.2.1.1). */
export async function serverAnnotations({ mail, server }: Pick<Context, "mail" | "server">): Promise<Annotation[]> {
  const { comment, admin } = server.config.metadata ?? {};
  const own = await mail.annotations(null);
  const fixed = Object.entries({ "/shared/admin": admin, "/shared/comment": comment });
  const modseq = 0 as Annotation["modseq"];
  return [
    ...own,
    ...fixed.flatMap(([entry, text]) =>
      text === undefined ? [] : [{ entry, value: new TextEncoder().encode(text), modseq }]
    ),
  ];
}

/** `* METADATA mailbox (entry value …)` of entries asked for by name; those without a value are NIL (RFC 9590 §3). */
export async function writeMetadata(
  context: Context,
  { mail, mailbox, shown }: FoundPlace,
  entries: readonly string[],
): Promise<void> {
  const values = new Map((await mail.annotations(mailbox.id)).map(({ entry, value }) => [entry, value]));
  writeValues(context, shown, entries.map((entry) => [entry, values.get(entry) ?? null]));
}

/** @param name "" is the server */
export function writeValues(
  { out, session }: Pick<Context, "out" | "session">,
  name: string,
  values: readonly (readonly [entry: string, value: Uint8Array | null])[],
): void {
  out.ascii("* METADATA ").mailbox(name, session.utf8).ascii(" (");
  values.forEach(([entry, value], at) => {
    if (at > 0) out.sp();
    writeEntry(out, entry);
    out.sp();
    // NUL stands in literal8 only.
    if (value?.includes(0)) out.literalHead(value.length, true).raw(value);
    else out.nstring(value);
  });
  out.ascii(")").crlf();
}

/** `entry`: an atom where it can be one. */
export function writeEntry(out: Encoder, entry: string): void {
  if (/^[a-z0-9/._+:@-]+$/.test(entry)) out.ascii(entry);
  else out.quoted(entry);
}

/**
 * Tells which entries changed, without their values (RFC 5464 §4.4.2, RFC 5465 §5.6, §5.7).
 * @param name of a mailbox; "" for the server
 */
export function writeChangedEntries(
  { out, session }: Pick<Context, "out" | "session">,
  name: string,
  entries: Iterable<string>,
): void {
  out.ascii("* METADATA ").mailbox(name, session.utf8);
  for (const entry of entries) writeEntry(out.sp(), entry);
  out.crlf();
}
