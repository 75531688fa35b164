/** mbox files (mboxrd), in folders as Thunderbird has them: what is below `X` is in `X.sbd`. */
import { makePrivateFolder, readRange, replaceFile, writeAll } from "../files.ts";
import { dirname } from "node:path";
import { lfLines, lfPieces, piecesOf } from "../lineends.ts";
import { fileName } from "../names.ts";
import { SourceError } from "../source.ts";
import { subscriptionsText } from "../subscriptions.ts";
import type { ExportedMailbox, ExportedMessage, MailboxWriter, TreeWriter } from "../target.ts";
import { fromLine } from "./fromline.ts";
import { marksText } from "./marks.ts";
import { type MboxMessage, readMessage } from "./message.ts";
import { quoted } from "./quoting.ts";
import { MboxScanner } from "./scan.ts";

const LF = 10;
const RESERVED =
  /^(?:subscriptions|roost-export\.json)$|\.(?:sbd|mbox|msf|dat|jsonl?|html?|lock|cache|index|log|tmp)$/i;
const encoder = new TextEncoder();

export const mboxWriter: TreeWriter = {
  pathOf(levels) {
    const names = levels.map((level) => fileName(level, RESERVED));
    return names.map((name, at) => at < names.length - 1 ? `${name}.sbd` : name).join("/");
  },
  open: (root, mailbox) => new MboxWriter(`${root}/${mailbox.path}`, mailbox),
  finish(root, subscriptions) {
    const level = (text: string) => fileName(text, RESERVED);
    replaceFile(`${root}/.subscriptions`, encoder.encode(subscriptionsText(subscriptions, level)));
  },
};

class MboxWriter implements MailboxWriter {
  readonly #file: Deno.FsFile;
  readonly #there = new Set<string>();
  /** The empty line behind the last message is missing. */
  #unseparated = false;

  constructor(readonly path: string, readonly mailbox: ExportedMailbox) {
    makePrivateFolder(dirname(path));
    this.#file = Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 });
    try {
      this.#file.truncateSync(this.#wholeMessages());
      this.#file.seekSync(0, Deno.SeekMode.End);
      if (this.#unseparated) writeAll(this.#file, encoder.encode("\n"));
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  /** Finds what is there. @returns where it ends: a message that a killed export left half is written anew */
  #wholeMessages(): number {
    const { size } = this.#file.statSync();
    const bytes = { size, read: (start: number, end: number) => readRange(this.#file, start, end) };
    const scanner = new MboxScanner(bytes);
    let found = false;
    let broken: number | undefined;
    for (const extent of scanner.extents()) {
      const message = readMessage(bytes, this.path, extent, scanner.terminator, 0);
      const id = message?.marks?.id;
      broken = message && isWhole(message) ? undefined : extent.from;
      if (id !== undefined && broken === undefined) this.#there.add(id);
      this.#unseparated = broken === undefined && extent.end === size;
      found = true;
    }
    if (!found && isCutFromLine(bytes.read(0, Math.min(size, LONGEST_FROM_LINE + 1)))) return 0;
    if (size > 0 && !found) throw new SourceError(`${this.path} is there and is no mbox`);
    return broken ?? size;
  }

  #id(uid: number): string {
    return `${this.mailbox.uidValidity}.${uid}`;
  }

  has({ uid }: { uid: number }): boolean {
    return this.#there.has(this.#id(uid));
  }

  write(messages: readonly ExportedMessage[]): void {
    let pieces: Uint8Array[] = [];
    let waiting = 0;
    const flush = () => {
      writeAll(this.#file, concat(pieces, waiting));
      pieces = [];
      waiting = 0;
    };
    for (const message of messages) {
      for (const piece of this.#lines(message)) {
        pieces.push(piece);
        waiting += piece.length;
        if (waiting >= FLUSH_BYTES) flush();
      }
    }
    flush();
  }

  *#lines({ uid, date, flags, content }: ExportedMessage): Iterable<Uint8Array> {
    const lf = lfLines(content) !== undefined;
    const open = content.size === 0 || content.read(content.size - 1, content.size)[0] !== LF;
    const marks = marksText({ id: this.#id(uid), size: content.size, lf, open, flags });
    yield encoder.encode(fromLine(date) + marks);
    yield* quoted(lf ? lfPieces(content) : piecesOf(content));
    yield encoder.encode(open ? "\n\n" : "\n");
  }

  finish(): void {}

  close(): void {
    this.#file.close();
  }
}

/** Bytes of `From MAILER-DAEMON `, and of the line with its date, at most. */
const FROM_SENDER = 19;
const LONGEST_FROM_LINE = 50;

/** The first line of an export and no more. */
function isCutFromLine(bytes: Uint8Array): boolean {
  const begin = encoder.encode(fromLine(0)).subarray(0, FROM_SENDER);
  return bytes.length <= LONGEST_FROM_LINE && bytes.every((byte, at) => at >= begin.length || byte === begin[at]);
}

function isWhole(message: MboxMessage): boolean {
  try {
    for (const _ of message.content()) {
      // Reading it is what finds the fault.
    }
    return message.size > 0;
  } catch (error) {
    if (error instanceof SourceError) return false;
    throw error;
  }
}

/** Written at once. */
const FLUSH_BYTES = 256 * 1024;

function concat(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const result = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    result.set(piece, at);
    at += piece.length;
  }
  return result;
}
