/** What SORT and THREAD compare of a message (RFC 5256, RFC 5957), made once from its header. */
import { parseAddresses } from "./address.ts";
import { unicodeCasemap } from "./collation.ts";
import { sentTime } from "./date.ts";
import type { Header } from "./header.ts";
import { messageIds, subjectOf } from "./threading.ts";
import { decodeHeaderText } from "./words.ts";

const MAX_SUBJECT = 2000;
const MAX_ADDRESS = 500;
/** References beyond are left out, the oldest first: what is nearest decides where a message stands in its thread. */
const MAX_REFERENCES = 100;

/** The texts, decoded. */
export interface SortTexts {
  readonly subject: string;
  /** addr-mailbox of the first address of From, To and Cc. */
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  /** RFC 5957 §3. */
  readonly displayFrom: string;
  readonly displayTo: string;
}

export interface SortKeys extends SortTexts {
  /** Seconds since 1970 of the Date field in UTC; null without one that can be read (RFC 5256 §2.2). */
  readonly sentTime: number | null;
  /** The subject is that of a reply or of a forwarded message. */
  readonly isReply: boolean;
  /** References, or else the first of In-Reply-To; normalised, nearest last. */
  readonly references: readonly string[];
}

/** The texts are keys of i;unicode-casemap. @param charset of 8-bit text that says nothing of its own */
export function sortKeys(header: Header, charset: string): SortKeys {
  const { texts, isReply } = sortTexts(header, charset, unicodeCasemap);
  const references = messageIds(header.get("references"));
  const parents = references.length > 0 ? references : messageIds(header.get("in-reply-to")).slice(0, 1);
  return {
    ...texts,
    isReply,
    sentTime: sentTime(header.get("date")),
    references: parents.slice(-MAX_REFERENCES).map(normalMessageId),
  };
}

/** @param collate makes a key of a collation out of a text */
export function sortTexts(
  header: Header,
  charset: string,
  collate: (text: string) => string,
): { texts: SortTexts; isReply: boolean } {
  const { base, isReply } = subjectOf(
    decodeHeaderText((header.get("subject") ?? "").slice(0, MAX_SUBJECT), charset),
  );
  const key = (text: string) => collate(text.replaceAll("\0", "").toWellFormed());
  const from = firstAddress(header.joined("from"), charset);
  const to = firstAddress(header.joined("to"), charset);
  const texts = {
    subject: key(base),
    from: key(from.mailbox),
    to: key(to.mailbox),
    cc: key(firstAddress(header.joined("cc"), charset).mailbox),
    displayFrom: key(from.display),
    displayTo: key(to.display),
  };
  return { texts, isReply };
}

function firstAddress(value: string | undefined, charset: string): { mailbox: string; display: string } {
  const [first] = value ? parseAddresses(value.slice(0, 8 * MAX_ADDRESS)) : [];
  if (!first) return { mailbox: "", display: "" };
  const text = (raw: string | undefined) => decodeHeaderText((raw ?? "").slice(0, MAX_ADDRESS), charset);
  const mailbox = text(first.mailbox);
  const address = first.host ? `${mailbox}@${text(first.host)}` : mailbox;
  return { mailbox, display: text(first.name).trim() || address };
}

/** Quoting makes no other identifier (RFC 5256 §3 THREAD): `"a.b"@c` and `a.b@c` are one. */
export function normalMessageId(id: string): string {
  return id.includes('"') ? id.replace(/\\(.)/g, "$1").replaceAll('"', "") : id;
}
