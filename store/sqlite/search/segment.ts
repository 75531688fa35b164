/** What a segment of search.db holds, made of emails one after the other. */
import type { SearchMode } from "../../store.ts";
import type { ByteSource } from "../../mime/source.ts";
import type { EmailId } from "../../types.ts";
import type { AccountDatabase } from "../database.ts";
import { sql } from "../statements.ts";
import { ANY_TRIGRAM, FIELDS, Source } from "./schema.ts";
import { textFromContent } from "./texts.ts";
import { MAX_DOCUMENTS, packDocuments } from "./postings.ts";
import { type CollectedTexts, TextCollector } from "./textcollector.ts";
import { TrigramCollector } from "./trigrams.ts";
import { joinedWords, separateWords } from "./words.ts";

const EMAILS = sql(`SELECT email.id, search_header.folded AS header, search_text.folded AS text
  FROM email CROSS JOIN search_header ON search_header.email_id = email.id
    LEFT JOIN search_text ON search_text.email_id = email.id
  WHERE email.id BETWEEN ? AND ? ORDER BY email.id LIMIT ?`);
const HEADERS = sql(`SELECT email.id, search_header.folded AS header, NULL AS text
  FROM email CROSS JOIN search_header ON search_header.email_id = email.id
  WHERE email.id BETWEEN ? AND ? ORDER BY email.id LIMIT ?`);

/** Emails read at once. */
const AT_ONCE = 8;
/** Trigrams and what takes as much memory (4 bytes each), with which a segment ends early. */
const MOST_TRIGRAMS = 1 << 20;
/** Bytes of a text that was too long to be kept with its email; of longer ones it is only known that they are long. */
const LONGEST_TEXT = 8 * 1024 * 1024;
const NEWLINE = 0x0a;

/** The account's mail, as rows in arrays. */
export type MailReader = Pick<AccountDatabase, "row" | "rows">;

/** The bytes of an email; undefined: gone. */
export type OpenContent = (mail: MailReader, email: EmailId) => (ByteSource & Disposable) | undefined;

export type Posting = readonly [source: Source, number: number, documents: Uint8Array];

export interface Collected {
  /** The words of many, joined. */
  readonly words: Uint8Array;
  /** In the order of their keys; can be read once. */
  readonly postings: Iterable<Posting>;
}

/** One packed header field. */
export interface Field {
  readonly name: string;
  readonly lines: Uint8Array;
  readonly ends: Uint8Array;
}

export class SegmentBuilder {
  /** The last number that it covers. */
  last: number;
  emails = 0;
  readonly #next: { at: number };
  readonly #texts: TextCollector | undefined;
  readonly #headers = new TrigramCollector();
  readonly #fields = FIELDS.map((name) => new FieldBuilder(name));
  readonly #any: number[] = [];

  /**
   * @param last the last email that it may cover
   * @param mostTrigrams with which it ends before that
   * @param mostWords told from one another
   */
  constructor(
    readonly first: number,
    last: number,
    readonly mode: Exclude<SearchMode, "off">,
    readonly mostTrigrams = MOST_TRIGRAMS,
    mostWords?: number,
  ) {
    this.last = Math.min(last, first + MAX_DOCUMENTS - 1);
    this.#next = { at: first };
    if (mode === "full") this.#texts = new TextCollector(mostWords);
  }

  /** Takes up some more emails, within a read transaction. @returns false: it is complete */
  read(mail: MailReader, content: OpenContent): boolean {
    const texts = this.#texts;
    const rows = mail.rows<[EmailId, Uint8Array, Uint8Array | null]>(
      texts ? EMAILS : HEADERS,
      this.#next.at,
      this.last,
      AT_ONCE,
    );
    for (const [email, header, kept] of rows) {
      const document = email - this.first;
      this.#headers.addAll(header, 0, header.length, document);
      this.#headers.endDocument();
      for (const field of this.#fields) field.add(header, document);
      this.emails++;
      this.#next.at = email + 1;
      const text = texts && (kept ?? textFromContent(mail, content, email, LONGEST_TEXT));
      if (text) texts.add(text, document);
      else if (texts) this.#any.push(document);
      if ((texts?.size ?? 0) + this.#headers.pairs.count >= this.mostTrigrams) {
        this.last = email;
        return false;
      }
    }
    return rows.length === AT_ONCE && this.#next.at <= this.last;
  }

  /**
   * Forgets all but the fields.
   * @param words of many, where they are known; otherwise it is found out which are
   */
  collected(words?: Uint8Array): Collected {
    const texts = this.#texts?.take(this.emails, words && separateWords(words));
    return { words: joinedWords(texts?.words ?? []), postings: this.#postings(texts) };
  }

  *#postings(texts: CollectedTexts | undefined): Iterable<Posting> {
    if (this.#any.length > 0) yield [Source.Text, ANY_TRIGRAM, packDocuments(Uint16Array.from(this.#any))];
    if (texts) yield* packed(Source.Text, texts.trigrams.take());
    yield* packed(Source.Header, this.#headers.pairs.take());
    if (texts) yield* packed(Source.Word, texts.documentsOf.entries());
  }

  fields(): Field[] {
    return this.#fields.map((field) => field.built(this.last - this.first + 1));
  }
}

function* packed(source: Source, all: Iterable<readonly [number: number, documents: Uint16Array]>): Iterable<Posting> {
  for (const [number, documents] of all) yield [source, number, packDocuments(documents)];
}

class FieldBuilder {
  readonly #start: Uint8Array;
  readonly #ends = new Uint32Array(MAX_DOCUMENTS);
  #lines = new Uint8Array(4096);
  #size = 0;
  #documents = 0;

  constructor(readonly name: string) {
    this.#start = new TextEncoder().encode(`${name}:`);
  }

  /** @param header a line a field, `name: value\n` */
  add(header: Uint8Array, document: number): void {
    while (this.#documents < document) this.#ends[this.#documents++] = this.#size;
    const start = this.#start;
    for (let at = 0; at < header.length;) {
      const newline = header.indexOf(NEWLINE, at);
      const end = newline < 0 ? header.length : newline + 1;
      let i = 0;
      while (i < start.length && header[at + i] === start[i]) i++;
      if (i === start.length) this.#add(header.subarray(at + i, end));
      at = end;
    }
    this.#ends[this.#documents++] = this.#size;
  }

  #add(line: Uint8Array): void {
    if (this.#size + line.length > this.#lines.length) {
      const lines = new Uint8Array(2 * (this.#size + line.length));
      lines.set(this.#lines.subarray(0, this.#size));
      this.#lines = lines;
    }
    this.#lines.set(line, this.#size);
    this.#size += line.length;
  }

  built(documents: number): Field {
    while (this.#documents < documents) this.#ends[this.#documents++] = this.#size;
    const ends = new Uint8Array(documents * 4);
    const view = new DataView(ends.buffer);
    for (let i = 0; i < documents; i++) view.setUint32(i * 4, this.#ends[i], true);
    return { name: this.name, lines: this.#lines.slice(0, this.#size), ends };
  }
}
