/** The bytes that a URL of one of the account's messages names (RFC 4469 §3, RFC 5092, URL-PARTIAL of RFC 5550 §5.7.1). */
import { memorySource } from "../../store/mime/source.ts";
import { unpackStructure } from "../../store/mime/structure.ts";
import type { ModSeq, Uid } from "../../store/types.ts";
import { isFound, placeOf, type Seeker } from "./access.ts";
import { BadError, NoError } from "./errors.ts";
import { type Extent, extentOf, sliced } from "./fetch/content.ts";
import { parseSection, type Section } from "./fetch/section.ts";
import { Decoder } from "./wire/decoder.ts";
import { encodeUtf8 } from "./wire/text.ts";
import { type MessageUrl, parseMessageUrl, UrlError, urlText } from "./wire/url.ts";

/** Nothing that was expunged is readable. */
const NOW = Number.MAX_SAFE_INTEGER as ModSeq;

/**
 * Calls `use` with what the URL names, as FETCH BODY would give it; \Seen is not set (RFC 4469 §3).
 * @throws {NoError} BADURL: no such message or part, none that this account may read, or no URL at all
 */
export async function withUrl<T>(context: Seeker, url: Uint8Array, use: (extent: Extent) => Promise<T>): Promise<T> {
  const bad = (why: string) => new NoError(`BADURL ${urlText(url)}`, why);
  const { parsed, section } = parse(context, url, bad);
  const place = await placeOf(context, parsed.mailbox);
  if (!isFound(place) || !place.rights.has("l", "r")) throw bad("there is no such mailbox");
  const { mailbox, mail } = place;
  if (parsed.uidValidity !== undefined && parsed.uidValidity !== mailbox.uidValidity) {
    throw bad("UIDVALIDITY has changed");
  }
  const uid = parsed.uid as Uid;
  for await (
    const rows of mail.read(mailbox.id, [{ first: uid, last: uid }], ["emailId", "inlineContent", "structure"], NOW)
  ) {
    for (const [email, inline, structure] of rows) {
      using content = inline ? undefined : await mail.content(email);
      const source = inline ? memorySource(inline) : content;
      if (!source) break;
      const whole = section
        ? extentOf({ source, root: unpackStructure(structure) }, section)
        : { source, start: 0, end: source.size };
      if (!whole) throw bad("the message has no such part");
      const { partial } = parsed;
      return await use(partial ? sliced(whole, { offset: partial.offset, count: partial.count ?? Infinity }) : whole);
    }
  }
  throw bad("there is no such message");
}

function parse(
  { session }: Seeker,
  url: Uint8Array,
  bad: (why: string) => NoError,
): { parsed: MessageUrl; section: Section | undefined } {
  try {
    const parsed = parseMessageUrl(new TextDecoder("latin1").decode(url), session.selected?.place.shown);
    if (parsed.section === undefined) return { parsed, section: undefined };
    const d = new Decoder(encodeUtf8(`[${parsed.section}]`), []);
    const { section } = parseSection(d);
    d.end();
    return { parsed, section };
  } catch (error) {
    if (error instanceof UrlError || error instanceof BadError || error instanceof NoError) throw bad(error.message);
    throw error;
  }
}
