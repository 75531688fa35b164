/** The mail of an account as a backup has it. */
import { join } from "node:path";
import type { FlagSet } from "../../flags.ts";
import { type ByteSource, memorySource } from "../../mime/source.ts";
import { Header } from "../../mime/header.ts";
import { firstMessageId } from "../../mime/threading.ts";
import type { MailboxName, SpecialUse } from "../../types.ts";
import { FileSource } from "../content.ts";
import { flagsOf } from "../keywords.ts";
import { mailSnapshot } from "../mailsnapshot.ts";
import { messageIdKey, messageIdKeys } from "../threads.ts";
import type { Snapshot } from "../verifyreport.ts";
import { accountFolder, type AccountManifest } from "./manifest.ts";

const MAILBOXES =
  `SELECT id, name, special_use, EXISTS (SELECT 1 FROM subscription s WHERE s.name = mailbox.name) AS subscribed
  FROM mailbox WHERE removeseq IS NULL ORDER BY name`;
const SUBSCRIPTIONS = "SELECT name FROM subscription";
const KEYWORDS = "SELECT name FROM keyword WHERE mailbox_id = ? ORDER BY number";
const MESSAGES = `SELECT m.uid, m.email_id AS email, m.flags AS word, m.more_keywords AS more, m.internal_date AS date,
    lower(hex(c.sha256)) AS digest
  FROM message m CROSS JOIN content c ON c.email_id = m.email_id WHERE m.mailbox_id = ? ORDER BY m.uid`;
const NAMED = "SELECT email_id AS email FROM thread_key WHERE message_id IN (?, ?)";
const UNPARSED_HEADERS = `SELECT email_id AS email, header.bytes AS header FROM unparsed
  JOIN header USING (email_id)`;
const CONTENT = `SELECT header.bytes AS header, content.bytes, content.file FROM content
  JOIN header ON header.email_id = content.email_id WHERE content.email_id = ?`;

export interface SavedMailbox {
  readonly id: number;
  readonly name: MailboxName;
  readonly specialUse: readonly SpecialUse[];
  readonly subscribed: boolean;
}

export interface SavedMessage {
  readonly uid: number;
  readonly email: number;
  readonly flags: FlagSet;
  /** Seconds since 1970. */
  readonly internalDate: number;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly digest: string;
}

export class SavedMail implements Disposable {
  readonly #db: Snapshot;
  readonly #content: string;

  /** @param backup its folder */
  constructor(backup: string, { account, database }: AccountManifest) {
    const folder = accountFolder(backup, account);
    this.#db = mailSnapshot(join(folder, database.name));
    this.#content = join(folder, "content");
  }

  mailboxes(): SavedMailbox[] {
    return this.#db.rows<{ id: number; name: MailboxName; special_use: string; subscribed: number }>(MAILBOXES)
      .map(({ id, name, special_use, subscribed }) => ({
        id,
        name,
        specialUse: (special_use === "" ? [] : special_use.split(" ")) as SpecialUse[],
        subscribed: subscribed === 1,
      }));
  }

  subscriptions(): MailboxName[] {
    return this.#db.rows<{ name: MailboxName }>(SUBSCRIPTIONS).map(({ name }) => name);
  }

  messages(mailbox: number): SavedMessage[] {
    const keywords = this.#db.rows<{ name: string }>(KEYWORDS, mailbox).map(({ name }) => name);
    type Row = { uid: number; email: number; word: number; more: string | null; date: number; digest: string };
    return this.#db.rows<Row>(MESSAGES, mailbox).map(({ uid, email, word, more, date, digest }) => ({
      uid,
      email,
      flags: flagsOf({ word, more }, keywords),
      internalDate: date,
      digest,
    }));
  }

  /** Emails with this Message-ID, with or without its angle brackets. */
  withMessageId(id: string): ReadonlySet<number> {
    const keys = messageIdKeys(id);
    const emails = new Set(this.#db.rows<{ email: number }>(NAMED, ...keys).map(({ email }) => email));
    for (const { email, header } of this.#db.each<{ email: number; header: Uint8Array }>(UNPARSED_HEADERS)) {
      const named = firstMessageId(new Header(header).get("message-id"));
      if (named !== null && keys.includes(messageIdKey(named))) emails.add(email);
    }
    return emails;
  }

  /** A message's bytes; the caller closes them. undefined: the backup does not have them */
  open(email: number): (ByteSource & Disposable) | undefined {
    const row = this.#db.row<{ header: Uint8Array; bytes: Uint8Array | null; file: string | null }>(CONTENT, email);
    if (!row) return undefined;
    const { header, bytes, file } = row;
    if (file !== null) {
      try {
        return FileSource.open(join(this.#content, file), () => {});
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return undefined;
        throw error;
      }
    }
    const all = new Uint8Array(header.length + (bytes?.length ?? 0));
    all.set(header);
    if (bytes) all.set(bytes, header.length);
    return { ...memorySource(all), [Symbol.dispose]() {} };
  }

  [Symbol.dispose](): void {
    this.#db[Symbol.dispose]();
  }
}
