/** STATUS data items, for STATUS and for LIST RETURN (STATUS (...)) (RFC 9051 §6.3.11, RFC 5819). */
import type { Mailbox, MailboxStatus } from "../../store/store.ts";
import type { FoundPlace } from "./access.ts";
import type { Context } from "./command.ts";
import { BadError } from "./errors.ts";
import { mailboxObjectId } from "./objectid.ts";
import type { Decoder } from "./wire/decoder.ts";

/** RFC 9051; RFC 3501 (RECENT); RFC 7162; RFC 8438 (SIZE); RFC 9208 (DELETED…); RFC 8474; RFC 7889 §3. */
const VALUES = {
  MESSAGES: ({ messages }) => `${messages}`,
  RECENT: ({ recent }) => `${recent}`,
  UIDNEXT: ({ uidNext }) => `${uidNext}`,
  UIDVALIDITY: ({ uidValidity }) => `${uidValidity}`,
  UNSEEN: ({ unseen }) => `${unseen}`,
  DELETED: ({ deleted }) => `${deleted}`,
  "DELETED-STORAGE": ({ deletedSize }) => `${deletedSize}`,
  SIZE: ({ size }) => `${size}`,
  HIGHESTMODSEQ: ({ highestModSeq }) => `${highestModSeq}`,
  MAILBOXID: (_, mailbox) => `(${mailboxObjectId(mailbox)})`,
  APPENDLIMIT: (_, __, { server }) => `${server.config.limits.messageSize}`,
} as const satisfies Record<string, (status: MailboxStatus, mailbox: Mailbox, context: Context) => string>;

export type StatusItem = keyof typeof VALUES;

function isStatusItem(word: string): word is StatusItem {
  return Object.hasOwn(VALUES, word);
}

/** `"(" item *(SP item) ")"`; an item named twice counts once. */
export function parseStatusItems(d: Decoder): StatusItem[] {
  const items = d.list(() => {
    const word = d.word();
    if (!isStatusItem(word)) throw new BadError(undefined, `unknown status item ${word}`);
    return word;
  });
  if (items.length === 0) throw new BadError(undefined, "a status item is missing");
  return [...new Set(items)];
}

export function writeStatus(
  context: Context,
  { mailbox, shown }: FoundPlace,
  items: readonly StatusItem[],
  status: MailboxStatus,
): void {
  const { out, session } = context;
  out.ascii("* STATUS ").mailbox(shown, session.utf8);
  out.ascii(` (${items.map((item) => `${item} ${VALUES[item](status, mailbox, context)}`).join(" ")})`).crlf();
}
