/**
 * The folded texts of emails, which searches compare needles with: made of their content a while after they came, and kept beside
 * them in mail.db. Until then, and where they are too long to be kept, the content is read.
 */
import { MAX_SEARCH_TEXT } from "../../mime/message.ts";
import { boundedSearchText } from "../../mime/searchtext.ts";
import { unpackStructure } from "../../mime/structure.ts";
import type { EmailId } from "../../types.ts";
import type { AccountDatabase } from "../database.ts";
import { PARSED_UP_TO } from "../parsing.ts";
import { sql } from "../statements.ts";
import type { MailReader, OpenContent } from "./segment.ts";

const KEPT = sql("SELECT max(email_id) FROM search_text");
const NEXT = sql(`SELECT email_id, structure FROM header WHERE email_id > ?1
  AND email_id <= ${PARSED_UP_TO} ORDER BY email_id LIMIT ?2`);
const STRUCTURE = sql("SELECT structure FROM header WHERE email_id = ?");
const KEEP = sql("INSERT OR IGNORE INTO search_text (email_id, folded) VALUES (?, ?)");

/** Emails of one transaction. */
const AT_ONCE = 50;

export class Texts {
  /** Emails up to here were looked at. */
  #reached: number | undefined;

  constructor(readonly content: OpenContent) {}

  /** Keeps texts for about `ms`. @returns false: all are kept that can be */
  step(mail: AccountDatabase, ms: number): boolean {
    const end = performance.now() + ms;
    let reached = this.#reached ?? mail.row<[number | null]>(KEPT)?.[0] ?? 0;
    const texts: [email: number, text: Uint8Array][] = [];
    const rows = mail.rows<[EmailId, Uint8Array]>(NEXT, reached, AT_ONCE);
    for (const [email, structure] of rows) {
      const text = textOf(mail, this.content, email, structure, MAX_SEARCH_TEXT);
      if (text) texts.push([email, text]);
      reached = email;
      if (performance.now() > end) break;
    }
    if (texts.length > 0) mail.write("flags", () => texts.forEach(([email, text]) => mail.run(KEEP, email, text)));
    this.#reached = reached;
    return rows.length === AT_ONCE || reached < (rows.at(-1)?.[0] ?? 0);
  }
}

/** The text of an email; null: it is gone, or its text longer than `limit` bytes. */
export function textFromContent(
  mail: MailReader,
  content: OpenContent,
  email: EmailId,
  limit: number,
): Uint8Array | null {
  const structure = mail.row<[Uint8Array]>(STRUCTURE, email)?.[0];
  return structure ? textOf(mail, content, email, structure, limit) : null;
}

function textOf(
  mail: MailReader,
  open: OpenContent,
  email: EmailId,
  structure: Uint8Array,
  limit: number,
): Uint8Array | null {
  using content = open(mail, email);
  return content ? boundedSearchText(content, unpackStructure(structure), limit) : null;
}
