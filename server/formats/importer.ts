/**
 * Brings a source's mail into an account: many messages a transaction, each message only where it is missing. What is committed stays
 * whatever happens, and the same import again goes on from there.
 */
import { flagSet } from "../../store/flags.ts";
import type { Draft, ImportedMessage, Mailbox, MailStore } from "../../store/store.ts";
import { type MailboxId, type MailboxName, StoreError } from "../../store/types.ts";
import { reason } from "../reason.ts";
import { importedFlag } from "./metadata.ts";
import { Places } from "./places.ts";
import { Present } from "./present.ts";
import type { MailSource, Report, SourceMessage } from "./source.ts";

/** What one transaction takes. */
const MOST_MESSAGES = 500;
const MOST_BYTES = 4 * 1024 * 1024;

export interface ImportOptions {
  /** Where the source's INBOX goes, and all its other mailboxes below. */
  readonly below?: MailboxName;
  /** Bytes; larger messages are skipped. */
  readonly maxSize: number;
  /** Most keywords of a mailbox. */
  readonly maxKeywords: number;
}

export interface ImportReport extends Report {
  /** @param work done since the last call, in the source's unit; @param added messages */
  progress(work: number, added: number): void;
}

export interface Imported {
  readonly mailboxes: number;
  readonly added: number;
  /** Were there already. */
  readonly present: number;
}

/** @throws {StoreError} diskfull and whatever else the store says; what was added before stays */
export async function importMail(
  mail: MailStore,
  source: MailSource,
  options: ImportOptions,
  report: ImportReport,
): Promise<Imported> {
  const run = new Import(mail, await Places.make(mail, source, options.below, report), options, report);
  try {
    for (const { levels, place, messages } of source.mailboxes) {
      for (const message of messages(report)) await run.take(message, levels, place);
    }
    await run.flush();
  } finally {
    await run.discard();
  }
  return { mailboxes: source.mailboxes.length, added: run.added, present: run.present };
}

class Import {
  added = 0;
  present = 0;
  #batch: ImportedMessage[] = [];
  #bytes = 0;
  readonly #present = new Map<MailboxId, Present>();
  readonly #keywords = new Map<MailboxId, Set<string>>();

  constructor(
    readonly mail: MailStore,
    readonly places: Places,
    readonly options: ImportOptions,
    readonly report: ImportReport,
  ) {}

  async take(message: SourceMessage, levels: readonly string[], mailboxPlace: string): Promise<void> {
    const { place, size, work, date } = message;
    const { maxSize } = this.options;
    if (size > maxSize) {
      this.report.skipped(place, `it has ${size} bytes, more than ${maxSize} (--max-size takes more)`);
    }
    const draft = size > maxSize ? undefined : await this.#read(message);
    if (draft) {
      try {
        const mailboxes = new Map<MailboxId, Mailbox>();
        for (const own of message.mailboxes ?? [levels]) {
          const mailbox = await this.places.mailbox(own, message.mailboxes ? place : mailboxPlace);
          if (mailboxes.has(mailbox.id)) continue;
          if (!await (await this.#there(mailbox)).take(date, draft.source())) mailboxes.set(mailbox.id, mailbox);
        }
        await this.#add(message, draft, [...mailboxes.values()]);
      } catch (error) {
        await draft.discard();
        throw error;
      }
    }
    this.report.progress(work, 0);
  }

  /** undefined: it cannot be read, which was told. */
  async #read({ content, size, place }: SourceMessage): Promise<Draft | undefined> {
    const draft = await this.mail.draft(size);
    try {
      for (const piece of content()) await draft.write(piece);
      if (draft.size > 0) return draft;
      this.report.skipped(place, "it is empty");
    } catch (error) {
      if (error instanceof StoreError) {
        await draft.discard();
        throw error;
      }
      this.report.skipped(place, reason(error));
    }
    await draft.discard();
    return undefined;
  }

  async #there({ id }: Mailbox): Promise<Present> {
    let present = this.#present.get(id);
    if (!present) this.#present.set(id, present = await Present.of(this.mail, id));
    return present;
  }

  async #add({ flags, date, place }: SourceMessage, draft: Draft, mailboxes: readonly Mailbox[]): Promise<void> {
    if (mailboxes.length === 0) {
      this.present++;
      return await draft.discard();
    }
    const names = flags.map(importedFlag).filter((name) => name !== undefined);
    const set = flagSet(names);
    const allowed = new Set<string>();
    for (const keyword of set.keywords) {
      if (await this.#hasRoom(keyword, mailboxes)) allowed.add(keyword);
      else this.report.noted(place, `its mailbox has ${this.options.maxKeywords} keywords; ${keyword} is left out`);
    }
    this.#batch.push({
      draft,
      flags: { fixed: set.fixed, keywords: set.keywords.filter((name) => allowed.has(name)) },
      internalDate: date,
      mailboxes: mailboxes.map(({ name }) => name),
    });
    this.#bytes += draft.size;
    if (this.#batch.length >= MOST_MESSAGES || this.#bytes >= MOST_BYTES) await this.flush();
  }

  async #hasRoom(keyword: string, mailboxes: readonly Mailbox[]): Promise<boolean> {
    const folded = keyword.toLowerCase();
    const sets: Set<string>[] = [];
    for (const { id } of mailboxes) {
      let known = this.#keywords.get(id);
      if (!known) {
        const { keywords } = await this.mail.index(id);
        this.#keywords.set(id, known = new Set(keywords.map((name) => name.toLowerCase())));
      }
      if (!known.has(folded) && known.size >= this.options.maxKeywords) return false;
      sets.push(known);
    }
    for (const known of sets) known.add(folded);
    return true;
  }

  async flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    if (batch.length === 0) return;
    // The store takes the drafts, or discards them.
    await this.mail.importMessages(batch);
    this.added += batch.length;
    this.report.progress(0, batch.length);
    // Lets the bell's sockets work.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  /** Forgets what was not written, after a fault. */
  async discard(): Promise<void> {
    for (const { draft } of this.#batch) await draft.discard();
  }
}
