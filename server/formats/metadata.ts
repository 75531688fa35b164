/** What mail programs write into a message's own header to remember its state, and what it means here. */
import { decodeHeaderText } from "../../store/mime/words.ts";
import { sentTime } from "../../store/mime/date.ts";
import { Header } from "../../store/mime/header.ts";
import { labelled } from "./gmail.ts";

/** Fields that a program adds to a message that it keeps in an mbox; they are no part of the message. */
export const STATE_FIELDS: ReadonlySet<string> = new Set([
  "status",
  "x-status",
  "x-keywords",
  "x-uid",
  "x-imap",
  "x-imapbase",
  "content-length",
  "x-mozilla-status",
  "x-mozilla-status2",
  "x-mozilla-keys",
  "x-gmail-labels",
  "x-gm-thrid",
]);

export interface State {
  readonly flags: readonly string[];
  /** Set where labels say which mailboxes the message is in. */
  readonly mailboxes?: readonly (readonly string[])[];
}

/** Longest value that is looked at. */
const MOST = 1024 * 1024;

const STATUS: Readonly<Record<string, string>> = { R: "\\Seen", D: "\\Deleted" };
const X_STATUS: Readonly<Record<string, string>> = {
  A: "\\Answered",
  F: "\\Flagged",
  D: "\\Deleted",
  T: "\\Draft",
};

const MOZILLA: readonly (readonly [number, string])[] = [
  [0x0001, "\\Seen"],
  [0x0002, "\\Answered"],
  [0x0004, "\\Flagged"],
  // Thunderbird's "expunged": gone for its user, until the folder is compacted.
  [0x0008, "\\Deleted"],
  [0x1000, "$Forwarded"],
];

/** The state that a header tells: mbox `Status`, Dovecot's and Thunderbird's fields, Gmail's labels. */
export function stateOf(header: Header): State {
  const field = (name: string) => header.get(name)?.slice(0, MOST) ?? "";
  const flags = [
    ...[...field("status")].map((letter) => STATUS[letter]),
    ...[...field("x-status")].map((letter) => X_STATUS[letter]),
    ...field("x-keywords").split(/\s+/),
    ...field("x-mozilla-keys").split(/\s+/),
  ].filter((name) => name !== undefined && name !== "");
  const mozilla = parseInt(field("x-mozilla-status"), 16);
  for (const [bit, name] of MOZILLA) if (mozilla & bit) flags.push(name);
  const labels = header.get("x-gmail-labels");
  if (labels === undefined) return { flags };
  const { flags: more, mailboxes } = labelled(decodeHeaderText(labels.slice(0, MOST)));
  return { flags: [...flags, ...more], mailboxes };
}

/** When a message arrived, as its header tells: the newest Received field, or Date. Seconds since 1970. */
export function arrival(header: Header): number | undefined {
  const received = header.get("received");
  const stamp = received === undefined ? undefined : received.slice(received.lastIndexOf(";") + 1);
  return sentTime(stamp) ?? sentTime(header.get("date")) ?? undefined;
}

const SYSTEM = new Map(
  ["Seen", "Answered", "Flagged", "Deleted", "Draft"].map((name) => [`\\${name}`.toLowerCase(), `\\${name}`]),
);
const MOST_FLAG = 255;

/** The name as a flag that can be here; undefined: it says nothing (`\Recent`). */
export function importedFlag(name: string): string | undefined {
  if (name.startsWith("\\")) return SYSTEM.get(name.toLowerCase());
  // What is no atom (RFC 9051 §9) is replaced.
  const atom = name.replace(/[^!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]/g, "_").slice(0, MOST_FLAG);
  return atom === "" ? undefined : atom;
}
