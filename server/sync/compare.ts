/** What changed in a mailbox of the source since it was looked at last. Flags and UIDs only; no content is read. */
import type { ImapFlow, MailboxObject } from "imapflow";
import type { Mirror, MirroredMessage } from "../../store/mirrors.ts";
import { MAX_UID } from "../../store/types.ts";
import type { Connection } from "./connection.ts";
import { ProtocolError, SyncError } from "./errors.ts";
import type { FlagTexts } from "./flags.ts";
import type { SourceMailbox } from "./listing.ts";

export interface Difference {
  readonly uidValidity: number;
  readonly uidNext: number;
  /** Highest mod-sequence when it was looked at; "" where the source has none. */
  readonly modseq: string;
  /** UIDs, ascending. */
  readonly fresh: readonly number[];
  readonly changed: readonly { readonly message: MirroredMessage; readonly flags: string }[];
  readonly gone: readonly MirroredMessage[];
}

/** Messages of one mailbox. */
const MOST_MESSAGES = 10_000_000;

/** Labels that are no mailboxes here. */
const NO_MAILBOX = /^\\?(?:important|starred|muted)$/i;

/**
 * Opens the mailbox and compares.
 * @param known what is mirrored of it; nothing, where its UIDVALIDITY is another one now
 * @throws refusals; what ends the connection
 */
export async function compare(
  connection: Connection,
  client: ImapFlow,
  source: SourceMailbox,
  mirror: Mirror | undefined,
  known: readonly MirroredMessage[],
  texts: FlagTexts,
): Promise<Difference> {
  const opened = await client.mailboxOpen(source.path, { readOnly: true });
  const uidValidity = validityOf(source, opened);
  const highest = opened.noModseq ? undefined : opened.highestModseq;
  const modseq = highest === undefined ? "" : String(highest);
  const messages = mirror?.uidValidity === uidValidity ? known : [];
  const since = messages.length > 0 && mirror && modseq !== "" ? mirror.modseq : "";
  const bySource = new Map(messages.map((message) => [message.sourceUid, message]));
  const { flags, gone } = since === "" || source.unlabelledOnly
    ? await readAll(client, source, opened, bySource, texts)
    : await readChanges(connection, client, opened, BigInt(since), bySource, texts);
  const fresh: number[] = [];
  const changed: { message: MirroredMessage; flags: string }[] = [];
  for (const [uid, text] of flags) {
    const message = bySource.get(uid);
    if (!message) fresh.push(uid);
    else if (text !== undefined && message.flags !== text) changed.push({ message, flags: text });
  }
  fresh.sort((a, b) => a - b);
  changed.sort((a, b) => a.message.uid - b.message.uid);
  const uidNext = opened.uidNext || (fresh.at(-1) ?? 0) + 1;
  return { uidValidity, uidNext, modseq, fresh, changed, gone };
}

function validityOf({ path }: SourceMailbox, { uidValidity }: MailboxObject): number {
  const number = Number(uidValidity ?? 0);
  if (!(number >= 1 && number <= MAX_UID)) throw new SyncError(`${path} has no UIDVALIDITY`);
  return number;
}

interface Found {
  /** By UID; undefined: not looked at. */
  readonly flags: ReadonlyMap<number, string | undefined>;
  readonly gone: readonly MirroredMessage[];
}

/** The flags of all messages. */
async function readAll(
  client: ImapFlow,
  { unlabelledOnly }: SourceMailbox,
  { exists }: MailboxObject,
  known: ReadonlyMap<number, MirroredMessage>,
  texts: FlagTexts,
): Promise<Found> {
  const flags = new Map<number, string>();
  if (exists > 0) {
    const query = { uid: true, flags: true, labels: unlabelledOnly };
    for await (const message of client.fetch("1:*", query, { uid: true })) {
      if (message.uid === undefined || !message.flags) continue;
      const labelled = [...message.labels ?? []].some((label) => !NO_MAILBOX.test(label));
      if (unlabelledOnly && labelled) continue;
      flags.set(message.uid, texts.of(message.flags));
      checkCount(flags.size);
    }
  }
  return { flags, gone: [...known.values()].filter(({ sourceUid }) => !flags.has(sourceUid)) };
}

/** What changed since a mod-sequence; UIDs of all only where the number of messages shows that some are gone (RFC 7162 §6). */
async function readChanges(
  connection: Connection,
  client: ImapFlow,
  opened: MailboxObject,
  since: bigint,
  known: ReadonlyMap<number, MirroredMessage>,
  texts: FlagTexts,
): Promise<Found> {
  const flags = new Map<number, string | undefined>();
  const vanished = new Set<number>();
  if (opened.highestModseq !== since && opened.exists > 0) {
    connection.vanished = (uid) => {
      if (known.has(uid)) vanished.add(uid);
    };
    const options = { uid: true, changedSince: since };
    for await (const message of client.fetch("1:*", { uid: true, flags: true }, options)) {
      if (message.uid !== undefined && message.flags) flags.set(message.uid, texts.of(message.flags));
      checkCount(flags.size);
    }
  }
  for (const uid of flags.keys()) vanished.delete(uid);
  const fresh = [...flags.keys()].filter((uid) => !known.has(uid)).length;
  if (known.size - vanished.size + fresh === opened.exists) return { flags, gone: pick(known, vanished) };

  const all = opened.exists === 0 ? [] : await client.search({ all: true }, { uid: true });
  if (!all) throw new ProtocolError("the server does not list its messages");
  const there = new Set(all);
  // Also what could not be read before.
  for (const uid of all) if (!known.has(uid) && !flags.has(uid)) flags.set(uid, undefined);
  for (const uid of [...flags.keys()]) if (!there.has(uid)) flags.delete(uid);
  return { flags, gone: [...known.values()].filter(({ sourceUid }) => !there.has(sourceUid)) };
}

function checkCount(messages: number): void {
  if (messages > MOST_MESSAGES) throw new SyncError(`a mailbox has more than ${MOST_MESSAGES} messages`);
}

function pick(known: ReadonlyMap<number, MirroredMessage>, uids: ReadonlySet<number>): MirroredMessage[] {
  return [...known.values()].filter(({ sourceUid }) => uids.has(sourceUid));
}
