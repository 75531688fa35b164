/** mbox files: one, or a tree of them, as Dovecot, Thunderbird (`X.sbd` beside `X`), Apple Mail (`X.mbox/mbox`) and Google Takeout have it. */
import { relative } from "node:path";
import { reason } from "../../reason.ts";
import { listFolder, type OpenFile, openInside, readRange, realRoot } from "../files.ts";
import { subscriptionsOf } from "../maildir/read.ts";
import { manifestEntries, readManifest } from "../manifest.ts";
import { fileText, folderText } from "../names.ts";
import { type MailSource, type Report, SourceError, type SourceMailbox, type SourceMessage } from "../source.ts";
import { readSubscriptions } from "../subscriptions.ts";
import { readMessage } from "./message.ts";
import { type Bytes, MboxScanner } from "./scan.ts";

/** Files that lie beside mboxes and are none. */
const NO_MBOX = /^\.|^(?:subscriptions|roost-export\.json)$|\.(?:msf|dat|json|jsonl|html?|lock|cache|index|log|tmp)$/i;
const DEEPEST = 100;

interface MboxFile {
  readonly path: string;
  readonly levels: readonly string[];
}

/** @throws {SourceError} there is no file in it */
export function readMbox(path: string, report: Report): MailSource {
  const root = realRoot(path);
  const single = Deno.statSync(root).isFile;
  const files = single ? [{ path: root, levels: ["INBOX"] }] : filesOf(root, report);
  if (files.length === 0) throw new SourceError(`there is no mbox file in ${path}`);
  const manifest = single ? undefined : readManifest(root, report);
  const entries = manifestEntries(manifest);
  const mailboxes = files.map(({ path, levels }): SourceMailbox => {
    const known = entries.get(relative(root, path));
    return {
      place: path,
      levels: known?.name.split("/") ?? levels,
      specialUse: known?.specialUse ?? (manifest ? [] : undefined),
      messages: (report) => messages(root, path, report),
    };
  });
  return {
    mailboxes: mailboxes.sort((a, b) => a.levels.length - b.levels.length),
    subscriptions: subscriptionsOf(manifest) ?? (single ? undefined : readSubscriptions(root, "/", report)),
    total: files.reduce((sum, { path }) => sum + sizeOf(path), 0),
  };
}

function filesOf(root: string, report: Report): MboxFile[] {
  const found: MboxFile[] = [];
  const walk = (folder: string, levels: readonly string[]): void => {
    if (levels.length > DEEPEST) return report.skipped(folder, "folders are too deep in each other");
    const { files, folders } = listFolder(folder, report);
    for (const name of files) {
      if (NO_MBOX.test(name)) continue;
      const package_ = name === "mbox" && /\.mbox$/i.test(folder);
      found.push({ path: `${folder}/${name}`, levels: package_ ? levels : [...levels, level(name, /\.mbox$/i)] });
    }
    for (const name of folders) {
      if (!name.startsWith(".")) walk(`${folder}/${name}`, [...levels, level(name, /\.(?:sbd|mbox)$/i)]);
    }
  };
  walk(root, []);
  return found;
}

function level(name: string, ending: RegExp): string {
  return folderText(fileText(name.replace(ending, "") || name));
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    // It is told when it is read.
    return 0;
  }
}

function* messages(root: string, path: string, report: Report): Iterable<SourceMessage> {
  let opened: OpenFile | undefined;
  try {
    opened = openInside(root, path);
    yield* messagesOf(opened, path, report);
  } catch (error) {
    report.skipped(path, reason(error));
  } finally {
    opened?.[Symbol.dispose]();
  }
}

function* messagesOf({ file, size, modified }: OpenFile, path: string, report: Report): Iterable<SourceMessage> {
  const bytes: Bytes = { size, read: (start, end) => readRange(file, start, end) };
  const scanner = new MboxScanner(bytes);
  let first = true;
  for (const extent of scanner.extents()) {
    if (first && scanner.leading > 0) {
      report.skipped(`${path}, bytes 0 to ${scanner.leading}`, "no From line before them");
    }
    first = false;
    const place = `${path}, byte ${extent.from}`;
    const message = readMessage(bytes, place, extent, scanner.terminator, modified);
    if (!message) continue;
    if (message.guessed) report.noted(place, "its From line has no date; the message's own is taken");
    yield message;
  }
  if (first && size > 0) report.skipped(path, "not an mbox: it has no From line");
  const now = file.statSync();
  if (now.size !== size || Math.floor((now.mtime?.getTime() ?? 0) / 1000) !== modified) {
    report.skipped(path, "it was changed while it was read: run the same command again");
  }
}
