/**
 * Mail out of a backup into an account that is in use. Messages are told by their bytes: what is there already stays as it is, with its
 * UID; what is missing is added with new UIDs. So it can be interrupted at any point and done again, and clients follow as with any
 * other change.
 */
import type { FlagSet } from "../../flags.ts";
import type { MailStore } from "../../store.ts";
import type { MailboxName, Uid, UidRange } from "../../types.ts";
import type { HeldMessage, RestoredMessage, RestoredPlace, Upkeep } from "../../upkeep.ts";
import type { SavedMail, SavedMailbox, SavedMessage } from "./source.ts";

/** Bytes and messages of one transaction, about. */
const PORTION_BYTES = 8 << 20;
const PORTION_MESSAGES = 200;
const CHUNK = 1 << 18;

export interface RestoreReport {
  /** A message that the backup names and does not have. */
  missing(mailbox: string, uid: number): void;
  progress(bytes: number, messages: number): void;
}

export interface RestoreSelection {
  readonly mailboxes: readonly SavedMailbox[];
  /** Where each goes. */
  readonly target: (mailbox: SavedMailbox) => MailboxName;
  /** Only these. */
  readonly wanted?: (message: SavedMessage) => boolean;
}

export interface Restored {
  readonly added: number;
  /** Were there already. */
  readonly present: number;
}

/** Adds what is missing. Mailboxes are made where they are not there. @throws {StoreError} limit, diskfull */
export async function restoreMail(
  saved: SavedMail,
  { mail, upkeep }: { readonly mail: MailStore; readonly upkeep: Upkeep },
  { mailboxes, target, wanted }: RestoreSelection,
  report: RestoreReport,
): Promise<Restored> {
  const missing = new Map<number, RestoredPlace[]>();
  const origin = new Map<number, { mailbox: string; uid: number }>();
  let [added, present] = [0, 0];
  for (const mailbox of mailboxes) {
    const name = target(mailbox);
    const messages = saved.messages(mailbox.id).filter((message) => wanted?.(message) ?? true);
    if (wanted && messages.length === 0) continue;
    const held = await heldIn(mail, upkeep, mailbox, name);
    for (const { email, uid, digest, flags, internalDate } of messages) {
      if (held.take(digest)) {
        present++;
        continue;
      }
      added++;
      const places = missing.get(email) ?? [];
      missing.set(email, [...places, { mailbox: name, flags, internalDate }]);
      origin.set(email, { mailbox: mailbox.name, uid });
    }
  }
  added -= await addAll(saved, mail, upkeep, missing, (email, places) => {
    const { mailbox, uid } = origin.get(email) ?? { mailbox: "?", uid: 0 };
    for (let n = 0; n < places; n++) report.missing(mailbox, uid);
  }, report);
  return { added, present };
}

/** @returns places that could not be filled */
async function addAll(
  saved: SavedMail,
  mail: MailStore,
  upkeep: Upkeep,
  emails: ReadonlyMap<number, readonly RestoredPlace[]>,
  gone: (email: number, places: number) => void,
  report: RestoreReport,
): Promise<number> {
  let portion: RestoredMessage[] = [];
  let [bytes, lost] = [0, 0];
  const flush = async () => {
    const places = portion.reduce((sum, message) => sum + message.places.length, 0);
    const messages = portion;
    portion = [];
    await upkeep.restore(messages);
    report.progress(bytes, places);
    bytes = 0;
  };
  try {
    for (const [email, places] of emails) {
      using source = saved.open(email);
      if (!source) {
        gone(email, places.length);
        lost += places.length;
        continue;
      }
      const draft = await mail.draft(source.size);
      portion.push({ draft, places });
      for (let at = 0; at < source.size; at += CHUNK) await draft.write(source.read(at, at + CHUNK));
      bytes += source.size;
      if (bytes >= PORTION_BYTES || portion.length >= PORTION_MESSAGES) await flush();
    }
    if (portion.length > 0) await flush();
  } finally {
    for (const { draft } of portion) await draft.discard();
  }
  return lost;
}

/** What a mailbox holds, to be taken once for each message that has the same bytes. */
class Held {
  readonly #byDigest = new Map<string, HeldMessage[]>();

  constructor(messages: readonly HeldMessage[]) {
    for (const message of messages.toReversed()) {
      const same = this.#byDigest.get(message.digest);
      if (same) same.push(message);
      else this.#byDigest.set(message.digest, [message]);
    }
  }

  take(digest: string): HeldMessage | undefined {
    return this.#byDigest.get(digest)?.pop();
  }

  get rest(): HeldMessage[] {
    return [...this.#byDigest.values()].flat();
  }
}

async function heldIn(mail: MailStore, upkeep: Upkeep, saved: SavedMailbox, name: MailboxName): Promise<Held> {
  let mailbox = await mail.mailbox(name);
  if (!mailbox) {
    const taken = new Set((await mail.mailboxes()).flatMap(({ specialUse }) => specialUse));
    const uses = name === saved.name ? saved.specialUse.filter((use) => !taken.has(use)) : [];
    mailbox = await mail.createMailbox(name, uses);
  }
  return new Held(await upkeep.held(mailbox.id));
}

/**
 * Makes an account's mail what it was: adds what is missing, sets flags as they were, then expunges what came since (which can be
 * undeleted) and removes mailboxes that there were not. Messages that were there then and are now keep their UIDs.
 */
export async function replaceMail(
  saved: SavedMail,
  account: { readonly mail: MailStore; readonly upkeep: Upkeep },
  report: RestoreReport,
): Promise<Restored & { readonly expunged: number }> {
  const { mail, upkeep } = account;
  const mailboxes = saved.mailboxes();
  const restored = await restoreMail(saved, account, { mailboxes, target: ({ name }) => name }, report);
  let expunged = 0;
  for (const { id, name } of mailboxes) {
    const mailbox = await mail.mailbox(name);
    if (!mailbox) continue; // Somebody has just deleted it.
    const held = new Held(await upkeep.held(mailbox.id));
    for (const { digest, flags } of saved.messages(id)) {
      const message = held.take(digest);
      if (!message || sameFlags(message.flags, flags)) continue;
      await mail.storeFlags(mailbox.id, ranges([message.uid]), { mode: "set", flags });
    }
    expunged += await expungeAll(mail, mailbox.id, held.rest.map(({ uid }) => uid));
  }
  const names = new Set(mailboxes.map(({ name }) => name));
  // Children come before their parents.
  for (const { id, name } of (await mail.mailboxes()).toSorted((a, b) => a.name < b.name ? 1 : -1)) {
    if (names.has(name)) continue;
    expunged += await expungeAll(mail, id, (await upkeep.held(id)).map(({ uid }) => uid));
    if (name !== "INBOX") await mail.deleteMailbox(name);
  }
  for (const name of saved.subscriptions()) await mail.setSubscribed(name, true);
  return { ...restored, expunged };
}

async function expungeAll(mail: MailStore, mailbox: Parameters<MailStore["remove"]>[0], uids: Uid[]): Promise<number> {
  if (uids.length > 0) await mail.remove(mailbox, ranges(uids));
  return uids.length;
}

function ranges(uids: readonly Uid[]): UidRange[] {
  const found: { first: Uid; last: Uid }[] = [];
  for (const uid of uids.toSorted((a, b) => a - b)) {
    const before = found.at(-1);
    if (before && before.last + 1 === uid) before.last = uid;
    else found.push({ first: uid, last: uid });
  }
  return found;
}

function sameFlags(a: FlagSet, b: FlagSet): boolean {
  const names = ({ keywords }: FlagSet) => keywords.map((name) => name.toLowerCase()).sort().join(" ");
  return a.fixed === b.fixed && names(a) === names(b);
}
