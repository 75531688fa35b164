/** What the parts of the directory share. */
import { type AccountId, StoreError } from "../types.ts";
import type { AccountDatabase } from "./database.ts";

const EXISTS = "SELECT 1 FROM account WHERE id = ?";

/** @throws {StoreError} nonexistent */
export function requireAccount(db: AccountDatabase, id: AccountId): void {
  found(db.row(EXISTS, id) ? 1 : 0);
}

/** Checks the number of an account's rows that a statement changed. @throws {StoreError} nonexistent */
export function found(rows: number): void {
  if (rows === 0) throw new StoreError("nonexistent", "the account does not exist");
}

/** A list as it is kept in one column, with spaces between. */
export function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}
