/** Brings a database to the current schema, one numbered step after another, all in one transaction. */
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../types.ts";
import { MAIL_TABLES } from "./migrations/0001_mail.ts";
import { CHANGED } from "./migrations/0002_changed.ts";
import { PACKED_INDEX } from "./migrations/0003_packed_index.ts";
import { UNPARSED } from "./migrations/0004_unparsed.ts";

/** An account's mail. Step n brings `user_version` from n to n+1. Steps are only ever added. */
export const MAIL_STEPS: readonly string[] = [MAIL_TABLES, CHANGED, PACKED_INDEX, UNPARSED];

/** `user_version` of the open database. */
export function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.user_version);
}

/**
 * Runs the missing steps. Must stand inside a transaction that holds the write lock.
 * @returns the version found; 0 is a new database.
 * @throws {StoreError} cannot: written by a newer program
 */
export function migrate(db: DatabaseSync, steps: readonly string[]): number {
  const found = schemaVersion(db);
  if (found > steps.length) {
    throw new StoreError("cannot", `the database has schema ${found}, this program knows ${steps.length}`);
  }
  for (let step = found; step < steps.length; step++) db.exec(steps[step]);
  if (found < steps.length) db.exec(`PRAGMA user_version = ${steps.length}`);
  return found;
}
