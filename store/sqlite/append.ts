/**
 * APPEND: the bytes, where they are many, are put into files before the transaction; it writes rows only. What is made of the bytes
 * is made later (parsing.ts), so that who brings mail does not wait for it.
 */
import type { FlagSet } from "../flags.ts";
import { headerSize } from "../mime/parser.ts";
import type { Appended, ImportedMessage, NewMessage } from "../store.ts";
import type { MailboxId, MailboxName } from "../types.ts";
import type { RestoredPlace } from "../upkeep.ts";
import { ContentDraft } from "./content.ts";
import { knownAlready } from "./judged.ts";
import { KeywordNumbers, type StoredFlags } from "./keywords.ts";
import { addMessage } from "./messages.ts";
import { checkQuota, type Quota } from "./quota.ts";
import { asMailbox } from "./rows.ts";
import { sql } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const ADD_HEADER = sql("INSERT INTO header (email_id, structure, bytes) VALUES (?, x'', ?)");
const ADD_CONTENT = sql("INSERT INTO content (email_id, sha256, file, bytes) VALUES (?, ?, ?, ?)");
const ADD_UNPARSED = sql("INSERT INTO unparsed (email_id) VALUES (?)");

/** A message that is ready to be written. */
export interface PreparedMessage<Message extends Pick<NewMessage, "draft"> = NewMessage> {
  readonly message: Message;
  readonly draft: ContentDraft;
  readonly header: Uint8Array;
  /** The bytes after the header, or the name of the file that holds all. */
  readonly content: Uint8Array | string;
  /** SHA-256 of all bytes. */
  readonly digest: Uint8Array;
}

/** Finds the header and puts large content in their place, the account's content folder. @throws {StoreError} diskfull */
export async function prepareMessage<Message extends Pick<NewMessage, "draft">>(
  message: Message,
  folder: string,
): Promise<PreparedMessage<Message>> {
  const { draft } = message;
  if (!(draft instanceof ContentDraft) || draft.folder !== folder) {
    throw new TypeError("the draft is of another account");
  }
  const source = draft.source();
  const size = headerSize(source);
  const header = source.read(0, size);
  const content = draft.bytes?.subarray(size) ?? await draft.keep();
  if (content === undefined) throw new Error("the draft holds no bytes");
  return { message, draft, header, content, digest: draft.digest() };
}

/** All or nothing. @throws {StoreError} nonexistent, overquota, limit */
export function appendMessages(
  tx: Transaction,
  name: MailboxName,
  messages: readonly PreparedMessage[],
  quota: Quota,
): Appended {
  const mailbox = tx.named(name);
  checkQuota(tx.account, quota, messages.length, messages.reduce((sum, { draft }) => sum + draft.size, 0));
  let keywords: KeywordNumbers | undefined;
  const uids = messages.map((prepared) => {
    const { flags, internalDate } = prepared.message;
    const stored = storedFlags(flags, () => keywords ??= new KeywordNumbers(tx, mailbox));
    return addMessage(tx, tx.change(mailbox), {
      emailId: addEmail(tx, prepared),
      internalDate: internalDate ?? tx.now,
      size: prepared.draft.size,
      ...stored,
    });
  });
  return { mailbox: asMailbox(mailbox), uids, modseq: tx.modseq };
}

/** Flags as a message row keeps them; asks for the mailbox's keywords only where there are any. */
export function storedFlags(flags: FlagSet, keywords: () => KeywordNumbers): StoredFlags {
  return flags.keywords.length === 0 ? { word: flags.fixed, more: null } : keywords().flags(flags, true);
}

/** Each message into all of its mailboxes, whatever the quota. All or nothing. @throws {StoreError} nonexistent, limit */
export function importMessages(tx: Transaction, messages: readonly PreparedMessage<ImportedMessage>[]): void {
  placeMessages(
    tx,
    messages,
    ({ flags, internalDate, mailboxes }) => mailboxes.map((mailbox) => ({ mailbox, flags, internalDate })),
  );
}

/** The same, where flags and dates differ between the mailboxes. */
export function placeMessages<Message extends Pick<NewMessage, "draft">>(
  tx: Transaction,
  messages: readonly PreparedMessage<Message>[],
  placesOf: (message: Message) => readonly RestoredPlace[],
): void {
  const keywords = new Map<MailboxId, KeywordNumbers>();
  for (const prepared of messages) {
    const emailId = addEmail(tx, prepared);
    for (const { mailbox: name, flags, internalDate } of placesOf(prepared.message)) {
      const mailbox = tx.named(name);
      const stored = storedFlags(flags, () => {
        let numbers = keywords.get(mailbox.id);
        if (!numbers) keywords.set(mailbox.id, numbers = new KeywordNumbers(tx, mailbox));
        return numbers;
      });
      addMessage(tx, tx.change(mailbox), { emailId, internalDate, size: prepared.draft.size, ...stored });
      knownAlready(tx, mailbox, emailId, stored.word);
    }
  }
}

/** Writes what was prepared. @param id its number, where it has one. @returns the email's number */
export function addEmail(
  tx: Transaction,
  { header, content, digest }: Omit<PreparedMessage, "message" | "draft">,
  id: number = tx.nextEmailId(),
): number {
  const { db } = tx;
  db.run(ADD_HEADER, id, header);
  if (typeof content === "string") db.run(ADD_CONTENT, id, digest, content, null);
  else {
    tx.newBytes += content.length;
    db.run(ADD_CONTENT, id, digest, null, content);
  }
  db.run(ADD_UNPARSED, id);
  return id;
}
