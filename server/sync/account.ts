/**
 * Mirrors the mail of one account of another server: from there to here, never the other way. What was changed here meanwhile stays,
 * but where the same was changed there.
 */
import type { ImapFlow } from "imapflow";
import type { Mirror, Mirrors } from "../../store/mirrors.ts";
import type { MailStore } from "../../store/store.ts";
import { StoreError } from "../../store/types.ts";
import type { Report } from "../formats/source.ts";
import { importedName } from "../formats/names.ts";
import { readMetadata } from "./bodies.ts";
import { compare } from "./compare.ts";
import type { Connection } from "./connection.ts";
import { faultText, isRefusal, SyncError } from "./errors.ts";
import { FlagTexts } from "./flags.ts";
import { type Filter, isWanted, listSource, type SourceMailbox } from "./listing.ts";
import { type Counts, MailboxSync } from "./mailbox.ts";
import { makePlaces, match, type Planned } from "./plan.ts";

export interface SyncOptions extends Filter {
  /** Bytes; larger messages are skipped. */
  readonly maxSize: number;
  /** Most keywords of a mailbox. */
  readonly maxKeywords: number;
  /** Give empty mailboxes the source's UIDs and UIDVALIDITY. */
  readonly keepUids: boolean;
  /** Messages that are gone at the source stay. */
  readonly keepDeleted: boolean;
  /** Mailboxes that are gone at the source are removed. */
  readonly deleteMailboxes: boolean;
}

export interface SyncReport extends Report {
  /** @param total messages there are, known before the first of them is looked at */
  begin(total: number): void;
  /** @param work messages looked at since the last call; @param added of these */
  progress(work: number, added: number): void;
}

export interface Synced extends Counts {
  readonly mailboxes: number;
}

/**
 * One run. Ended at any moment, the next one goes on from there.
 * @throws {SyncError} the source cannot be reached, or not any more; {StoreError} diskfull and whatever else the store says
 */
export async function syncAccount(
  connection: Connection,
  mail: MailStore,
  mirrors: Mirrors,
  options: SyncOptions,
  report: SyncReport,
): Promise<Synced> {
  const { listing, matched } = await refused(connection.use(async (client) => {
    const listing = await listSource(client);
    return { listing, matched: await match(client, listing, await mirrors.list(connection.address.key)) };
  }));
  const wanted = listing.mailboxes.filter((mailbox) => isWanted(mailbox, options));
  report.begin(wanted.reduce((sum, { messages }) => sum + messages, 0));
  const planned = await makePlaces(mail, mirrors, listing, wanted, matched, report);
  const counts: Counts = { added: 0, present: 0, flagged: 0, removed: 0 };
  for (const one of planned) await syncMailbox(connection, mail, mirrors, one, options, report, counts);
  // What is below another one goes before it.
  for (const mirror of matched.gone.reverse()) await endMirror(mail, mirrors, mirror, options, report, counts);
  return { ...counts, mailboxes: planned.length };
}

/** What the server refuses before there is a mailbox to skip ends the sync. */
async function refused<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isRefusal(error)) throw new SyncError(`the server refuses: ${faultText(error)}`);
    throw error;
  }
}

async function syncMailbox(
  connection: Connection,
  mail: MailStore,
  mirrors: Mirrors,
  { source, mirror, target }: Planned,
  options: SyncOptions,
  report: SyncReport,
  counts: Counts,
): Promise<void> {
  const { keywords } = await mail.index(target.id);
  const sync = new MailboxSync(
    connection,
    mail,
    mirrors,
    source,
    target,
    mirror,
    keywords,
    options,
    report,
    counts,
  );
  try {
    await connection.use((client) => sync.run(client));
    await subscribe(mail, mirrors, { source, mirror, target });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    report.skipped(source.path, faultText(error));
  } finally {
    await sync.discard();
  }
}

/** Takes a subscription over that is another one there than before; at first, into a mailbox that has just been filled. */
async function subscribe(mail: MailStore, mirrors: Mirrors, { source, mirror, target }: Planned): Promise<void> {
  const before = mirror ? mirror.subscribed : target.subscribed;
  if (before !== source.subscribed) await mail.setSubscribed(target.name, source.subscribed);
  if (mirror && mirror.subscribed !== source.subscribed) {
    await mirrors.update(mirror, { subscribed: source.subscribed });
  }
}

/** The mailbox is gone there. */
async function endMirror(
  mail: MailStore,
  mirrors: Mirrors,
  mirror: Mirror,
  { deleteMailboxes, keepDeleted }: SyncOptions,
  report: SyncReport,
  counts: Counts,
): Promise<void> {
  const mailbox = (await mail.mailboxes()).find(({ id }) => id === mirror.mailbox);
  if (!mailbox) return await mirrors.forget(mirror);
  if (!deleteMailboxes || keepDeleted) {
    return report.noted(mirror.name, `it is gone there; ${mailbox.name} stays here (--delete-mailboxes removes it)`);
  }
  counts.removed += await mirrors.remove(mirror, await mirrors.messages(mirror), false, 0);
  await mirrors.forget(mirror);
  const { messages } = await mail.status(mailbox.id);
  if (messages > 0) {
    return report.noted(mirror.name, `it is gone there; ${mailbox.name} has ${messages} other messages and stays`);
  }
  try {
    await mail.deleteMailbox(mailbox.name);
    await mail.setSubscribed(mailbox.name, false);
    report.noted(mirror.name, `it is gone there; ${mailbox.name} is removed`);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    report.noted(mirror.name, `it is gone there; ${mailbox.name} stays: ${error.message}`);
  }
}

/** What a run would do with one mailbox. */
export interface Forecast {
  readonly path: string;
  /** Its name here; where it is new, as it is likely to be. */
  readonly name: string;
  readonly add: number;
  /** Of those to be added. */
  readonly bytes: number;
  readonly flag: number;
  readonly remove: number;
  /** Too large for a message. */
  readonly skip: number;
}

/** Looks at what a run would do; changes nothing. @throws as syncAccount */
export async function forecast(
  connection: Connection,
  mail: MailStore,
  mirrors: Mirrors,
  options: SyncOptions,
  report: SyncReport,
): Promise<Forecast[]> {
  const { listing, known } = await refused(connection.use(async (client) => {
    const listing = await listSource(client);
    const { known, gone } = await match(client, listing, await mirrors.list(connection.address.key));
    for (const { name } of gone) report.noted(name, "it is gone there");
    return { listing, known };
  }));
  const names = new Map((await mail.mailboxes()).map(({ id, name }) => [id, name]));
  const wanted = listing.mailboxes.filter((mailbox) => isWanted(mailbox, options));
  report.begin(wanted.length);
  const found: Forecast[] = [];
  for (const source of wanted) {
    const mirror = known.get(source.path);
    const name = (mirror && names.get(mirror.mailbox)) ?? importedName(source.levels).name;
    try {
      const messages = mirror ? await mirrors.messages(mirror) : [];
      const look = (client: ImapFlow) => forecastMailbox(connection, client, source, mirror, messages, options);
      found.push({ path: source.path, name, ...await connection.use(look) });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      report.skipped(source.path, faultText(error));
    }
    report.progress(1, 0);
  }
  return found;
}

async function forecastMailbox(
  connection: Connection,
  client: ImapFlow,
  source: SourceMailbox,
  mirror: Mirror | undefined,
  known: Parameters<typeof compare>[4],
  { maxSize, keepDeleted }: SyncOptions,
): Promise<Omit<Forecast, "path" | "name">> {
  const texts = new FlagTexts();
  const { fresh, changed, gone } = await compare(connection, client, source, mirror, known, texts);
  let [add, bytes, skip] = [0, 0, 0];
  for (let at = 0; at < fresh.length; at += 2000) {
    for (const { size } of await readMetadata(client, fresh.slice(at, at + 2000), texts, false)) {
      if (size > maxSize) skip++;
      else [add, bytes] = [add + 1, bytes + size];
    }
  }
  return { add, bytes, flag: changed.length, remove: keepDeleted ? 0 : gone.length, skip };
}
