/** Upkeep of one account (see store/upkeep.ts): many rows in portions, each a transaction, so that sessions go on between them. */
import type { EmailId, MailboxId, MailboxName, ModSeq, Uid } from "../types.ts";
import type {
  DeletedFilter,
  DeletedMessage,
  HeldMessage,
  Judgement,
  Judgements,
  RestoredMessage,
  Upkeep,
} from "../upkeep.ts";
import { placeMessages, type PreparedMessage, prepareMessage } from "./append.ts";
import { storeFault } from "./errors.ts";
import { removeUids } from "./expunge.ts";
import { dueJudgements, judge, judgedUntil } from "./judged.ts";
import type { SqliteMailStore } from "./mailstore.ts";
import { flagsOf, loadKeywords } from "./keywords.ts";
import { loadAccount } from "./rows.ts";
import { sql } from "./statements.ts";
import { headlines, keptMessages, type KeptRow, putBack } from "./undelete.ts";

const SAVED_BEFORE = sql("SELECT uid FROM message WHERE mailbox_id = ? AND save_date < ? LIMIT ?");
const HELD = sql(`SELECT m.uid, lower(hex(c.sha256)), m.flags, m.more_keywords
  FROM message m CROSS JOIN content c ON c.email_id = m.email_id WHERE m.mailbox_id = ? ORDER BY m.uid`);
const WARNED = sql("SELECT quota_warned FROM account");
const SET_WARNED = sql("UPDATE account SET quota_warned = ?");

/** Messages in one transaction. */
const PORTION = 500;

export class SqliteUpkeep implements Upkeep {
  constructor(readonly mail: SqliteMailStore) {}

  async deleted(filter: DeletedFilter): Promise<DeletedMessage[]> {
    const rows = await this.mail.reading((db) => keptMessages(db, filter));
    const found: DeletedMessage[] = [];
    for (const portion of portions(rows)) {
      found.push(
        ...await this.mail.reading((db) =>
          portion.map(({ name, uid, email, expungedAt, internalDate, size }) => ({
            mailbox: name,
            uid,
            email: email as EmailId,
            expungedAt,
            internalDate,
            size,
            ...headlines(db, email),
          }))
        ),
      );
    }
    return found;
  }

  async undelete(filter: DeletedFilter): Promise<ReadonlyMap<MailboxName, number>> {
    const back = new Map<MailboxName, number>();
    const rows = await this.mail.reading((db) => keptMessages(db, filter));
    for (const portion of portions(rows)) {
      const done = await this.mail.writing("full", (tx) => portion.filter((row) => putBack(tx, row)));
      for (const { name } of done) back.set(name, (back.get(name) ?? 0) + 1);
    }
    return back;
  }

  async expungeSavedBefore(mailbox: MailboxId, saved: number): Promise<readonly Uid[]> {
    const removed: Uid[] = [];
    for (;;) {
      const { uids } = await this.mail.writing("full", (tx) => {
        const due = tx.db.rows<[Uid]>(SAVED_BEFORE, mailbox, saved, PORTION);
        return removeUids(tx, mailbox, due.map(([uid]) => ({ first: uid, last: uid })));
      });
      removed.push(...uids);
      if (uids.length < PORTION) return removed;
    }
  }

  async held(mailbox: MailboxId): Promise<readonly HeldMessage[]> {
    return await this.mail.reading((db) => {
      const keywords = loadKeywords(db, mailbox);
      return db.rows<[Uid, string, number, string | null]>(HELD, mailbox)
        .map(([uid, digest, word, more]) => ({ uid, digest, flags: flagsOf({ word, more }, keywords) }));
    });
  }

  async restore(messages: readonly RestoredMessage[]): Promise<void> {
    try {
      const prepared: PreparedMessage<RestoredMessage>[] = [];
      for (const message of messages) prepared.push(await prepareMessage(message, this.mail.handle.content));
      await this.mail.writing("full", (tx) => placeMessages(tx, prepared, ({ places }) => places));
      for (const { draft } of prepared) draft.taken();
    } catch (error) {
      throw storeFault(error);
    } finally {
      for (const { draft } of messages) await draft.discard();
    }
  }

  async purge(): Promise<void> {
    await this.mail.handle.purge();
  }

  async dueWarning(percents: readonly number[]): Promise<number | undefined> {
    const limits = await this.mail.limits();
    const { reached, warned } = await this.mail.reading((db) => {
      const { size, messages } = loadAccount(db);
      const part = Math.max(
        limits.bytes > 0 ? size / limits.bytes : 0,
        limits.messages > 0 ? messages / limits.messages : 0,
      );
      return {
        reached: Math.max(0, ...percents.filter((percent) => part * 100 >= percent)),
        warned: db.row<[number]>(WARNED)?.[0] ?? 0,
      };
    });
    if (reached === warned) return undefined;
    const changed = await this.mail.writing("full", ({ db }) => {
      if (db.row<[number]>(WARNED)?.[0] !== warned) return false; // another process was faster
      db.run(SET_WARNED, reached);
      return true;
    });
    return changed && reached > warned ? reached : undefined;
  }

  async dueJudgements(since: ModSeq): Promise<Judgements> {
    return await this.mail.reading((db) => dueJudgements(db, since));
  }

  async judged(judgement: Judgement): Promise<void> {
    await this.mail.writing("flags", (tx) => judge(tx, judgement));
  }

  async judgedUntil(until: ModSeq): Promise<void> {
    await this.mail.writing("flags", (tx) => judgedUntil(tx, until));
  }
}

function* portions(rows: readonly KeptRow[]): Iterable<readonly KeptRow[]> {
  for (let at = 0; at < rows.length; at += PORTION) yield rows.slice(at, at + PORTION);
}
