/**
 * Which mailbox of the source goes where. A mirror that is known keeps its mailbox, whatever that is called here by now; a mailbox
 * that was renamed there is found by its UIDVALIDITY; new ones get their place as those of an import do.
 */
import { createHash } from "node:crypto";
import type { ImapFlow } from "imapflow";
import type { Mirror, Mirrors } from "../../store/mirrors.ts";
import type { Mailbox, MailStore } from "../../store/store.ts";
import type { MailboxId, MailboxName } from "../../store/types.ts";
import { importedName } from "../formats/names.ts";
import { Places } from "../formats/places.ts";
import type { Report } from "../formats/source.ts";
import { isRefusal } from "./errors.ts";
import type { Listing, SourceMailbox } from "./listing.ts";

export interface Planned {
  readonly source: SourceMailbox;
  readonly mirror: Mirror | undefined;
  readonly target: Mailbox;
}

export interface Renamed {
  readonly mirror: Mirror;
  readonly source: SourceMailbox;
}

/** The mirror of each mailbox of the source by its path, after renames there; and those that are gone. Changes nothing. */
export async function match(
  client: ImapFlow,
  { mailboxes: all }: Listing,
  mirrors: readonly Mirror[],
): Promise<{ known: Map<string, Mirror>; renamed: Renamed[]; gone: Mirror[] }> {
  const byName = new Map(mirrors.map((mirror) => [mirror.name, mirror]));
  const known = new Map<string, Mirror>();
  for (const { path } of all) {
    const mirror = byName.get(path);
    if (mirror) known.set(path, mirror);
    byName.delete(path);
  }
  const lost = [...byName.values()];
  const renamed: Renamed[] = [];
  if (lost.length > 0) {
    for (const source of all) {
      if (known.has(source.path)) continue;
      const uidValidity = await validityOf(client, source);
      // Some servers give all mailboxes the same one; then it says nothing.
      const [mirror, ...others] = mirrors.filter((mirror) => mirror.uidValidity === uidValidity);
      if (!mirror || others.length > 0 || !lost.includes(mirror)) continue;
      renamed.push({ mirror, source });
      known.set(source.path, mirror);
      lost.splice(lost.indexOf(mirror), 1);
    }
  }
  return { known, renamed, gone: lost };
}

/** undefined: the server does not say. */
async function validityOf(client: ImapFlow, { path }: SourceMailbox): Promise<number | undefined> {
  try {
    const status = await client.status(path, { uidValidity: true });
    return status && status.uidValidity !== undefined ? Number(status.uidValidity) : undefined;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** Makes what is missing here. @param wanted those mailboxes that are to be synced */
export async function makePlaces(
  mail: MailStore,
  mirrors: Mirrors,
  listing: Listing,
  wanted: readonly SourceMailbox[],
  { known, renamed }: { known: Map<string, Mirror>; renamed: readonly Renamed[] },
  report: Report,
): Promise<Planned[]> {
  const names = new Names(listing.mailboxes);
  for (const { mirror, source } of renamed) await follow(mail, mirrors, names, listing, mirror, source, report);
  let here = await mailboxesById(mail);
  const fresh = wanted.filter(({ path }) => !known.has(path));
  const entries = fresh.map((source) => {
    const { path: place, specialUse } = source;
    return { place, levels: names.levels(source), specialUse, messages: () => [] };
  });
  const places = await Places.make(mail, { mailboxes: entries, total: 0 }, undefined, report);
  const before = here;
  here = await mailboxesById(mail);
  const planned: Planned[] = [];
  for (const source of wanted) {
    const mirror = known.get(source.path);
    const target = mirror && here.get(mirror.mailbox);
    // It was empty, and made room for another one.
    const madeRoom = mirror && !target && before.has(mirror.mailbox);
    if (mirror && !madeRoom) {
      if (target) planned.push({ source, mirror, target });
      else report.noted(source.path, "its mailbox here was deleted; it is not brought back");
      continue;
    }
    planned.push({ source, mirror: undefined, target: await places.mailbox(names.levels(source), source.path) });
  }
  return planned;
}

async function mailboxesById(mail: MailStore): Promise<Map<MailboxId, Mailbox>> {
  return new Map((await mail.mailboxes()).map((mailbox) => [mailbox.id, mailbox]));
}

/** Renames here what was renamed there, unless it was renamed here already. */
async function follow(
  mail: MailStore,
  mirrors: Mirrors,
  names: Names,
  listing: Listing,
  mirror: Mirror,
  source: SourceMailbox,
  report: Report,
): Promise<void> {
  await mirrors.update(mirror, { name: source.path });
  const mailbox = (await mailboxesById(mail)).get(mirror.mailbox);
  const name = names.name(source);
  report.noted(source.path, `it was ${mirror.name} before`);
  const former = importedName(listing.levels(mirror.name)).name;
  if (!mailbox || mailbox.name === name || mailbox.name !== former || mailbox.name === "INBOX") return;
  if (await mail.mailbox(name)) report.noted(source.path, `there is another ${name} here; it stays ${mailbox.name}`);
  else await mail.renameMailbox(mailbox.name, name);
}

/** The names that the source's mailboxes get here; no two get the same one. */
class Names {
  readonly #levels = new Map<string, readonly string[]>();

  constructor(all: readonly SourceMailbox[]) {
    const taken = new Set<MailboxName>();
    for (const { path, levels } of all) {
      const { name } = importedName(levels);
      const own = taken.has(name) ? withMark(levels, path) : levels;
      taken.add(importedName(own).name);
      this.#levels.set(path, own);
    }
  }

  levels({ path, levels }: SourceMailbox): readonly string[] {
    return this.#levels.get(path) ?? levels;
  }

  name(source: SourceMailbox): MailboxName {
    return importedName(this.levels(source)).name;
  }
}

/** Another name than that of the mailbox that has this one already. */
function withMark(levels: readonly string[], path: string): readonly string[] {
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 6);
  return [...levels.slice(0, -1), `${levels.at(-1) ?? ""}~${hash}`];
}
