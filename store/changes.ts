/**
 * The bell. The database is the only truth about what changed; the bell says no more than "look": account, mailboxes, modseq.
 * Who hears it asks the store. So nothing queues, and it is the same between threads and processes.
 */
import type { AccountId, MailboxId, ModSeq } from "./types.ts";

export interface Ring {
  readonly account: AccountId;
  /** Mailboxes whose messages changed; empty where only the account's list of mailboxes did, or where it is not known (look everywhere). */
  readonly mailboxes: readonly MailboxId[];
  /** 0: not known; a ring was lost, and there may be anything to see. */
  readonly modseq: ModSeq;
}

export interface Bell {
  /** Calls `heard` after each commit of the account, in any process. Returns what ends it. */
  listen(account: AccountId, heard: (ring: Ring) => void): () => void;
  /**
   * The same for the commits of all accounts, those of other threads some time later. `account` is 0 where rings were lost: anything may have changed in those that
   * are not told of.
   */
  listenAll(heard: (ring: Ring) => void): () => void;
  /** Called by the store after a commit. */
  ring(ring: Ring): void;
}
