/** What an export writes: a tree of mailboxes, in one of the formats. */
import type { ByteSource } from "../../store/mime/source.ts";
import type { Report } from "./source.ts";

export interface ExportedMailbox {
  readonly name: string;
  /** Relative to the tree's root; what `pathOf` gave. */
  readonly path: string;
  readonly uidValidity: number;
  readonly uidNext: number;
  /** Names of keywords that messages may have. */
  readonly keywords: readonly string[];
}

export interface ExportedMessage {
  readonly uid: number;
  /** Seconds since 1970. */
  readonly date: number;
  /** System flags and keywords by name. */
  readonly flags: readonly string[];
  readonly content: ByteSource;
}

/** The files of one format. */
export interface TreeWriter {
  /** The file or folder for a mailbox, relative to the root; different for different names. */
  pathOf(levels: readonly string[]): string;
  /** Looks at what is there, and makes what is missing. */
  open(root: string, mailbox: ExportedMailbox, report: Report): MailboxWriter;
  /** After all mailboxes. */
  finish(root: string, subscriptions: readonly string[]): void;
}

export interface MailboxWriter {
  /** Whether an earlier export wrote it. Asked once for each message, in the order of UIDs. */
  has(message: Omit<ExportedMessage, "content">): boolean;
  /** Writes messages that are not there, in the order of UIDs. */
  write(messages: readonly ExportedMessage[]): void;
  /** After the last message. */
  finish(): void;
  /** Closes files, also after a fault. */
  close(): void;
}
