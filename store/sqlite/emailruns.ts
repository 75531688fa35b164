/**
 * Which email each message of a mailbox is, as runs of messages whose UIDs and email numbers both go up by one: mail that came one
 * after the other is one run, however much. Which email a message is never changes, so what was read once is kept.
 */
import type { MailboxId } from "../types.ts";
import type { AccountDatabase } from "./database.ts";
import { parseNumbers } from "./packedread.ts";
import { sql } from "./statements.ts";

const EMAILS = sql(`SELECT count(*), group_concat(uid), group_concat(email_id)
  FROM (SELECT uid, email_id FROM message WHERE mailbox_id = ? AND uid >= ? ORDER BY uid)`);

/** Messages asked for, in a row, whose emails have numbers in a row. */
export interface EmailRun {
  /** The place of the first one among those asked for. */
  readonly at: number;
  readonly email: number;
  readonly count: number;
}

/** As they are packed. */
export const BYTES_PER_RUN = 12;

export class EmailRuns {
  /** Three numbers a run: its first UID, the email that this is, how many there are. */
  #runs: Uint32Array<ArrayBuffer>;
  /** The first UID that is not known. */
  #next: number;

  /** @param runs as `packed` gave them */
  constructor(readonly mailbox: MailboxId, runs: Uint32Array<ArrayBuffer> = new Uint32Array(0)) {
    this.#runs = runs;
    this.#next = runs.length === 0 ? 1 : runs[runs.length - 3] + runs[runs.length - 1];
  }

  /** What it takes in memory, about. */
  get bytes(): number {
    return this.#runs.byteLength;
  }

  /** Those of these messages, which are all that there are: others are forgotten. Must stand in a transaction. */
  packed(db: AccountDatabase, uids: Uint32Array): Uint32Array<ArrayBuffer> {
    return this.#runs = Uint32Array.from(this.of(db, uids).flatMap(({ at, email, count }) => [uids[at], email, count]));
  }

  /**
   * All messages are read on the first use, later those that came since. Must stand in a read transaction.
   * @param uids ascending; those that are not known (any more) are in no run
   */
  of(db: AccountDatabase, uids: Uint32Array): EmailRun[] {
    if (uids.length > 0 && uids[uids.length - 1] >= this.#next) this.#read(db);
    const found: EmailRun[] = [];
    const runs = this.#runs;
    for (let i = 0, at = 0; i < runs.length && at < uids.length; i += 3) {
      const [uid, email, count] = [runs[i], runs[i + 1], runs[i + 2]];
      while (at < uids.length && uids[at] < uid) at++;
      if (uids[at] === uid && uids[at + count - 1] === uid + count - 1) {
        found.push({ at, email, count });
        at += count;
        continue;
      }
      for (; at < uids.length && uids[at] < uid + count; at++) {
        found.push({ at, email: email + uids[at] - uid, count: 1 });
      }
    }
    return found;
  }

  #read(db: AccountDatabase): void {
    const row = db.row<[number, string | null, string | null]>(EMAILS, this.mailbox, this.#next);
    const [count, uidText, emailText] = row ?? [0];
    if (!uidText || !emailText) return;
    const [uids, emails] = [new Uint32Array(count), new Uint32Array(count)];
    parseNumbers(uidText, uids);
    parseNumbers(emailText, emails);
    const runs: number[] = [];
    for (let i = 0, start = 0; i < count; i++) {
      if (i + 1 < count && uids[i + 1] === uids[i] + 1 && emails[i + 1] === emails[i] + 1) continue;
      runs.push(uids[start], emails[start], i + 1 - start);
      start = i + 1;
    }
    const all = new Uint32Array(this.#runs.length + runs.length);
    all.set(this.#runs);
    all.set(runs, this.#runs.length);
    this.#runs = all;
    this.#next = uids[count - 1] + 1;
  }
}
