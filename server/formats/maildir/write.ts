/**
 * A Maildir++ tree that Dovecot can serve as it is: keywords, subscriptions and UIDs are in its files. What has no place in those is in
 * `index.jsonl` of each folder and in the manifest.
 */
import { encodeUtf7 } from "../../imap/wire/utf7.ts";
import { makePrivateFolder, replaceFile, writeFile } from "../files.ts";
import { lfLines, lfPieces, piecesOf } from "../lineends.ts";
import { IndexWriter } from "../messageindex.ts";
import { folderLevel, folderName } from "../names.ts";
import { subscriptionsText } from "../subscriptions.ts";
import type { ExportedMailbox, ExportedMessage, MailboxWriter, TreeWriter } from "../target.ts";
import { KEYWORDS_FILE, keywordsText, lettersOf, MOST_KEYWORDS, parseFileName, readKeywords } from "./flags.ts";
import { UIDLIST_FILE } from "./uidlist.ts";

const encoder = new TextEncoder();

export const maildirWriter: TreeWriter = {
  pathOf: (levels) => levels.length === 1 && levels[0] === "INBOX" ? "." : folderName(`.${folderPart(levels)}`),
  open(root, mailbox, report) {
    const folder = mailbox.path === "." ? root : `${root}/${mailbox.path}`;
    for (const part of ["cur", "new", "tmp"]) makePrivateFolder(`${folder}/${part}`);
    return new MaildirWriter(folder, mailbox, readKeywords(root, folder, report));
  },
  finish(root, subscriptions) {
    replaceFile(
      `${root}/subscriptions`,
      encoder.encode(subscriptionsText(subscriptions, (level) => encodeUtf7(folderLevel(level)))),
    );
  },
};

function folderPart(levels: readonly string[]): string {
  return levels.map((level) => encodeUtf7(folderLevel(level))).join(".");
}

class MaildirWriter implements MailboxWriter {
  /** Names of files that are there, by the part before the first comma. */
  readonly #there = new Map<string, string>();
  readonly #keywords: readonly string[];
  readonly #index: IndexWriter;
  /** UID and name of each message that is there in the end. */
  readonly #written: [number, string][] = [];

  /** @param given keywords that have a letter already */
  constructor(readonly folder: string, readonly mailbox: ExportedMailbox, given: readonly (string | undefined)[]) {
    if (mailbox.path !== ".") writeFile(`${folder}/maildirfolder`, new Uint8Array());
    for (const part of ["cur", "new"]) {
      for (const { name } of Deno.readDirSync(`${folder}/${part}`)) {
        const { base } = parseFileName(name);
        this.#there.set(base.split(",", 1)[0], base);
      }
    }
    this.#keywords = this.#chooseKeywords(given);
    this.#index = new IndexWriter(folder);
  }

  /** The first 26 keywords; letters that are given keep their meaning. */
  #chooseKeywords(given: readonly (string | undefined)[]): string[] {
    const keywords = Array.from(given, (name, number) => name ?? `unknown-${number}`);
    for (const name of this.mailbox.keywords) {
      if (keywords.length < MOST_KEYWORDS && !keywords.includes(name)) keywords.push(name);
    }
    if (keywords.length > 0) replaceFile(`${this.folder}/${KEYWORDS_FILE}`, encoder.encode(keywordsText(keywords)));
    return keywords;
  }

  has({ uid, date }: ExportedMessage): boolean {
    const there = this.#there.get(this.#unique(uid, date));
    if (there !== undefined) this.#written.push([uid, there]);
    return there !== undefined;
  }

  #unique(uid: number, date: number): string {
    return `${date}.V${this.mailbox.uidValidity}U${uid}.roost`;
  }

  write(messages: readonly ExportedMessage[]): void {
    for (const message of messages) {
      const { uid, date, flags, content } = message;
      const { letters, others } = lettersOf(flags, this.#keywords);
      const lines = lfLines(content);
      const exact = lines === undefined;
      const base = `${this.#unique(uid, date)},S=${content.size - (lines ?? 0)},W=${content.size}`;
      // The index first: a message without its entry would be taken for complete by the next run.
      if (others.length > 0 || exact) this.#index.add([{ file: base, flags: others, exact }]);
      const pieces = exact ? piecesOf(content) : lfPieces(content);
      replaceFile(`${this.folder}/cur/${base}:2,${letters}`, pieces, `${this.folder}/tmp/${base}`, date);
      this.#written.push([uid, base]);
    }
  }

  finish(): void {
    const { uidValidity, uidNext } = this.mailbox;
    // Dovecot's third form: UIDVALIDITY and UIDNEXT, then a line for each message.
    const lines = this.#written.sort(([a], [b]) => a - b).map(([uid, base]) => `${uid} :${base}\n`);
    const text = `3 V${uidValidity} N${uidNext}\n${lines.join("")}`;
    replaceFile(`${this.folder}/${UIDLIST_FILE}`, encoder.encode(text));
  }

  close(): void {
    this.#index[Symbol.dispose]();
  }
}
