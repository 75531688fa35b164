/**
 * Mends what verifying finds, beside a running server: each step is a transaction like any other, and messages that change get a new
 * modseq, so sessions follow.
 *
 * Invariant: no message goes away and no bytes of one change. What cannot be had back is told in its place; what belongs nowhere goes
 * into Lost+Found.
 */
import { join } from "node:path";
import { exists } from "./verifyreport.ts";
import { AccountDatabase } from "./database.ts";
import { addFirstMailboxes } from "./mailboxes.ts";
import { storeFault } from "./errors.ts";
import { makeFolder } from "./folders.ts";
import { Presence } from "./presence.ts";
import { orphans } from "./purge.ts";
import { repairCounters } from "./repaircounters.ts";
import { keepFile, keepHomeless, rebuildEmail } from "./repairemail.ts";
import { repairMailboxes } from "./repairmailboxes.ts";
import { rebuildSearchIndex } from "./search/verify.ts";
import { Transaction } from "./transaction.ts";
import { NO_ACCOUNT_ROW, verifyAccount } from "./verifyaccount.ts";
import { TEMPORARY } from "./content.ts";

/** Emails in one transaction. */
const PORTION = 50;

/** Faults of SQLite's own check that building the indexes anew mends. */
const INDEX_FAULT = /^mail\.db: (row \d+ missing from index|wrong # of entries in index|non-unique entry in index)/;

const SEARCH_FAULT = /\b(search\.db|the search index)\b/;

export interface Repair {
  /** Its pages are damaged: nothing was done, and salvaging is needed. */
  readonly damaged: boolean;
  /** Content files that belong to no message were left alone, since others use the account. */
  readonly inUse: boolean;
}

/** @throws {StoreError} inuse, diskfull */
export function repairAccount(dataDir: string, account: number): Repair {
  const folder = join(dataDir, "accounts", String(account));
  if (!exists(folder)) return { damaged: false, inUse: false };
  const presence = new Presence(folder);
  presence.enter();
  try {
    return repair(folder, presence);
  } catch (error) {
    throw storeFault(error);
  } finally {
    presence.leave();
  }
}

function repair(folder: string, presence: Presence): Repair {
  const content = join(folder, "content");
  if (!exists(join(folder, "mail.db")) && !exists(content)) return { damaged: false, inUse: false };
  const found = faultsOf(folder);
  if (found.damaged) return { damaged: true, inUse: false };
  const db = new AccountDatabase(join(folder, "mail.db"), (db) => {
    const tx = new Transaction(db);
    addFirstMailboxes(tx);
    tx.finish();
  });
  try {
    const step = (work: (tx: Transaction) => void) =>
      db.write("full", () => {
        const tx = new Transaction(db);
        work(tx);
        tx.finish();
      });
    if (found.indexes) db.write("full", () => void db.run("REINDEX"));
    db.write("full", () => repairCounters(db));
    step((tx) => repairMailboxes(tx));
    // Without an account row or indexes, emails were not looked at.
    const now = found.counted ? found : faultsOf(folder);
    if (now.damaged) return { damaged: true, inUse: false };
    const all = [...now.emails];
    for (let at = 0; at < all.length; at += PORTION) {
      step((tx) => all.slice(at, at + PORTION).forEach((email) => rebuildEmail(tx, email, content)));
    }
    step((tx) => keepHomeless(tx, content));
    const inUse = !keepFiles(db, presence, content, step);
    db.write("full", () => repairCounters(db));
    if (all.length > 0 || now.search) rebuildSearchIndex(folder);
    return { damaged: false, inUse };
  } finally {
    db.close();
  }
}

function faultsOf(folder: string) {
  const emails = new Set<number>();
  let [damaged, indexes, search, counted] = [false, false, false, true];
  try {
    verifyAccount(folder, ({ email, what }) => {
      if (email !== undefined) emails.add(email);
      if (SEARCH_FAULT.test(what)) search = true;
      else if (INDEX_FAULT.test(what)) indexes = true;
      else if (what.startsWith("mail.db: ")) damaged = true;
      else if (what === NO_ACCOUNT_ROW) counted = false;
    });
  } catch {
    // What reads through a damaged index fails; it is looked at again when the index is whole.
    if (indexes) counted = false;
    else damaged = true;
  }
  return { emails, damaged, indexes, search, counted };
}

/** Puts files that no message has into Lost+Found, as messages. @returns false: others use the account, who may be about to use them */
function keepFiles(
  db: AccountDatabase,
  presence: Presence,
  content: string,
  step: (work: (tx: Transaction) => void) => void,
): boolean {
  const unknown = () => orphans(db, content).filter((name) => !name.startsWith(TEMPORARY));
  if (unknown().length === 0) return true;
  return presence.alone(() => {
    makeFolder(content);
    for (const name of unknown()) step((tx) => keepFile(tx, content, name));
  });
}
