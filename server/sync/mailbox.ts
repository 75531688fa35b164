/**
 * Brings one mailbox up to date: removals, flags, then new messages, many a transaction. What is committed stays, and says of itself
 * that it is there; so a sync can end at any moment and the next one goes on.
 */
import type { ImapFlow } from "imapflow";
import { NO_FLAGS } from "../../store/flags.ts";
import type { Mirror, MirroredFlags, MirroredMessage, Mirrors, NewMirrored } from "../../store/mirrors.ts";
import type { Draft, Mailbox, MailStore } from "../../store/store.ts";
import { StoreError, type Uid } from "../../store/types.ts";
import { Bodies, readMetadata, type SourceMessage } from "./bodies.ts";
import { compare, type Difference } from "./compare.ts";
import type { Connection } from "./connection.ts";
import { faultText, isRefusal } from "./errors.ts";
import { asFlagSet, difference, FlagTexts, Keywords } from "./flags.ts";
import type { SourceMailbox } from "./listing.ts";
import { Present } from "./present.ts";
import type { SyncOptions, SyncReport } from "./account.ts";

/** What one transaction takes. */
const MOST_MESSAGES = 500;
const MOST_BYTES = 4 * 1024 * 1024;
/** Of how many messages metadata is read at once. */
const PORTION = 2000;

export interface Counts {
  added: number;
  /** Were here before the first sync. */
  present: number;
  flagged: number;
  removed: number;
}

export class MailboxSync {
  readonly #texts = new FlagTexts();
  readonly #bodies: Bodies;
  #mirror: Mirror | undefined;
  #present: Present | undefined;
  #keywords: Keywords;
  /** What the mirror knew before the source's UIDVALIDITY changed. */
  #former: readonly MirroredMessage[] = [];
  readonly #stayed = new Set<Uid>();
  readonly #skipped = new Set<number>();
  #batch: NewMirrored[] = [];
  #bytes = 0;
  #adopted: MirroredMessage[] = [];
  /** The source's highest mod-sequence, where UIDs are kept. */
  #above = 0;

  constructor(
    readonly connection: Connection,
    readonly mail: MailStore,
    readonly mirrors: Mirrors,
    readonly source: SourceMailbox,
    readonly target: Mailbox,
    mirror: Mirror | undefined,
    keywords: readonly string[],
    readonly options: SyncOptions,
    readonly report: SyncReport,
    readonly counts: Counts,
  ) {
    this.#mirror = mirror;
    this.#keywords = new Keywords(keywords, options.maxKeywords);
    this.#bodies = new Bodies(connection, {
      mail,
      maxSize: options.maxSize,
      skipped: (uid, why) => this.#skip(uid, why),
      take: (message, draft) => this.#take(message, draft),
    });
  }

  #skip(uid: number, why: string): void {
    this.#skipped.add(uid);
    this.report.skipped(this.#place(uid), why);
    this.report.progress(1, 0);
  }

  #place(uid: number): string {
    return `${this.source.path}, UID ${uid}`;
  }

  /** Again from its beginning when the connection was lost. @throws what ends the connection; refusals; {StoreError} */
  async run(client: ImapFlow): Promise<void> {
    const known = this.#mirror ? await this.mirrors.messages(this.#mirror) : [];
    const found = await compare(this.connection, client, this.source, this.#mirror, known, this.#texts);
    const mirror = await this.#begin(found, known);
    this.#above = found.modseq === "" ? 0 : Number(found.modseq);
    await this.#remove(mirror, found.gone);
    await this.#changeFlags(mirror, found.changed);
    this.report.progress(Math.max(0, this.source.messages - found.fresh.length), 0);
    const fresh = found.fresh.filter((uid) => !this.#skipped.has(uid));
    for (let at = 0; at < fresh.length; at += PORTION) await this.#addPortion(client, fresh.slice(at, at + PORTION));
    const complete = this.#skipped.size === 0;
    if (complete) await this.#removeFormer();
    // What was left out is looked for again the next time.
    await this.mirrors.finish(mirror, complete ? found.modseq : "", found.uidNext, this.#above);
  }

  async #begin(found: Difference, known: readonly MirroredMessage[]): Promise<Mirror> {
    const { uidValidity, fresh, uidNext, modseq } = found;
    const { path, subscribed } = this.source;
    if (this.#mirror?.uidValidity === uidValidity) {
      const { messages } = await this.mail.status(this.target.id);
      // A sync that did not come to its end knows less than is there.
      const partial = this.#mirror.modseq === "" && messages > known.length;
      const ours = new Set(known.map(({ uid }) => uid));
      this.#present = partial ? await Present.of(this.mail, this.target.id, ours) : undefined;
      return this.#mirror;
    }
    if (this.#mirror) {
      this.#former = known;
      this.report.noted(path, "its UIDVALIDITY has changed; it is compared anew");
    }
    const keep = this.options.keepUids
      ? { firstUid: fresh[0] ?? uidNext, above: modseq === "" ? 0 : Number(modseq) }
      : undefined;
    const mailbox = this.target.id;
    this.#mirror = await this.mirrors.start({
      source: this.connection.address.key,
      name: path,
      mailbox,
      uidValidity,
      subscribed,
    }, keep);
    if (keep && !this.#mirror.keepsUids) {
      this.report.noted(path, "its UIDs cannot be kept: the mailbox here was used, or another one has its UIDVALIDITY");
    }
    this.#present = await Present.of(this.mail, mailbox);
    return this.#mirror;
  }

  async #remove(mirror: Mirror, gone: readonly MirroredMessage[]): Promise<void> {
    for (let at = 0; at < gone.length; at += MOST_MESSAGES) {
      const portion = gone.slice(at, at + MOST_MESSAGES);
      this.counts.removed += await this.mirrors.remove(mirror, portion, this.options.keepDeleted, this.#above);
      this.connection.progress();
    }
  }

  async #changeFlags(mirror: Mirror, changed: Difference["changed"]): Promise<void> {
    for (let at = 0; at < changed.length; at += MOST_MESSAGES) {
      const changes = changed.slice(at, at + MOST_MESSAGES).map(
        ({ message: { sourceUid, uid, flags: before }, flags }) => {
          const { add, remove } = difference(before, flags);
          return { sourceUid, uid, flags, add: this.#fitting(add, sourceUid), remove };
        },
      );
      await this.mirrors.changeFlags(mirror, changes, this.#above);
      this.counts.flagged += changes.length;
      this.connection.progress();
    }
  }

  #fitting(flags: MirroredFlags["add"], uid: number): MirroredFlags["add"] {
    return this.#keywords.fitting(flags, (keyword) => {
      const most = this.options.maxKeywords;
      this.report.noted(
        this.#place(uid),
        `its mailbox has ${most} keywords; ${keyword}, and any other new one, is left out`,
      );
    });
  }

  async #addPortion(client: ImapFlow, uids: readonly number[]): Promise<void> {
    const messages = await this.#metadata(client, uids);
    const missing: SourceMessage[] = [];
    for (const message of messages) {
      const uid = await this.#present?.take(message);
      if (uid === undefined) missing.push(message);
      else await this.#adopt(message, uid);
    }
    try {
      await this.#bodies.read(client, missing);
    } catch (error) {
      if (error instanceof StoreError) await this.discard();
      else await this.#flush();
      throw error;
    }
    await this.#flush();
  }

  /** Where the server refuses some it may refuse all, so they are asked for in ever smaller parts. */
  async #metadata(client: ImapFlow, uids: readonly number[]): Promise<SourceMessage[]> {
    try {
      return await readMetadata(client, uids, this.#texts, this.#present?.empty === false);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (uids.length === 1) {
        this.#skip(uids[0], faultText(error));
        return [];
      }
      const middle = uids.length >>> 1;
      const first = await this.#metadata(client, uids.slice(0, middle));
      return [...first, ...await this.#metadata(client, uids.slice(middle))];
    }
  }

  async #take(message: SourceMessage, draft: Draft): Promise<void> {
    const { uid: sourceUid, flags, date } = message;
    try {
      const uid = await this.#present?.takeContent(message, draft.source());
      if (uid !== undefined) {
        await draft.discard();
        return await this.#adopt(message, uid);
      }
    } catch (error) {
      await draft.discard();
      throw error;
    }
    const set = this.#fitting(asFlagSet(flags), sourceUid);
    this.#batch.push({ sourceUid, flags, message: { draft, flags: set, internalDate: date } });
    this.#bytes += draft.size;
    if (this.#batch.length >= MOST_MESSAGES || this.#bytes >= MOST_BYTES) await this.#flush();
  }

  async #adopt({ uid: sourceUid, flags }: SourceMessage, uid: Uid): Promise<void> {
    this.#stayed.add(uid);
    this.#adopted.push({ sourceUid, uid, flags });
    if (this.#adopted.length >= MOST_MESSAGES) await this.#flush();
  }

  async #flush(): Promise<void> {
    const [batch, adopted] = [this.#batch, this.#adopted];
    this.#batch = [];
    this.#adopted = [];
    this.#bytes = 0;
    if (!this.#mirror || batch.length + adopted.length === 0) return;
    if (adopted.length > 0) {
      await this.mirrors.adopt(this.#mirror, adopted);
      const changes = adopted.map(({ sourceUid, uid, flags }) => {
        return { sourceUid, uid, flags, add: this.#fitting(asFlagSet(flags), sourceUid), remove: NO_FLAGS };
      });
      await this.mirrors.changeFlags(this.#mirror, changes, this.#above);
      this.counts.present += adopted.length;
    }
    if (batch.length > 0) {
      // The store takes the drafts, or discards them.
      const { added, keepsUids } = await this.mirrors.add(this.#mirror, batch, this.#above);
      this.counts.added += added;
      if (this.#mirror.keepsUids && !keepsUids) {
        this.#mirror = { ...this.#mirror, keepsUids };
        const why = "other mail came here meanwhile and has the UIDs; clients will download this mailbox again";
        this.report.noted(this.source.path, why);
      }
    }
    this.connection.progress();
    this.report.progress(batch.length + adopted.length, batch.length);
    // Lets the bell's sockets work.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  /** What came from the mailbox under its former UIDVALIDITY and is not in it any more. */
  async #removeFormer(): Promise<void> {
    const gone = this.#former.map(({ uid }) => uid).filter((uid) => !this.#stayed.has(uid)).sort((a, b) => a - b);
    this.#former = [];
    if (gone.length === 0 || this.options.keepDeleted) return;
    const { uids } = await this.mail.remove(this.target.id, gone.map((uid) => ({ first: uid, last: uid })));
    this.counts.removed += uids.length;
  }

  /** Forgets what was not written. */
  async discard(): Promise<void> {
    for (const { message } of this.#batch) await message.draft.discard();
    this.#batch = [];
  }
}
