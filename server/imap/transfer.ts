/**
 * COPY and MOVE between mailboxes, also of different accounts. Within an account the store does it in one transaction. Between
 * accounts the content is copied in portions, and a portion leaves its source only when it is safe at its destination: at no
 * moment is a message nowhere.
 */
import { type FlagSet, flagSet, INLINE_KEYWORDS, maskedFlags } from "../../store/flags.ts";
import type { ByteSource } from "../../store/mime/source.ts";
import type { Copied, Draft, MailStore, NewMessage, Usage } from "../../store/store.ts";
import { StoreError, type Uid, type UidRanges } from "../../store/types.ts";
import { flagsAllowed, type FoundPlace } from "./access.ts";
import type { Context } from "./command.ts";
import { flagNames } from "./flags.ts";
import type { Selected } from "./selected.ts";
import { rangesOf } from "./wire/sequence.ts";

type Transfer = Pick<Context, "progress">;

/** One portion: messages, and bytes after which it ends. */
const MOST_MESSAGES = 500;
const MOST_BYTES = 32 * 1024 * 1024;
const PIECE = 64 * 1024;

/** @throws {StoreError} nonexistent, overquota, limit: nothing was copied */
export async function copyTo(
  context: Transfer,
  selected: Selected,
  uids: UidRanges,
  to: FoundPlace,
): Promise<Copied> {
  const { mail, mailbox } = selected;
  if (mail.account === to.mail.account) {
    return await mail.copy(mailbox.id, uids, to.name, flagsAllowed(to.rights));
  }
  const portions: Copied[] = [];
  try {
    for await (const portion of portionsOf(context, selected, uids, to)) {
      portions.push(await append(selected, portion, to));
    }
  } catch (error) {
    // All or nothing (RFC 9051 §6.4.7).
    const made = portions.flatMap(({ destinationUids }) => destinationUids);
    if (made.length > 0) await to.mail.remove(to.mailbox.id, rangesOf(made));
    throw error;
  }
  return joined(portions, to);
}

/** @throws {StoreError} nonexistent, overquota, limit: what had not been moved by then stays */
export async function moveTo(
  context: Transfer,
  selected: Selected,
  uids: UidRanges,
  to: FoundPlace,
): Promise<Copied> {
  const { mail, mailbox } = selected;
  if (mail.account === to.mail.account) {
    return await mail.move(mailbox.id, uids, to.name, flagsAllowed(to.rights));
  }
  const portions: Copied[] = [];
  for await (const portion of portionsOf(context, selected, uids, to)) {
    const copied = await append(selected, portion, to);
    await to.mail.safe();
    await mail.remove(mailbox.id, rangesOf(copied.sourceUids));
    portions.push(copied);
  }
  return joined(portions, to);
}

interface Message {
  readonly uid: Uid;
  readonly size: number;
  readonly emailId: number;
  readonly internalDate: number;
}

/** The messages in ascending order, cut into portions. @throws {StoreError} overquota: there is no room for all of them */
async function* portionsOf(
  context: Transfer,
  { mail, mailbox, pin }: Selected,
  uids: UidRanges,
  to: FoundPlace,
): AsyncGenerator<Message[]> {
  const columns = ["uid", "size", "emailId", "internalDate"] as const;
  const all: Message[] = [];
  for await (const rows of mail.read(mailbox.id, uids, columns, pin.modseq)) {
    for (const [uid, size, emailId, internalDate] of rows) all.push({ uid, size, emailId, internalDate });
  }
  demandRoom(await to.mail.usage(), all);
  for (let at = 0; at < all.length;) {
    const portion: Message[] = [];
    for (let bytes = 0; at < all.length && portion.length < MOST_MESSAGES && bytes < MOST_BYTES; at++) {
      portion.push(all[at]);
      bytes += all[at].size;
    }
    yield portion;
    await context.progress(at, all.length);
  }
}

/** So that nothing is begun that cannot be finished; the store counts again. */
function demandRoom({ bytes, messages, limitBytes, limitMessages }: Usage, all: readonly Message[]): void {
  const size = all.reduce((sum, { size }) => sum + size, 0);
  const over = (limitBytes > 0 && bytes + size > limitBytes) ||
    (limitMessages > 0 && messages + all.length > limitMessages);
  if (over && all.length > 0) throw new StoreError("overquota", "the account is full");
}

async function append(selected: Selected, messages: readonly Message[], to: FoundPlace): Promise<Copied> {
  const { mail, mailbox } = selected;
  const index = await mail.index(mailbox.id);
  const allowed = flagsAllowed(to.rights);
  const ready: NewMessage[] = [];
  const sourceUids: Uid[] = [];
  try {
    for (const { uid, size, emailId, internalDate } of messages) {
      // Only what is still there: a message that was removed meanwhile must not come back.
      if (index.position(uid) < 0) continue;
      using content = await mail.content(emailId as Parameters<MailStore["content"]>[0]);
      if (!content) continue;
      const draft = await draftOf(to.mail, content, size);
      ready.push({ draft, flags: maskedFlags(flagsOf(index, uid), allowed), internalDate });
      sourceUids.push(uid);
    }
    if (ready.length === 0) return joined([], to);
    const { mailbox: destination, uids, modseq } = await to.mail.append(to.name, ready);
    return { destination, sourceUids, destinationUids: uids, modseq };
  } finally {
    for (const { draft } of ready) await draft.discard();
  }
}

function flagsOf(index: Awaited<ReturnType<MailStore["index"]>>, uid: Uid): FlagSet {
  const more = index.keywords.length > INLINE_KEYWORDS ? index.moreKeywords(uid) : [];
  return flagSet(flagNames(index, index.flagWords[index.position(uid)], more));
}

async function draftOf(mail: MailStore, content: ByteSource, size: number): Promise<Draft> {
  const draft = await mail.draft(size);
  try {
    for (let at = 0; at < content.size;) {
      const piece = content.read(at, Math.min(content.size, at + PIECE));
      if (piece.length === 0) throw new Error("content ends before its size");
      await draft.write(piece);
      at += piece.length;
    }
    return draft;
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

function joined(portions: readonly Copied[], to: FoundPlace): Copied {
  return {
    destination: portions.at(-1)?.destination ?? to.mailbox,
    sourceUids: portions.flatMap(({ sourceUids }) => sourceUids),
    destinationUids: portions.flatMap(({ destinationUids }) => destinationUids),
    modseq: portions.at(-1)?.modseq ?? to.mailbox.createSeq,
  };
}
