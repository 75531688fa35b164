/**
 * What is made of an email's bytes: its structure, ENVELOPE and BODYSTRUCTURE, and what SEARCH, SORT and THREAD compare. It is made
 * when somebody asks for it, or else in the background when no more mail comes: who brings mail does not wait for it.
 *
 * Invariant: an email is in `unparsed`, or it has its rows in all of the tables that are written here.
 */
import { type ParsedMessage, parseMessage } from "../mime/message.ts";
import { type ByteSource, memorySource } from "../mime/source.ts";
import { type EmailId, type MailboxId, StoreError, type Uid, type UidRanges } from "../types.ts";
import { containsUid } from "../uidranges.ts";
import { log } from "./background.ts";
import type { AccountDatabase, Durability } from "./database.ts";
import { storeFault } from "./errors.ts";
import { rangesJson } from "./messages.ts";
import type { OpenContent } from "./search/segment.ts";
import { sql } from "./statements.ts";
import { referenceHashes, threadKey, threadOf } from "./threads.ts";

const LOWEST = sql("SELECT min(email_id) FROM unparsed");
const FROM = sql("SELECT email_id FROM unparsed WHERE email_id >= ? ORDER BY email_id LIMIT ?");
const AMONG = sql(`SELECT u.email_id, m.uid FROM json_each(?2) r CROSS JOIN message m
      CROSS JOIN unparsed u ON u.email_id = m.email_id
    WHERE m.mailbox_id = ?1 AND m.uid BETWEEN r.value ->> 0 AND r.value ->> 1
  UNION ALL SELECT u.email_id, x.uid FROM json_each(?2) r CROSS JOIN expunged x
      CROSS JOIN unparsed u ON u.email_id = x.email_id
    WHERE x.mailbox_id = ?1 AND x.uid BETWEEN r.value ->> 0 AND r.value ->> 1`);
const OF_MAILBOX = sql(`SELECT u.email_id, m.uid FROM unparsed u CROSS JOIN message m ON m.email_id = u.email_id
    WHERE m.mailbox_id = ?1
  UNION ALL SELECT u.email_id, x.uid FROM unparsed u CROSS JOIN expunged x ON x.email_id = u.email_id
    WHERE x.mailbox_id = ?1`);
const HEADER = sql("SELECT bytes FROM header WHERE email_id = ?");

export const TAKE = sql("DELETE FROM unparsed WHERE email_id = ?");
const SET_STRUCTURE = sql("UPDATE header SET structure = ? WHERE email_id = ?");
const ADD_EMAIL = sql(`INSERT INTO email (id, thread_id, sent_day, envelope, bodystructure, body, preview)
  VALUES (?, ?, ?, ?, ?, ?, ?)`);
const ADD_SEARCH_HEADER = sql("INSERT INTO search_header (email_id, folded) VALUES (?, ?)");
const ADD_SORT_KEY = sql("INSERT INTO sort_key (email_id, sent, is_reply, subject) VALUES (?, ?, ?, ?)");
const ADD_SORT_ADDRESS = sql(`INSERT INTO sort_address (email_id, sender, recipient, cc, display_from, display_to)
  VALUES (?, ?, ?, ?, ?, ?)`);
const ADD_THREAD_KEY = sql("INSERT INTO thread_key (email_id, message_id, refs) VALUES (?, ?, ?)");

/** SQL: the last email up to which all are parsed. */
export const PARSED_UP_TO = "coalesce((SELECT min(email_id) - 1 FROM unparsed), (SELECT email_id FROM account))";

/** Emails of one transaction, and what parsing them takes at most, about. */
export const AT_ONCE = 50;
const STEP_MS = 8;
/** So many messages are asked one by one whether they are parsed; of more, the unparsed ones are asked whether they are among them. */
const FEW = 100;
/** So many emails may wait, about: some seconds for who asks for all of them. */
const MOST_WAITING = 10_000;
/** Pages that the rows of an email take, about. */
const PAGES = 4;

export interface Unparsed {
  readonly email: EmailId;
  readonly uid: Uid;
}

/** undefined: nothing of it is there. */
type Parsed = readonly [email: EmailId, parsed: ParsedMessage | undefined];

export class Parsing {
  /** Up to here all are parsed, at least. */
  #reached = 0;

  /** @param committed called after a commit, with the pages that were written, about */
  constructor(readonly content: OpenContent, readonly committed: (durability: Durability, pages: number) => void) {}

  /** Whether there is an email that is not parsed. */
  pending(db: AccountDatabase): boolean {
    return this.#lowest(db) !== null;
  }

  /** Those that are not parsed of a mailbox's messages, also of expunged ones; ascending by UID. */
  among(db: AccountDatabase, mailbox: MailboxId, uids: UidRanges): Unparsed[] {
    if (!this.pending(db)) return [];
    let messages = 0;
    for (const { first, last } of uids) messages += last - first + 1;
    const found = messages <= FEW
      ? db.rows<[EmailId, Uid]>(AMONG, mailbox, rangesJson(uids))
      : db.rows<[EmailId, Uid]>(OF_MAILBOX, mailbox).filter(([, uid]) => containsUid(uids, uid));
    return found.map(([email, uid]) => ({ email, uid })).sort((a, b) => a.uid - b.uid);
  }

  /**
   * Keeps those that wait few where mail comes without a pause: who brings more parses as many.
   * @param last the last email
   */
  keepUp(db: AccountDatabase, last: number): void {
    while (last - this.#reached >= MOST_WAITING) {
      this.#reached = (this.#lowest(db) ?? last + 1) - 1;
      if (last - this.#reached < MOST_WAITING) return;
      try {
        this.parse(db, this.next(db));
      } catch (error) {
        // What was brought is there: whatever the fault is, it is none of who brought it.
        if (!(storeFault(error) instanceof StoreError)) log.error("mail could not be parsed", { error });
        return;
      }
    }
  }

  /** The first ones of all that are not parsed. */
  next(db: AccountDatabase): Pick<Unparsed, "email">[] {
    const lowest = this.#lowest(db);
    return lowest === null ? [] : db.rows<[EmailId]>(FROM, lowest, AT_ONCE).map(([email]) => ({ email }));
  }

  #lowest(db: AccountDatabase): number | null {
    return db.row<[number | null]>(LOWEST)?.[0] ?? null;
  }

  /**
   * Parses some of them, in one transaction; those that others parsed meanwhile, or that are gone, are passed over.
   * @param durability "full": somebody is to be told of their threads, which depend on the order
   * @returns how many
   */
  parse(db: AccountDatabase, emails: readonly Pick<Unparsed, "email">[], durability: Durability = "flags"): number {
    const end = performance.now() + STEP_MS;
    const parsed: Parsed[] = [];
    let done = 0;
    while (done < emails.length && done < AT_ONCE && performance.now() < end) {
      parsed.push(this.#parsed(db, emails[done++].email));
    }
    if (done === 0) return 0;
    db.write("flags", () => keepAll(db, parsed));
    this.committed(durability, parsed.length * PAGES);
    return done;
  }

  /** Reads as if they were parsed, and keeps nothing: the disk is full. */
  pretend<T>(db: AccountDatabase, emails: readonly Unparsed[], read: () => T): T {
    return db.pretend(() => {
      keepAll(db, emails.map(({ email }) => this.#parsed(db, email)));
      return read();
    });
  }

  #parsed(db: AccountDatabase, email: EmailId): Parsed {
    using source = this.#source(db, email);
    return [email, source && parseMessage(source)];
  }

  /** Where the content is lost, the header says what it can. */
  #source(db: AccountDatabase, email: EmailId): (ByteSource & Disposable) | undefined {
    try {
      const source = this.content(db, email);
      if (source) return source;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const header = db.row<[Uint8Array]>(HEADER, email)?.[0];
    return header && { ...memorySource(header), [Symbol.dispose]() {} };
  }
}

function keepAll(db: AccountDatabase, parsed: readonly Parsed[]): void {
  for (const [email, message] of parsed) if (db.run(TAKE, email) === 1 && message) keepParsed(db, email, message);
}

/** Writes what was made of an email's bytes, within a transaction. */
export function keepParsed(db: AccountDatabase, id: number, parsed: ParsedMessage): void {
  const { structure, sentDay, envelope, bodyStructure, body, preview, searchHeaders, sortKeys } = parsed;
  const thread = threadOf(db, id, referenceHashes(parsed));
  db.run(SET_STRUCTURE, structure, id);
  db.run(ADD_EMAIL, id, thread, sentDay, envelope, bodyStructure, body, preview);
  db.run(ADD_SEARCH_HEADER, id, searchHeaders);
  db.run(ADD_SORT_KEY, id, sortKeys.sentTime, Number(sortKeys.isReply), sortKeys.subject);
  const { from, to, cc, displayFrom, displayTo } = sortKeys;
  db.run(ADD_SORT_ADDRESS, id, from, to, cc, displayFrom, displayTo);
  const { messageId, references } = threadKey(parsed);
  db.run(ADD_THREAD_KEY, id, messageId, references);
}
