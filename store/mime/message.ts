/** Everything that is derived from a message's bytes when it is delivered. Nothing throws, whatever the bytes. */
import { bodyStructure } from "./bodystructure.ts";
import { sentDay } from "./date.ts";
import { fromLatin1 } from "./latin1.ts";
import { parseStructure } from "./parser.ts";
import { preview } from "./preview.ts";
import { boundedSearchText, searchHeaders } from "./searchtext.ts";
import type { ByteSource } from "./source.ts";
import { type SortKeys, sortKeys } from "./sortkeys.ts";
import { packStructure } from "./structure.ts";
import { baseSubject, firstMessageId, messageIds } from "./threading.ts";
import { decodeHeaderText } from "./words.ts";

export { type Folding, messageHeaders, searchText } from "./searchtext.ts";

/** Bytes of text that are kept with an email. */
export const MAX_SEARCH_TEXT = 1024 * 1024;
const MAX_SUBJECT = 2000;

export interface ParsedMessage {
  /** Bytes of the header with the empty line that ends it. */
  readonly headerSize: number;
  /** The packed tree of parts, see structure.ts. */
  readonly structure: Uint8Array;
  /** Ready wire bytes with their parentheses; 8-bit values are literals, so they are valid in both UTF-8 modes. */
  readonly envelope: Uint8Array;
  readonly bodyStructure: Uint8Array;
  /** BODYSTRUCTURE without extension data. */
  readonly body: Uint8Array;
  /** At most 200 characters (RFC 8970). */
  readonly preview: string;
  /** Days since 1970-01-01 of the Date field as written. */
  readonly sentDay: number | null;
  /** Message identifiers are without angle brackets. */
  readonly messageId: string | null;
  /** The first one of In-Reply-To. */
  readonly inReplyTo: string | null;
  readonly references: string[];
  /** RFC 5256 §2.1, decoded, in its own case. */
  readonly baseSubject: string;
  readonly sortKeys: SortKeys;
  /** Case-folded decoded header fields, a line each: `name: value\n`. */
  readonly searchHeaders: Uint8Array;
  /** Case-folded text, made when it is asked for; null where it were longer than 1 MiB: then use searchText on the content. */
  readonly searchText: Uint8Array | null;
}

export function parseMessage(source: ByteSource): ParsedMessage {
  const { root, header } = parseStructure(source);
  const charset = root.part.charset;
  return {
    headerSize: root.part.bodyStart,
    structure: packStructure(root.part),
    envelope: fromLatin1(root.envelope ?? "NIL"),
    bodyStructure: fromLatin1(bodyStructure(root, true)),
    body: fromLatin1(bodyStructure(root, false)),
    preview: preview(source, root.part),
    sentDay: sentDay(header.get("date")),
    messageId: firstMessageId(header.get("message-id")),
    inReplyTo: messageIds(header.get("in-reply-to"))[0] ?? null,
    references: messageIds(header.get("references")),
    baseSubject: baseSubject(decodeHeaderText((header.get("subject") ?? "").slice(0, MAX_SUBJECT), charset)),
    sortKeys: sortKeys(header, charset),
    searchHeaders: searchHeaders(header, charset),
    get searchText() {
      return boundedSearchText(source, root.part, MAX_SEARCH_TEXT);
    },
  };
}
