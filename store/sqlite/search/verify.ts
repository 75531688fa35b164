/** Whether an account's search index says of its emails what their texts say; and making it anew. */
import { join } from "node:path";
import { memorySource } from "../../mime/source.ts";
import type { EmailId } from "../../types.ts";
import { FileSource } from "../content.ts";
import type { SqlValue } from "../database.ts";
import { exists, type Report, Snapshot } from "../verifyreport.ts";
import { emptied } from "./fill.ts";
import { FIELDS, openSearchDatabase, removeSearchDatabase, SEARCH_STEPS, searchPath } from "./schema.ts";
import { type Field, type MailReader, SegmentBuilder } from "./segment.ts";
import { addDocuments, MAX_DOCUMENTS, NUMBERS } from "./postings.ts";

const SEGMENTS = "SELECT id, first, last FROM segment ORDER BY first";
const POSTINGS = "SELECT source, trigram, documents FROM posting WHERE segment_id = ? ORDER BY source, trigram";
const WORDS_OF = "SELECT words FROM word WHERE segment_id = ?";
const FIELD = "SELECT lines, ends FROM field WHERE segment_id = ? AND name = ?";
const EMAIL = "SELECT 1 FROM email WHERE id = ?";
const CONTENT = `SELECT header.bytes AS header, content.bytes AS bytes, content.file FROM content
  JOIN header ON header.email_id = content.email_id WHERE content.email_id = ?`;

const WORDS = MAX_DOCUMENTS / 32;

/**
 * Compares an account's index with its mail, which may be older than the index. No index is no fault, nor are emails that are not
 * in it.
 * @param folder the account's
 */
export function verifySearchIndex(db: Snapshot, folder: string, report: Report): void {
  if (!exists(searchPath(folder))) return;
  try {
    using index = new Snapshot(searchPath(folder));
    for (const line of index.integrityFaults()) report({ what: `search.db: ${line}` });
    const version = index.schemaVersion();
    // An older one is emptied when it is opened.
    if (version === undefined || version < SEARCH_STEPS.length) return;
    if (version > SEARCH_STEPS.length) {
      return report({ what: `search.db has schema ${version}, this program knows ${SEARCH_STEPS.length}` });
    }
    verifySegments(db, index, folder, report);
  } catch (error) {
    report({ what: `search.db cannot be read: ${error instanceof Error ? error.message : String(error)}` });
  }
}

function verifySegments(db: Snapshot, index: Snapshot, folder: string, report: Report): void {
  const mode = index.row<{ mode: string }>("SELECT mode FROM state")?.mode;
  const segments = index.rows<{ id: number; first: number; last: number }>(SEGMENTS);
  if (mode !== "full" && mode !== "headers") {
    if (segments.length > 0) report({ what: "search.db has segments and no mode" });
    return;
  }
  const mail: MailReader = {
    rows: <T>(text: string, ...values: SqlValue[]) => db.rows(text, ...values).map((row) => Object.values(row)) as T[],
    row: <T>(text: string, ...values: SqlValue[]) => {
      const row = db.row(text, ...values);
      return row && Object.values(row) as T;
    },
  };
  let reached = 0;
  for (const { id, first, last } of segments) {
    if (first <= reached || last < first || last - first >= MAX_DOCUMENTS) {
      report({ what: `the search index has a segment of emails ${first} to ${last} behind ${reached}` });
      continue;
    }
    for (const email of emailsBetween(mail, reached + 1, first - 1)) {
      if (isThereNow(db.path, email)) report({ what: `email ${email}: the search index leaves it out` });
    }
    reached = last;
    const builder = new SegmentBuilder(first, last, mode, Infinity, NUMBERS);
    while (builder.read(mail, (_, email) => contentOf(db, folder, email)));
    const wrong = differences(index, id, builder, new Set(emailsBetween(mail, first, last)));
    for (const email of wrong) {
      if (isThereNow(db.path, email)) report({ what: `email ${email}: the search index is not what its text says` });
    }
  }
}

/** Emails, of those there are, that are not as they should be. */
function differences(index: Snapshot, id: number, builder: SegmentBuilder, emails: ReadonlySet<number>): Set<number> {
  const wrong = new Set<number>();
  const { first } = builder;
  const compare = (ours: Uint8Array | undefined, theirs: Uint8Array | undefined) => {
    const [a, b] = [ours, theirs].map((documents) => {
      const words = new Uint32Array(WORDS);
      if (documents) addDocuments(documents, words);
      return words;
    });
    for (let word = 0; word < WORDS; word++) {
      for (let differ = a[word] ^ b[word]; differ !== 0; differ &= differ - 1) {
        const email = first + word * 32 + 31 - Math.clz32(differ & -differ);
        if (emails.has(email)) wrong.add(email);
      }
    }
  };
  const words = index.row<{ words: Uint8Array }>(WORDS_OF, id);
  const kept = index.each<{ source: number; trigram: number; documents: Uint8Array }>(POSTINGS, id)[Symbol.iterator]();
  let next = kept.next();
  for (const [source, trigram, documents] of builder.collected(words?.words ?? new Uint8Array(0)).postings) {
    while (!next.done && (next.value.source - source || next.value.trigram - trigram) < 0) {
      compare(undefined, next.value.documents);
      next = kept.next();
    }
    if (next.done || next.value.source !== source || next.value.trigram !== trigram) compare(documents, undefined);
    else {
      compare(documents, next.value.documents);
      next = kept.next();
    }
  }
  for (; !next.done; next = kept.next()) compare(undefined, next.value.documents);
  const fields = builder.fields();
  for (const name of FIELDS) {
    const ours = fields.find((field) => field.name === name);
    const theirs = index.row<{ lines: Uint8Array; ends: Uint8Array }>(FIELD, id, name);
    for (const email of emails) {
      if (!ours || !theirs || !sameLines(ours, theirs, email - first)) wrong.add(email);
    }
  }
  return wrong;
}

function sameLines(a: Omit<Field, "name">, b: Omit<Field, "name">, document: number): boolean {
  if (a.ends.length !== b.ends.length) return false;
  const [one, other] = [a, b].map(({ lines, ends }) => {
    const view = new DataView(ends.buffer, ends.byteOffset, ends.byteLength);
    const start = document === 0 ? 0 : view.getUint32(document * 4 - 4, true);
    return lines.subarray(start, view.getUint32(document * 4, true));
  });
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

function emailsBetween(mail: MailReader, first: number, last: number): number[] {
  if (last < first) return [];
  return mail.rows<[number]>("SELECT id FROM email WHERE id BETWEEN ? AND ?", first, last).map(([id]) => id);
}

function contentOf(db: Snapshot, folder: string, email: EmailId) {
  const row = db.row<{ header: Uint8Array; bytes: Uint8Array | null; file: string | null }>(CONTENT, email);
  if (!row) return undefined;
  if (row.file !== null) return new FileSource(Deno.openSync(join(folder, "content", row.file)));
  const bytes = new Uint8Array([...row.header, ...row.bytes ?? []]);
  return { ...memorySource(bytes), [Symbol.dispose]() {} };
}

/** What was purged since may be in either or not. */
function isThereNow(path: string, email: number): boolean {
  using now = new Snapshot(path);
  return now.row(EMAIL, email) !== undefined;
}

/**
 * Empties an account's index, or removes one that cannot be read: it is made again in the background, and searches read messages
 * until then. To be called after what it is made of was changed. @param folder the account's
 */
export function rebuildSearchIndex(folder: string): void {
  try {
    const index = openSearchDatabase(folder, false);
    if (!index) return;
    try {
      emptied(index);
    } finally {
      index.close();
    }
  } catch {
    // Whatever is wrong with it, nothing is lost with it.
    removeSearchDatabase(folder);
  }
}
