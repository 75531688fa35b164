/** The order of a Maildir's messages: the UIDs that Dovecot or Courier gave them. */
import { readSmall } from "../files.ts";
import type { Report } from "../source.ts";
import { parseFileName } from "./flags.ts";

export const UIDLIST_FILE = "dovecot-uidlist";
const FILES = [UIDLIST_FILE, "courierimapuiddb"];

/** UIDs by the part of the file's name before its flags. */
export function readUids(root: string, folder: string, report: Report): ReadonlyMap<string, number> {
  const uids = new Map<string, number>();
  for (const file of FILES) {
    const text = readSmall(root, `${folder}/${file}`, report, 1024 * 1024 * 1024);
    if (text === undefined) continue;
    // The first line tells of the folder.
    for (let at = text.indexOf("\n") + 1; at > 0 && at < text.length;) {
      const end = text.indexOf("\n", at);
      const line = text.slice(at, end < 0 ? text.length : end);
      const match = /^(\d{1,10}) (?:[^:]{0,1000}:)?(.+)$/.exec(line);
      if (match) uids.set(baseName(match[2]), Number(match[1]));
      at = end < 0 ? text.length : end + 1;
    }
    break;
  }
  return uids;
}

/** What stays the same of a file's name: programs add sizes behind a comma. */
export function baseName(name: string): string {
  return parseFileName(name).base.split(",", 1)[0];
}

/** In the order of UIDs; those without one last, in the order of their delivery. */
export function inOrder<T extends { readonly base: string }>(files: T[], uids: ReadonlyMap<string, number>): T[] {
  const keyed = files.map((file) => ({
    file,
    uid: uids.get(file.base.split(",", 1)[0]) ?? Infinity,
    time: Number(/^-?\d{1,15}/.exec(file.base)?.[0] ?? 0),
  }));
  keyed.sort((a, b) =>
    a.uid === b.uid ? a.time - b.time || (a.file.base < b.file.base ? -1 : 1) : a.uid < b.uid ? -1 : 1
  );
  return keyed.map(({ file }) => file);
}
