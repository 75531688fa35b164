/**
 * `index.jsonl` in an exported folder: a line of JSON for each message whose file cannot say all of it. Lines are only added; one
 * that a killed export left half is dropped.
 */
import { z } from "zod";
import { readSmall, writeAll } from "./files.ts";
import type { Report } from "./source.ts";

export const INDEX_FILE = "index.jsonl";

const schema = z.object({
  file: z.string().min(1),
  /** System flags and keywords; in a Maildir only what the file's name does not say. */
  flags: z.array(z.string()).default([]),
  /** ISO 8601; without one the file's. */
  date: z.iso.datetime().optional(),
  /** The bytes are as they were kept; otherwise line ends are LF in the file. */
  exact: z.boolean().default(false),
});

export type MessageEntry = z.input<typeof schema>;

export type MessageIndex = ReadonlyMap<string, z.output<typeof schema>>;

export function readIndex(root: string, folder: string, report: Report): MessageIndex {
  const index = new Map<string, z.output<typeof schema>>();
  const path = `${folder}/${INDEX_FILE}`;
  const text = readSmall(root, path, report, 1024 * 1024 * 1024) ?? "";
  let line = 0;
  for (let at = 0; at < text.length;) {
    const end = text.indexOf("\n", at);
    if (end < 0) break;
    line++;
    try {
      const entry = schema.parse(JSON.parse(text.slice(at, end)));
      index.set(entry.file, entry);
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
      report.skipped(`${path}, line ${line}`, "it is not what an export writes");
    }
    at = end + 1;
  }
  return index;
}

const LF = 10;

/** Adds lines. */
export class IndexWriter implements Disposable {
  readonly #path: string;
  #file: Deno.FsFile | undefined;

  constructor(folder: string) {
    this.#path = `${folder}/${INDEX_FILE}`;
  }

  add(entries: readonly MessageEntry[]): void {
    if (entries.length === 0) return;
    this.#file ??= this.#open();
    writeAll(this.#file, new TextEncoder().encode(entries.map((entry) => `${JSON.stringify(entry)}\n`).join("")));
  }

  /** Cuts off half a line. */
  #open(): Deno.FsFile {
    const file = Deno.openSync(this.#path, { read: true, write: true, create: true, mode: 0o600 });
    let end = file.statSync().size;
    const byte = new Uint8Array(1);
    for (; end > 0; end--) {
      file.seekSync(end - 1, Deno.SeekMode.Start);
      if (file.readSync(byte) === 1 && byte[0] === LF) break;
    }
    file.truncateSync(end);
    file.seekSync(end, Deno.SeekMode.Start);
    return file;
  }

  [Symbol.dispose](): void {
    this.#file?.close();
  }
}
