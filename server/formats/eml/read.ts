/** Files of one message each: one, or folders of them, which are mailboxes. */
import { relative } from "node:path";
import { Header } from "../../../store/mime/header.ts";
import { reason } from "../../reason.ts";
import { listFolder, openInside, readPieces, readRange, realRoot } from "../files.ts";
import { CrlfMaker } from "../lineends.ts";
import { subscriptionsOf } from "../maildir/read.ts";
import { manifestEntries, readManifest } from "../manifest.ts";
import { INDEX_FILE, type MessageIndex, readIndex } from "../messageindex.ts";
import { arrival, stateOf } from "../metadata.ts";
import { fileText } from "../names.ts";
import { type MailSource, READ_AT_ONCE, type Report, type SourceMailbox, type SourceMessage } from "../source.ts";

const EML = /\.eml$/i;
/** What may lie beside them. */
const IGNORED = /^\.|^roost-export\.json$|\.tmp$/;
const DEEPEST = 100;
const byNumber = new Intl.Collator("en", { numeric: true });

interface Folder {
  readonly path: string;
  readonly levels: readonly string[];
  readonly files: readonly string[];
}

export function readEml(path: string, report: Report): MailSource {
  const root = realRoot(path);
  if (Deno.statSync(root).isFile) {
    const mailbox: SourceMailbox = {
      place: root,
      levels: ["INBOX"],
      messages: (report) => messages(root, root, [""], new Map(), report),
    };
    return { mailboxes: [mailbox], total: 1 };
  }
  const folders = foldersOf(root, report);
  const manifest = readManifest(root, report);
  const entries = manifestEntries(manifest);
  const mailboxes = folders.map(({ path, levels, files }): SourceMailbox => {
    const known = entries.get(relative(root, path));
    return {
      place: path,
      levels: known?.name.split("/") ?? (levels.length === 0 ? ["INBOX"] : levels),
      specialUse: known?.specialUse ?? (manifest ? [] : undefined),
      *messages(report) {
        const index = readIndex(root, path, report);
        yield* messages(root, path, inOrder(files, index).map((name) => `/${name}`), index, report);
      },
    };
  });
  return {
    mailboxes: mailboxes.sort((a, b) => a.levels.length - b.levels.length),
    subscriptions: subscriptionsOf(manifest),
    total: folders.reduce((sum, { files }) => sum + files.length, 0),
  };
}

/** All folders but a top without messages. */
function foldersOf(root: string, report: Report): Folder[] {
  const found: Folder[] = [];
  const walk = (path: string, levels: readonly string[]): void => {
    if (levels.length > DEEPEST) return report.skipped(path, "folders are too deep in each other");
    const { files, folders } = listFolder(path, report);
    const mails = files.filter((name) => EML.test(name) && !name.startsWith("."));
    for (const name of files) {
      if (!EML.test(name) && name !== INDEX_FILE && !IGNORED.test(name)) {
        report.skipped(`${path}/${name}`, "not a .eml file");
      }
    }
    if (levels.length > 0 || mails.length > 0) found.push({ path, levels, files: mails });
    for (const name of folders) if (!name.startsWith(".")) walk(`${path}/${name}`, [...levels, fileText(name)]);
  };
  walk(root, []);
  return found;
}

function inOrder(files: readonly string[], index: MessageIndex): string[] {
  const order = new Map([...index.keys()].map((name, at) => [name, at]));
  const position = (name: string) => order.get(name) ?? Infinity;
  return [...files].sort((a, b) => {
    const [first, second] = [position(a), position(b)];
    return first === second ? byNumber.compare(a, b) : first < second ? -1 : 1;
  });
}

function* messages(
  root: string,
  folder: string,
  names: readonly string[],
  index: MessageIndex,
  report: Report,
): Iterable<SourceMessage> {
  for (const name of names) {
    const path = `${folder}${name}`;
    try {
      yield readMessage(root, path, index.get(name.slice(1)));
    } catch (error) {
      report.skipped(path, reason(error));
    }
  }
}

function readMessage(root: string, path: string, entry: ReturnType<MessageIndex["get"]>): SourceMessage {
  using opened = openInside(root, path);
  const { size, modified } = opened;
  const head = readRange(opened.file, 0, Math.min(size, READ_AT_ONCE));
  const header = new Header(head);
  const date = entry?.date === undefined ? undefined : Date.parse(entry.date) / 1000;
  return {
    place: path,
    size,
    work: 1,
    flags: entry?.flags ?? stateOf(header).flags,
    date: date ?? arrival(header) ?? modified,
    *content() {
      const lineEnds = new CrlfMaker();
      const right = (piece: Uint8Array) => entry?.exact ? piece : lineEnds.convert(piece);
      yield right(head);
      if (size === head.length) return;
      using again = openInside(root, path);
      for (const piece of readPieces(again.file, head.length, size)) yield right(piece);
    },
  };
}
