/**
 * Maildirs: one, a Maildir++ tree (`.Sub.Folder` beside the inbox's cur, new and tmp; Dovecot, Courier), or folders in folders
 * (Dovecot's LAYOUT=fs).
 */
import { relative } from "node:path";
import { reason } from "../../reason.ts";
import { isFolder, listFolder, openInside, readPieces, readRange, realRoot } from "../files.ts";
import { CrlfMaker } from "../lineends.ts";
import { type Manifest, manifestEntries, readManifest } from "../manifest.ts";
import { type MessageIndex, readIndex } from "../messageindex.ts";
import { folderText } from "../names.ts";
import {
  type MailSource,
  READ_AT_ONCE,
  type Report,
  SourceError,
  type SourceMailbox,
  type SourceMessage,
} from "../source.ts";
import { readSubscriptions } from "../subscriptions.ts";
import { flagsOf, parseFileName, readKeywords } from "./flags.ts";
import { inOrder, readUids } from "./uidlist.ts";

/** Folders in folders deeper than this are not looked at. */
const DEEPEST = 100;

interface Folder {
  readonly path: string;
  readonly levels: readonly string[];
}

/** @throws {SourceError} there is no Maildir */
export function readMaildir(path: string, report: Report): MailSource {
  const root = realRoot(path);
  const folders = foldersOf(root, report);
  if (folders.length === 0) {
    throw new SourceError(`${path} is no Maildir: it has no cur or new, nor has a folder in it`);
  }
  const manifest = readManifest(root, report);
  const entries = manifestEntries(manifest);
  const mailboxes = folders.map(({ path, levels }): SourceMailbox => {
    const known = entries.get(relative(root, path) || ".");
    return {
      place: path,
      levels: known?.name.split("/") ?? levels,
      specialUse: known?.specialUse ?? (manifest ? [] : undefined),
      messages: (report) => messages(root, path, report),
    };
  });
  return {
    mailboxes: mailboxes.sort((a, b) => a.levels.length - b.levels.length),
    subscriptions: subscriptionsOf(manifest) ?? readSubscriptions(root, ".", report),
    total: folders.reduce((sum, { path }) => sum + count(path), 0),
  };
}

export function subscriptionsOf(manifest: Manifest | undefined): string[][] | undefined {
  return manifest?.subscriptions.map((name) => name.split("/"));
}

function foldersOf(root: string, report: Report): Folder[] {
  const folders: Folder[] = [];
  if (isMaildir(root)) folders.push({ path: root, levels: ["INBOX"] });
  for (const name of listFolder(root, report).folders) {
    const path = `${root}/${name}`;
    if (!name.startsWith(".")) below(path, [folderText(name)]);
    else if (isMaildir(path)) folders.push({ path, levels: name.slice(1).split(".").map(folderText) });
  }
  return folders;

  function below(path: string, levels: readonly string[]): void {
    if (["cur", "new", "tmp"].includes(levels[levels.length - 1])) return;
    if (levels.length > DEEPEST) return report.skipped(path, "folders are too deep in each other");
    if (isMaildir(path)) folders.push({ path, levels });
    for (const name of listFolder(path, report).folders) {
      if (!name.startsWith(".")) below(`${path}/${name}`, [...levels, folderText(name)]);
    }
  }
}

function isMaildir(path: string): boolean {
  return isFolder(`${path}/cur`) || isFolder(`${path}/new`);
}

function count(path: string): number {
  let files = 0;
  for (const part of ["cur", "new"]) {
    try {
      for (const _ of Deno.readDirSync(`${path}/${part}`)) files++;
    } catch {
      // It is told when it is read.
    }
  }
  return files;
}

interface MessageFile {
  readonly part: string;
  readonly name: string;
  readonly base: string;
  readonly letters: string;
}

function listMessages(folder: string, report: Report): MessageFile[] {
  return ["cur", "new"].flatMap((part) => {
    if (!isFolder(`${folder}/${part}`)) return [];
    const { files, folders } = listFolder(`${folder}/${part}`, report);
    for (const name of folders) report.skipped(`${folder}/${part}/${name}`, "a folder where messages are");
    return files.filter((name) => !name.startsWith(".")).map((name) => ({ part, name, ...parseFileName(name) }));
  });
}

function* messages(root: string, folder: string, report: Report): Iterable<SourceMessage> {
  const keywords = readKeywords(root, folder, report);
  const index = readIndex(root, folder, report);
  const found = inOrder(listMessages(folder, report), readUids(root, folder, report));
  const moved = new Moved(folder);
  for (const listed of found) {
    let path = `${folder}/${listed.part}/${listed.name}`;
    let file = listed;
    try {
      try {
        yield readMessage(root, path, file, keywords, index, report);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        // A mail program changed its flags since: the name is another one.
        file = moved.find(listed.base) ?? listed;
        path = `${folder}/${file.part}/${file.name}`;
        yield readMessage(root, path, file, keywords, index, report);
      }
    } catch (error) {
      report.skipped(path, reason(error));
    }
  }
}

function readMessage(
  root: string,
  path: string,
  { base, letters }: MessageFile,
  keywords: readonly (string | undefined)[],
  index: MessageIndex,
  report: Report,
): SourceMessage {
  using opened = openInside(root, path);
  const { size, modified } = opened;
  const entry = index.get(base);
  const bytes = size <= READ_AT_ONCE ? readRange(opened.file, 0, size) : undefined;
  const unknown = (letter: string) => report.noted(path, `its flag "${letter}" has no meaning and is left out`);
  return {
    place: path,
    size,
    work: 1,
    flags: [...flagsOf(letters, keywords, unknown), ...entry?.flags ?? []],
    date: modified,
    *content() {
      const lineEnds = new CrlfMaker();
      const right = (piece: Uint8Array) => entry?.exact ? piece : lineEnds.convert(piece);
      if (bytes) return yield right(bytes);
      using again = openInside(root, path);
      for (const piece of readPieces(again.file, 0, size)) yield right(piece);
    },
  };
}

const TOLD_BEFORE: Report = { skipped() {}, noted() {} };

/** Finds files that were renamed since their folder was listed. */
class Moved {
  /** A folder that changes all the time is not listed without end. */
  #listings = 100;
  #byBase = new Map<string, MessageFile>();

  constructor(readonly folder: string) {}

  find(base: string): MessageFile | undefined {
    if (!this.#has(base) && this.#listings-- > 0) {
      this.#byBase = new Map(listMessages(this.folder, TOLD_BEFORE).map((file) => [file.base, file]));
    }
    return this.#byBase.get(base);
  }

  #has(base: string): boolean {
    const file = this.#byBase.get(base);
    if (!file) return false;
    try {
      return Deno.lstatSync(`${this.folder}/${file.part}/${file.name}`).isFile;
    } catch {
      return false;
    }
  }
}
