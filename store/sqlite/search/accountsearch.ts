/**
 * One account's search index: asked by searches, filled in the background, closed with the account's database. Whatever becomes of
 * it, a search is complete: what the index does not know is read.
 */
import type { SearchMode } from "../../store.ts";
import type { TextQuery, TextsKnown } from "../../search.ts";
import { StoreError } from "../../types.ts";
import { BackgroundTimer, log } from "../background.ts";
import type { AccountDatabase } from "../database.ts";
import { openLock } from "../folders.ts";
import type { EmailRun } from "../emailruns.ts";
import { FEW_EMAILS, Fill, fits, lastEmail, reachedBy, unindexedAfter } from "./fill.ts";
import { askedBySegment, LookUp, modeOf } from "./lookup.ts";
import { openSearchDatabase, removeSearchDatabase, segmentsOf } from "./schema.ts";
import type { OpenContent } from "./segment.ts";
import type { SpareTime } from "../sparetime.ts";
import { Texts } from "./texts.ts";
import { giveWay } from "../../turn.ts";

/** From the arrival of messages to the first step: long enough that a burst becomes few segments. */
const FILL_MS = 2000;
/** That time doubles with each fault, so often. */
const MOST_DOUBLINGS = 12;
/** While more than so many messages a second come, nothing is done; but after so long it is, whatever comes. */
const BURST = 20;
const MOST_MS = 30_000;
/** How often it is looked how many come. */
const LOOK_MS = 500;
/** What a step takes, about. */
const STEP_MS = 4;
/** Segments asked in one go. */
const SEGMENTS_AT_ONCE = 64;

/** What the index needs of its account. */
export interface SearchedAccount {
  readonly folder: string;
  use<T>(work: (db: AccountDatabase) => T): Promise<T>;
  /** The same for what nobody waits for. */
  useAside<T>(work: (db: AccountDatabase) => T): Promise<T>;
  /** Steps are done in it. */
  readonly spare: SpareTime;
  mode(): Promise<SearchMode>;
  readonly content: OpenContent;
  /** Parses some emails that are not. @returns false: there was none */
  parse(db: AccountDatabase): boolean;
}

export class AccountSearch {
  #db: AccountDatabase | undefined;
  /** It was made of this mail, as far as this process knows. */
  #checked = false;
  readonly #texts: Texts;
  #fill: Fill | undefined;
  #lock: Deno.FsFile | undefined;
  #arrived = 0;
  /** Something came since there was nothing to do. */
  #hasWork = false;
  /** When it was looked last how fast messages come, and the last email then. */
  #lookedAt = 0;
  #lookedEmail = 0;
  /** Since when many come. */
  #burst: number | undefined;
  #tidy = false;
  /** The index, too, has something to be done, not only the texts. */
  #due = false;
  /** How often the index had to be made anew. */
  #faults = 0;
  #closed = false;
  /** Emails that are not in the index yet, about: as last seen, and what came since. */
  unindexed = 0;
  readonly #timer = new BackgroundTimer(() => this.#workInTurn());

  constructor(readonly account: SearchedAccount) {
    this.#texts = new Texts(account.content);
  }

  get waiting(): boolean {
    return this.#timer.waiting;
  }

  /** New emails are there. */
  arrived(emails: number): void {
    this.#hasWork = true;
    this.#arrived += emails;
    this.unindexed += emails;
    if (this.#arrived >= FEW_EMAILS) this.#due = true;
    if (!this.#closed && !this.#fill) this.#timer.start(this.#pause());
  }

  /** Emails were purged. */
  purged(): void {
    this.#tidy = true;
    this.#soon();
  }

  /** The index has something to be done. */
  #soon(): void {
    this.#due = true;
    if (!this.#closed && !this.#fill) this.#timer.start(this.#pause());
  }

  #pause(): number {
    return FILL_MS * 2 ** Math.min(this.#faults, MOST_DOUBLINGS);
  }

  /**
   * What is known of the texts of emails, for each query; undefined: nothing.
   * An index that cannot be read says nothing, and is made anew. @param emails with the places of `count` messages
   * @throws {StoreError} the account cannot be read
   */
  async lookUp(
    emails: readonly EmailRun[],
    count: number,
    queries: readonly TextQuery[],
  ): Promise<(TextsKnown | undefined)[]> {
    try {
      const mode = await this.account.mode();
      const asked = await this.account.use((mail) => {
        const index = this.#index(mail, mode);
        if (!index) return undefined;
        const asked = index.read(() => askedBySegment(index, emails, count));
        this.#look(unindexedAfter(mail, reachedBy(asked.segments)));
        return asked;
      });
      if (!asked || asked.parts.length === 0) {
        return queries.map(() => undefined);
      }
      const answers: (TextsKnown | undefined)[] = [];
      for (const query of queries) {
        let lookUp: LookUp | undefined;
        let at = 0;
        do {
          if (at > 0) await giveWay();
          await this.account.use((mail) => {
            const index = this.#index(mail, mode);
            if (!index) return;
            lookUp ??= new LookUp(asked, index.read(() => modeOf(index)), query);
            index.read(() => lookUp?.run(index, at, at + SEGMENTS_AT_ONCE));
          });
          at += SEGMENTS_AT_ONCE;
        } while (lookUp?.possible && at < asked.segments.length);
        answers.push(lookUp?.possible ? lookUp.answers() : undefined);
      }
      return answers;
    } catch (error) {
      if (error instanceof StoreError) throw error;
      this.#discard(error);
      return queries.map(() => undefined);
    }
  }

  /** The open index; undefined where there is none that can be used. */
  #index(mail: AccountDatabase, mode: SearchMode): AccountDatabase | undefined {
    if (mode === "off") {
      if (this.#db || !this.#checked) this.#soon();
      this.#checked = true;
      return undefined;
    }
    const index = this.#db ??= openSearchDatabase(this.account.folder, false);
    if (!index) {
      this.#look(unindexedAfter(mail, 0));
      return undefined;
    }
    if (!this.#checked || modeOf(index) !== mode) {
      if (!fits(index, mail, mode)) {
        this.#soon();
        return undefined;
      }
      this.#checked = true;
    }
    return index;
  }

  #look(unindexed: number): void {
    this.unindexed = unindexed;
    if (unindexed >= FEW_EMAILS) this.#soon();
  }

  async #workInTurn(): Promise<void> {
    const wait = this.#isBurst(await this.account.useAside(lastEmail)) ? LOOK_MS : this.account.spare.wait;
    if (wait > 0 && !this.#closed) this.#timer.start(wait);
    else await this.#work();
  }

  /** Whether many messages come, whoever takes them: they go first, for a while. */
  #isBurst(last: number): boolean {
    const now = performance.now();
    const ms = now - this.#lookedAt;
    if (ms >= LOOK_MS) {
      const isBurst = last - this.#lookedEmail > BURST * ms / 1000;
      this.#burst = isBurst ? this.#burst ?? now : undefined;
      this.#lookedAt = now;
      this.#lookedEmail = last;
    }
    return this.#burst !== undefined && now - this.#burst < MOST_MS;
  }

  /** Parses what came and is not parsed, before the account is closed; what it cannot do is left. */
  async parseUntil(end: number): Promise<void> {
    if (!this.#hasWork) return;
    try {
      if (!this.#tryLock()) return;
      while (performance.now() < end && await this.account.use((mail) => this.account.parse(mail))) await giveWay();
    } catch (error) {
      log.error("new mail could not be parsed", { folder: this.account.folder, error });
    }
  }

  /** One step of the filling, and the next one later. */
  async #work(): Promise<void> {
    if (this.#closed) return;
    try {
      const mode = await this.account.mode();
      if (!this.#tryLock()) return;
      if (await this.account.useAside((mail) => this.#spent(() => this.account.parse(mail)))) {
        if (!this.#closed) this.#timer.start(this.account.spare.wait);
        return;
      }
      if (mode === "off") {
        this.#end();
        this.#close();
        this.unindexed = 0;
        removeSearchDatabase(this.account.folder);
        return;
      }
      const more = await this.account.useAside((mail) => this.#spent(() => this.#step(mail, mode)));
      if (!more) this.#hasWork = false;
      else if (!this.#closed) this.#timer.start(this.account.spare.wait);
    } catch (error) {
      this.#end();
      if (error instanceof StoreError) throw error;
      this.#discard(error);
    }
  }

  /** Does all that is due, without pauses, unless another process does it. @throws {StoreError} */
  async fill(): Promise<void> {
    const mode = await this.account.mode();
    while (await this.account.use((mail) => this.account.parse(mail))) await giveWay();
    if (mode === "off") return await this.#work();
    this.#due = true;
    while (await this.account.use((mail) => this.#step(mail, mode))) await giveWay();
  }

  /** Counts what work takes. */
  #spent(work: () => boolean): boolean {
    const started = performance.now();
    const more = work();
    this.account.spare.spent(performance.now() - started);
    return more;
  }

  /** @returns false: nothing is left to do, or another process does it */
  #step(mail: AccountDatabase, mode: Exclude<SearchMode, "off">): boolean {
    if (!this.#tryLock()) return false;
    if (mode === "full" && this.#texts.step(mail, STEP_MS)) return true;
    if (!this.#due) {
      this.#end();
      return false;
    }
    const index = this.#db ??= openSearchDatabase(this.account.folder, true);
    if (!index) return false;
    if (!this.#fill) {
      const fill = new Fill(mode, this.account.content, this.#tidy);
      if (!fill.begin(mail, index)) {
        this.#arrived = 0;
        this.#tidy = this.#due = false;
        this.#checked = true;
        this.unindexed = unindexedAfter(mail, reachedBy(segmentsOf(index)));
        this.#end();
        return false;
      }
      this.#fill = fill;
    }
    if (!this.#fill.step(mail, index, STEP_MS)) this.#fill = undefined;
    return true;
  }

  /** @returns false: another thread or process has it, or the account is gone */
  #tryLock(): boolean {
    if (this.#lock) return true;
    const file = openLock(`${this.account.folder}/lock-search`);
    if (!file) return false;
    if (!file.tryLockSync(true)) {
      file.close();
      return false;
    }
    this.#lock = file;
    return true;
  }

  /** Gives up the piece of work in hand. */
  #end(): void {
    this.#fill = undefined;
    this.#lock?.close();
    this.#lock = undefined;
  }

  #discard(error: unknown): void {
    log.error("the search index cannot be used and is made anew", { folder: this.account.folder, error });
    this.#faults++;
    this.#end();
    this.#close();
    removeSearchDatabase(this.account.folder);
    this.#soon();
  }

  /** Closes the file; it is opened again at the next use. */
  idle(): void {
    if (!this.#fill) this.#close();
  }

  #close(): void {
    const db = this.#db;
    this.#db = undefined;
    this.#checked = false;
    db?.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#timer.stop();
    this.#end();
    this.#close();
  }
}
