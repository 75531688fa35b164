/**
 * search.db, beside an account's mail.db: what SEARCH can rule out or find without reading messages. All of it is made from mail.db and
 * can be made again, so it has a file, a log and a lock of its own, and no flush is waited for.
 *
 * Invariants: emails never change and their numbers are never given again, so what is written here stays true; what is left of purged
 * emails is harmless. A segment is what `first` to `last` say, all emails between, or it is not there: its row is written last. Every
 * email up to the `last` of the last segment is in a segment, or purged.
 */
import { AccountDatabase } from "../database.ts";

/**
 * - `state`: the mode of all segments and the highest number that one ever had; `witness` is the last email indexed and the SHA-256 of its bytes, which tell whether mail.db is
 *   still the one that was indexed.
 * - `segment`: emails `first` to `last`, 1024 at most; document n of it is email `first + n`. `emails` is how many there were.
 * - `posting`: the documents that have a trigram in their text (`source` 0, see textcollector.ts) or header (1); trigram -1: whose text
 *   is too long to be looked into here. And those that have a word of many (2, `trigram` is the word's number).
 * - `word`: the words that many texts of a segment have, joined (see words.ts), by number from 0; those of most come first.
 * - `field`: the values of one header field of all documents, a line each value; `ends`, as 32-bit numbers (little-endian), where
 *   those of a document end.
 */
const TABLES = `
CREATE TABLE state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  mode TEXT NOT NULL,
  segment_id INTEGER NOT NULL,
  witness INTEGER NOT NULL,
  witness_sha256 BLOB
) STRICT;
CREATE TABLE segment (
  id INTEGER PRIMARY KEY,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  emails INTEGER NOT NULL
) STRICT;
CREATE TABLE posting (
  segment_id INTEGER NOT NULL,
  source INTEGER NOT NULL,
  trigram INTEGER NOT NULL,
  documents BLOB NOT NULL,
  PRIMARY KEY (segment_id, source, trigram)
) STRICT, WITHOUT ROWID;
CREATE TABLE field (
  segment_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  lines BLOB NOT NULL,
  ends BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX field_name ON field (segment_id, name);
INSERT INTO state VALUES (1, 'off', 0, 0, NULL);
`;

/** What was there knew no words, and is made anew. */
const WORDS = `
DELETE FROM segment;
DELETE FROM posting;
DELETE FROM field;
UPDATE state SET mode = 'off', witness = 0, witness_sha256 = NULL;
CREATE TABLE word (segment_id INTEGER PRIMARY KEY, words BLOB NOT NULL) STRICT;
`;

export const SEARCH_STEPS: readonly string[] = [TABLES, WORDS];

export const Source = { Text: 0, Header: 1, Word: 2 } as const;
export type Source = typeof Source[keyof typeof Source];

/** Stands for a trigram of documents that can have any. */
export const ANY_TRIGRAM = -1;

/** Fields that are kept as they are, folded. */
export const FIELDS = ["from", "to", "cc", "subject"] as const;

export interface Segment {
  readonly id: number;
  readonly first: number;
  readonly last: number;
  /** How many emails there were when it was made. */
  readonly emails: number;
}

const SEGMENTS = "SELECT id, first, last, emails FROM segment ORDER BY first";

/** Ascending. */
export function segmentsOf(index: AccountDatabase): Segment[] {
  return index.rows<[number, number, number, number]>(SEGMENTS)
    .map(([id, first, last, emails]) => ({ id, first, last, emails }));
}

export function searchPath(folder: string): string {
  return `${folder}/search.db`;
}

/** @returns undefined: there is none, and none is to be made */
export function openSearchDatabase(folder: string, create: boolean): AccountDatabase | undefined {
  const path = searchPath(folder);
  if (!create) {
    try {
      Deno.lstatSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }
  return new AccountDatabase(path, () => {}, SEARCH_STEPS);
}

/** Who has the file open goes on with it as it is. The log goes first: another database must never find it. */
export function removeSearchDatabase(folder: string): void {
  for (const suffix of ["-wal", "-shm", ""]) {
    try {
      Deno.removeSync(searchPath(folder) + suffix);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
