/** A file for each message, byte for byte, in a folder for each mailbox; what a file cannot say is in the folder's `index.jsonl`. */
import { makePrivateFolder, replaceFile } from "../files.ts";
import { piecesOf } from "../lineends.ts";
import { IndexWriter, type MessageEntry, readIndex } from "../messageindex.ts";
import { fileName } from "../names.ts";
import type { Report } from "../source.ts";
import type { ExportedMailbox, ExportedMessage, MailboxWriter, TreeWriter } from "../target.ts";

const RESERVED = /^(?:index\.jsonl|roost-export\.json)$|\.(?:eml|tmp)$/i;

export const emlWriter: TreeWriter = {
  pathOf: (levels) => levels.map((level) => fileName(level, RESERVED)).join("/"),
  open: (root, mailbox, report) => new EmlWriter(root, `${root}/${mailbox.path}`, mailbox, report),
  finish() {},
};

class EmlWriter implements MailboxWriter {
  /** Those in the index: their files are whole. */
  readonly #there: ReadonlySet<string>;
  readonly #index: IndexWriter;

  constructor(root: string, readonly folder: string, readonly mailbox: ExportedMailbox, report: Report) {
    makePrivateFolder(folder);
    const index = readIndex(root, folder, report);
    const files = new Set(Array.from(Deno.readDirSync(folder), ({ name }) => name));
    this.#there = new Set([...index.keys()].filter((name) => files.has(name)));
    this.#index = new IndexWriter(folder);
  }

  #name(uid: number): string {
    return `${this.mailbox.uidValidity}-${String(uid).padStart(10, "0")}.eml`;
  }

  has({ uid }: { uid: number }): boolean {
    return this.#there.has(this.#name(uid));
  }

  write(messages: readonly ExportedMessage[]): void {
    const entries: MessageEntry[] = [];
    for (const { uid, date, flags, content } of messages) {
      const file = this.#name(uid);
      replaceFile(`${this.folder}/${file}`, piecesOf(content), `${this.folder}/.${file}.tmp`, date);
      entries.push({ file, date: isoDate(date), flags: [...flags], exact: true });
    }
    this.#index.add(entries);
  }

  finish(): void {}

  close(): void {
    this.#index[Symbol.dispose]();
  }
}

function isoDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
