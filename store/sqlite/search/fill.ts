/**
 * One piece of work on search.db: a new segment, or one in the place of several, or of one that is mostly gone. In steps of some
 * milliseconds, each with transactions of its own; what was begun and not ended is removed by the next piece. Only the holder of the
 * account's lock for it works on it.
 */
import type { SearchMode } from "../../store.ts";
import type { AccountDatabase } from "../database.ts";
import { sql } from "../statements.ts";
import { type Segment, segmentsOf } from "./schema.ts";
import { type OpenContent, type Posting, SegmentBuilder } from "./segment.ts";
import { PARSED_UP_TO } from "../parsing.ts";
import { MAX_DOCUMENTS } from "./postings.ts";

/** Emails that are not worth a segment; they are read by each search. */
export const FEW_EMAILS = 64;
/** So many small segments become one, if it is one then. */
const MANY_SMALL = 8;
const SMALL = MAX_DOCUMENTS / 2;
/** Postings written in one transaction. */
const AT_ONCE = 2000;

const LAST_EMAIL = sql("SELECT email_id FROM account");
const FIRST_EMAIL = sql("SELECT id FROM email WHERE id > ? ORDER BY id LIMIT 1");
const PARSED = sql(`SELECT ${PARSED_UP_TO}`);
const FIRST_CONTENT = sql("SELECT email_id FROM content WHERE email_id > ? ORDER BY email_id LIMIT 1");
const EMAILS_BETWEEN = sql("SELECT count(*) FROM email WHERE id BETWEEN ? AND ?");
const DIGEST = sql("SELECT sha256 FROM content WHERE email_id = ?");

const STATE = "SELECT mode, segment_id, witness, witness_sha256 FROM state";
const NEXT_SEGMENT = "UPDATE state SET segment_id = segment_id + 1 RETURNING segment_id";
const WITNESS = "UPDATE state SET witness = ?, witness_sha256 = ?";
const BEGIN = "UPDATE state SET mode = ?, witness = 0, witness_sha256 = NULL";
const ADD_SEGMENT = "INSERT INTO segment (id, first, last, emails) VALUES (?, ?, ?, ?)";
const ADD_POSTING = "INSERT INTO posting (segment_id, source, trigram, documents) VALUES (?, ?, ?, ?)";
const ADD_WORDS = "INSERT INTO word (segment_id, words) VALUES (?, ?)";
const ADD_FIELD = "INSERT INTO field (segment_id, name, lines, ends) VALUES (?, ?, ?, ?)";
const REMOVE_SEGMENT = [
  "DELETE FROM segment WHERE id = ?",
  "DELETE FROM posting WHERE segment_id = ?",
  "DELETE FROM word WHERE segment_id = ?",
  "DELETE FROM field WHERE segment_id = ?",
];
const REMOVE_ALL = ["DELETE FROM segment", "DELETE FROM posting", "DELETE FROM word", "DELETE FROM field"];
const UNFINISHED = "DELETE FROM posting WHERE segment_id > (SELECT coalesce(max(id), 0) FROM segment)";

/** The last email that is, or was, in a segment. */
export function reachedBy(segments: readonly Segment[]): number {
  return segments.at(-1)?.last ?? 0;
}

/** The last email that there was. */
export function lastEmail(mail: AccountDatabase): number {
  return mail.row<[number]>(LAST_EMAIL)?.[0] ?? 0;
}

/** How many emails are behind `reached`, about. */
export function unindexedAfter(mail: AccountDatabase, reached: number): number {
  return mail.row(FIRST_CONTENT, reached) ? lastEmail(mail) - reached : 0;
}

/** Whether the index was made of this mail, in this mode. */
export function fits(index: AccountDatabase, mail: AccountDatabase, mode: SearchMode): boolean {
  const [known, , witness, digest] = index.row<[SearchMode, number, number, Uint8Array | null]>(STATE) ?? [];
  if (known !== mode || witness === undefined || witness > lastEmail(mail)) return false;
  const now = mail.row<[Uint8Array]>(DIGEST, witness)?.[0];
  return !now || !digest || now.every((byte, i) => byte === digest[i]);
}

/** Removes all that is in it. */
export function emptied(index: AccountDatabase, mode: SearchMode = "off"): void {
  index.write("flags", () => {
    for (const text of REMOVE_ALL) index.run(text);
    index.run(BEGIN, mode);
  });
}

export class Fill {
  #builder: SegmentBuilder | undefined;
  #replaced: readonly Segment[] = [];
  #postings: Iterator<Posting> | undefined;
  #words: Uint8Array = new Uint8Array(0);
  #id = 0;

  constructor(readonly mode: Exclude<SearchMode, "off">, readonly content: OpenContent, readonly tidy: boolean) {}

  /** Decides what is to be done. @returns false: nothing */
  begin(mail: AccountDatabase, index: AccountDatabase): boolean {
    if (!mail.read(() => fits(index, mail, this.mode))) {
      emptied(index, this.mode);
    }
    const found = mail.read(() => this.#find(mail, index));
    if (!found) return false;
    const [first, last] = found;
    this.#builder = new SegmentBuilder(first, last, this.mode);
    this.#id = index.write("flags", () => {
      index.run(UNFINISHED);
      return index.row<[number]>(NEXT_SEGMENT)?.[0] ?? 0;
    });
    return true;
  }

  #find(mail: AccountDatabase, index: AccountDatabase): readonly [first: number, last: number] | undefined {
    const segments = segmentsOf(index);
    const reached = reachedBy(segments);
    const first = mail.row<[number]>(FIRST_EMAIL, reached)?.[0];
    const last = mail.row<[number]>(PARSED)?.[0] ?? 0;
    // One that was parsed before those below it waits for them.
    if (first !== undefined && first <= last && last - reached >= FEW_EMAILS) return [first, last];
    const small = smallOnes(segments);
    if (small.length > 0) {
      this.#replaced = small;
      return [small[0].first, small[small.length - 1].last];
    }
    if (!this.tidy) return undefined;
    for (const segment of segments) {
      const emails = mail.row<[number]>(EMAILS_BETWEEN, segment.first, segment.last)?.[0] ?? 0;
      if (emails * 2 >= segment.emails) continue;
      this.#replaced = [segment];
      return [segment.first, segment.last];
    }
    return undefined;
  }

  /** Works for about `ms`. @returns false: the piece is done */
  step(mail: AccountDatabase, index: AccountDatabase, ms: number): boolean {
    const builder = this.#builder;
    if (!builder) return false;
    const end = performance.now() + ms;
    while (!this.#postings) {
      if (!mail.read(() => builder.read(mail, this.content))) {
        const { words, postings } = builder.collected();
        this.#words = words;
        this.#postings = postings[Symbol.iterator]();
      }
      if (performance.now() > end) return true;
    }
    const postings = this.#postings;
    for (;;) {
      if (!index.write("flags", () => this.#write(index, postings))) break;
      if (performance.now() > end) return true;
    }
    const digest = mail.row<[Uint8Array]>(DIGEST, builder.last)?.[0] ?? null;
    index.write("flags", () => this.#end(index, builder, digest));
    this.#builder = undefined;
    return false;
  }

  /** @returns false: all are written */
  #write(index: AccountDatabase, postings: Iterator<Posting>): boolean {
    for (let written = 0; written < AT_ONCE; written++) {
      const next = postings.next();
      if (next.done) return false;
      index.run(ADD_POSTING, this.#id, ...next.value);
    }
    return true;
  }

  #end(index: AccountDatabase, builder: SegmentBuilder, digest: Uint8Array | null): void {
    for (const { id } of this.#replaced) for (const text of REMOVE_SEGMENT) index.run(text, id);
    const { first, last, emails } = builder;
    // Emails that went since keep a segment in its place: what the last one reaches is what was looked at.
    index.run(ADD_SEGMENT, this.#id, first, last, emails);
    index.run(ADD_WORDS, this.#id, this.#words);
    for (const { name, lines, ends } of builder.fields()) index.run(ADD_FIELD, this.#id, name, lines, ends);
    const [, , witness] = index.row<[string, number, number]>(STATE) ?? [];
    if (last > (witness ?? 0)) index.run(WITNESS, last, digest);
  }
}

/** The last run of small segments that fit into one, where they are many. */
function smallOnes(segments: readonly Segment[]): Segment[] {
  let run: Segment[] = [];
  for (const segment of segments.toReversed()) {
    const isSmall = segment.emails < SMALL;
    if (isSmall && (run.length === 0 || run[run.length - 1].last - segment.first < MAX_DOCUMENTS)) run.push(segment);
    else if (run.length >= MANY_SMALL) break;
    else run = isSmall ? [segment] : [];
  }
  return run.length >= MANY_SMALL ? run.reverse() : [];
}
