/**
 * Names of mailboxes in other systems: how they are written as file names, and which name they get here. Every name can be imported;
 * what cannot be in a name here is replaced.
 */
import { createHash } from "node:crypto";
import type { MailboxName, SpecialUse } from "../../store/types.ts";
import { mailboxName, MAX_LEVELS, MAX_NAME_BYTES, SEPARATOR } from "../imap/wire/names.ts";
import { encodeUtf8 } from "../imap/wire/text.ts";

// deno-lint-ignore no-control-regex -- what must not be in a name: the separator, C0, DEL, C1, line and paragraph separator
const FORBIDDEN = /[/\x00-\x1f\x7f-\x9f\u2028\u2029]/g;
/** With room for a mailbox that all others are put below. */
const MOST_BYTES = MAX_NAME_BYTES - 20;

/** The name that a mailbox gets here, and whether it is another than it had. */
export function importedName(levels: readonly string[]): { name: MailboxName; changed: boolean } {
  const right = levels.map(importedLevel).filter((level) => level !== "");
  if (right.length > MAX_LEVELS) right.push(right.splice(MAX_LEVELS - 1).join("_"));
  let name = right.length === 0 ? "_" : right.join(SEPARATOR);
  if (encodeUtf8(name.normalize("NFC")).length > MOST_BYTES) name = shortened(name, MOST_BYTES);
  const kept = mailboxName(name);
  return { name: kept, changed: kept.toLowerCase() !== levels.join(SEPARATOR).normalize("NFC").toLowerCase() };
}

function importedLevel(level: string): string {
  const text = level.toWellFormed().replace(FORBIDDEN, "_");
  return text === "." || text === ".." ? text.replaceAll(".", "_") : text;
}

/** Cut to that many bytes, and still another name than any other that is cut. */
function shortened(text: string, bytes: number): string {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  let length = 0;
  let kept = "";
  for (const character of text.normalize("NFC")) {
    length += encodeUtf8(character).length;
    if (length > bytes - 13) break;
    kept += character;
  }
  return `${kept.replace(/\/+$/, "")}~${hash}`;
}

/**
 * A folder's name in a Maildir++ tree as text: modified UTF-7, also as Courier writes it (which encodes `.` and more), UTF-8 where it
 * is none, and `\2e` for what may not be in it, as Dovecot's listescape has it.
 */
export function folderText(name: string): string {
  const text = name.replace(/&([A-Za-z0-9+,]*)-/g, (whole, base64: string) => {
    if (base64 === "") return "&";
    return utf16(base64.replaceAll(",", "/")) ?? whole;
  });
  return text.replace(/\\([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function utf16(base64: string): string | undefined {
  if (base64.length % 4 === 1) return undefined;
  const binary = atob(base64 + "=".repeat((4 - base64.length % 4) % 4));
  if (binary.length < 2) return undefined;
  let text = "";
  for (let at = 0; at + 1 < binary.length; at += 2) {
    text += String.fromCharCode(binary.charCodeAt(at) << 8 | binary.charCodeAt(at + 1));
  }
  return text.isWellFormed() ? text : undefined;
}

/** Longest name of a file or folder that is written; file systems take 255. */
const MOST_FILE_BYTES = 200;

/** A level as a file name: what has a meaning there is written as `%2e`. @param reserved names and endings with one, lower case */
export function fileName(level: string, reserved: RegExp): string {
  let name = level.replaceAll("%", "%25").replace(/^\./, "%2e");
  if (reserved.test(name)) name = name.includes(".") ? name.replace(/\.(?=[^.]*$)/, "%2e") : escapedFirst(name);
  return encodeUtf8(name).length > MOST_FILE_BYTES ? shortened(name, MOST_FILE_BYTES) : name;
}

function escapedFirst(name: string): string {
  return `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`;
}

export function fileText(name: string): string {
  return name.replace(/^%[2-7][0-9a-f]|%25|%2e/g, (escape) => String.fromCharCode(parseInt(escape.slice(1), 16)));
}

/** A level in a Maildir++ folder name: no dot, and no backslash that could be taken for an escape. */
export function folderLevel(level: string): string {
  return level.replace(/\\(?=[0-9a-f]{2})/g, "\\5c").replaceAll(".", "\\2e");
}

/** A Maildir++ folder name that a file system takes. */
export function folderName(name: string): string {
  return encodeUtf8(name).length > MOST_FILE_BYTES ? shortened(name, MOST_FILE_BYTES) : name;
}

/** How mail clients call their special mailboxes; Outlook, Apple Mail, Thunderbird, Gmail in some languages. */
const USUAL_NAMES: readonly (readonly [SpecialUse, readonly string[]])[] = [
  // deno-fmt-ignore
  ["sent", ["sent", "sent items", "sent messages", "sent mail", "sent-mail", "gesendet", "gesendete elemente", "gesendete objekte", "éléments envoyés", "messages envoyés", "enviados", "elementos enviados", "posta inviata", "verzonden items"]],
  ["drafts", ["drafts", "draft", "entwürfe", "brouillons", "borradores", "bozze", "concepten", "rascunhos"]],
  // deno-fmt-ignore
  ["trash", ["trash", "deleted items", "deleted messages", "papierkorb", "gelöschte elemente", "gelöschte objekte", "corbeille", "éléments supprimés", "papelera", "elementos eliminados", "cestino", "verwijderde items", "lixeira"]],
  ["junk", ["junk", "spam", "junk e-mail", "junk email", "junk-e-mail", "bulk mail", "courrier indésirable"]],
  ["archive", ["archive", "archives", "archiv", "archivo", "archivio", "archief"]],
];
const BY_USUAL_NAME = new Map(USUAL_NAMES.flatMap(([use, names]) => names.map((name) => [name, use] as const)));

/** The special use that a name stands for in many mail programs. */
export function usualSpecialUse(levels: readonly string[]): SpecialUse | undefined {
  const below = /^\[(gmail|google mail)\]$/i.test(levels[0]) && levels.length === 2 ? levels[1] : undefined;
  const name = below ?? (levels.length === 1 ? levels[0] : undefined);
  return name === undefined ? undefined : BY_USUAL_NAME.get(name.normalize("NFC").toLowerCase());
}
