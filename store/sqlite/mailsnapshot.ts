/** A snapshot of an account's mail that reads like one of the current schema, where a backup or an account unused since has an older. */
import { UNPARSED } from "./migrations/0004_unparsed.ts";
import { Snapshot } from "./verifyreport.ts";

/** The schema that brought `unparsed`; all emails of older ones are parsed. */
const UNPARSED_SINCE = 4;

export function mailSnapshot(path: string): Snapshot {
  const db = new Snapshot(path);
  if ((db.schemaVersion() ?? 0) < UNPARSED_SINCE) db.temporary(UNPARSED);
  return db;
}
