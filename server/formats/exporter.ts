/** Writes an account's mail into files. What an earlier export to the same place wrote stays; only what is missing is added. */
import type { Mailbox, MailStore } from "../../store/store.ts";
import { type MailboxId, MAX_UID, type ModSeq, type Uid } from "../../store/types.ts";
import { flagNames } from "../imap/flags.ts";
import { memorySource } from "../../store/mime/source.ts";
import { makePrivateFolder, realRoot } from "./files.ts";
import { writeManifest } from "./manifest.ts";
import type { Report } from "./source.ts";
import type { ExportedMessage, MailboxWriter, TreeWriter } from "./target.ts";

const NEVER = Number.MAX_SAFE_INTEGER as ModSeq;
const EVERYTHING = [{ first: 1 as Uid, last: MAX_UID }];

export interface ExportReport extends Report {
  /** @param messages looked at, and of these written, since the last call */
  progress(messages: number, written: number): void;
}

export interface Exported {
  readonly mailboxes: number;
  readonly written: number;
  /** An earlier export wrote them. */
  readonly present: number;
}

/** How many messages there are. */
export async function countMessages(mail: MailStore): Promise<number> {
  return [...(await mail.statuses()).values()].reduce((sum, { messages }) => sum + messages, 0);
}

/** @throws what writing files throws */
export async function exportMail(
  mail: MailStore,
  path: string,
  tree: TreeWriter,
  report: ExportReport,
): Promise<Exported> {
  makePrivateFolder(path);
  const root = realRoot(path);
  const mailboxes = (await mail.mailboxes()).toSorted((a, b) => a.name < b.name ? -1 : 1);
  const paths = new Map(mailboxes.map((mailbox) => [mailbox, tree.pathOf(mailbox.name.split("/"))]));
  const subscriptions = (await mail.subscriptions()).sort();
  const entries = [...paths].map(([{ name, specialUse }, path]) => ({ name, path, specialUse: [...specialUse] }));
  writeManifest(root, { mailboxes: entries, subscriptions }, report);
  let written = 0;
  let present = 0;
  for (const [mailbox, path] of paths) {
    const counted = await exportMailbox(mail, mailbox, root, path, tree, report);
    written += counted.written;
    present += counted.present;
  }
  tree.finish(root, subscriptions);
  return { mailboxes: mailboxes.length, written, present };
}

async function exportMailbox(
  mail: MailStore,
  mailbox: Mailbox,
  root: string,
  path: string,
  tree: TreeWriter,
  report: ExportReport,
): Promise<{ written: number; present: number }> {
  const { id, name, uidValidity } = mailbox;
  const index = await mail.index(id);
  const { uidNext, keywords } = index;
  // Those that have a bit of their own elsewhere, too, are keywords to others.
  const all = ["$Forwarded", "$MDNSent", "$Junk", "$NotJunk", "$Phishing", ...keywords];
  const writer = tree.open(root, { name, path, uidValidity, uidNext, keywords: all }, report);
  let written = 0;
  let present = 0;
  const columns = ["uid", "flagWord", "moreKeywords", "internalDate"] as const;
  try {
    for await (const rows of mail.read(id, EVERYTHING, columns, NEVER)) {
      const missing = new Map<Uid, Omit<ExportedMessage, "content">>();
      for (const [uid, word, more, date] of rows) {
        const message = { uid, date, flags: flagNames(index, word, more) };
        if (!writer.has(message)) missing.set(uid, message);
      }
      await writeMissing(mail, id, missing, writer);
      written += missing.size;
      present += rows.length - missing.size;
      report.progress(rows.length, missing.size);
    }
    writer.finish();
  } finally {
    writer.close();
  }
  return { written, present };
}

async function writeMissing(
  mail: MailStore,
  id: MailboxId,
  missing: ReadonlyMap<Uid, Omit<ExportedMessage, "content">>,
  writer: MailboxWriter,
): Promise<void> {
  const uids = [...missing.keys()].map((uid) => ({ first: uid, last: uid }));
  for await (const rows of mail.read(id, uids, ["uid", "inlineContent", "emailId"], NEVER)) {
    let small: ExportedMessage[] = [];
    for (const [uid, bytes, email] of rows) {
      const message = missing.get(uid);
      if (!message) continue;
      if (bytes) {
        small.push({ ...message, content: memorySource(bytes) });
        continue;
      }
      writer.write(small);
      small = [];
      using content = await mail.content(email);
      if (content) writer.write([{ ...message, content }]);
    }
    writer.write(small);
  }
}
