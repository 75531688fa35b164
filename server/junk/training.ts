/**
 * Tells a classifier what owners say is junk, in the background.
 *
 * Invariants: no session waits for it; what could not be told is told later, also by the next start; what was told is noted before the
 * next look, so that it is told once (twice, if the process is killed in between).
 */
import { getLogger } from "@logtape/logtape";
import type { Store } from "../../store/store.ts";
import { type AccountId, type ModSeq, StoreError } from "../../store/types.ts";
import type { Judgement } from "../../store/upkeep.ts";
import { junkTold } from "../metrics.ts";
import type { Classifier } from "./classifier.ts";

const log = getLogger(["roost", "junk"]);

export interface TrainingOptions {
  /** Bytes; larger messages are passed over. */
  readonly maxSize: number;
  readonly concurrency: number;
  /** From a change to the look at it, in ms: who changes their mind at once is told of once. */
  readonly lookMs?: number;
  /** From a failure to the next try, in ms, doubling up to an hour. */
  readonly retryMs?: number;
}

const LOOK_MS = 2000;
const RETRY_MS = 10_000;
const MANY_CHANGES = 1000;
const LONGEST_RETRY_MS = 3_600_000;

export class JunkTraining {
  readonly #store: Store;
  readonly #classifier: Classifier;
  readonly #options: Required<TrainingOptions>;
  readonly #stop = new AbortController();
  /** Accounts to look at, with the first change that was heard of. */
  readonly #changed = new Map<AccountId, ModSeq>();
  readonly #stopListening: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #retryMs: number;

  /** Begins to listen. */
  constructor(store: Store, classifier: Classifier, options: TrainingOptions) {
    this.#store = store;
    this.#classifier = classifier;
    this.#options = { lookMs: LOOK_MS, retryMs: RETRY_MS, ...options };
    this.#retryMs = this.#options.retryMs;
    this.#stopListening = store.bell.listenAll(({ account, modseq }) => {
      // Rings were lost: the hourly round of upkeep looks everywhere.
      if (account !== 0) this.#heard(account, modseq);
    });
  }

  /** Ends; what is not told yet waits for the next start. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** For what was left when the server stopped, and for rings that were lost. */
  async look(account: AccountId): Promise<void> {
    this.#heard(account, await this.#store.mail(account).modseq() + 1 as ModSeq);
  }

  #heard(account: AccountId, modseq: ModSeq): void {
    const first = this.#changed.get(account);
    this.#changed.set(account, first === undefined || modseq < first ? modseq : first);
    this.#schedule(this.#options.lookMs);
  }

  #schedule(ms: number): void {
    if (this.#running || this.#timer !== undefined || this.#changed.size === 0 || this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#lookAtAll().then((wait) => {
        this.#running = undefined;
        this.#schedule(wait);
      });
    }, ms);
  }

  /** @returns when to look again, in ms */
  async #lookAtAll(): Promise<number> {
    const accounts = [...this.#changed];
    this.#changed.clear();
    let failed = false;
    for (const [account, modseq] of accounts) {
      if (await this.#tellAll(account, modseq)) continue;
      failed = true;
      this.#changed.set(account, modseq);
    }
    const wait = failed ? this.#retryMs : this.#options.lookMs;
    this.#retryMs = failed ? Math.min(this.#retryMs * 2, LONGEST_RETRY_MS) : this.#options.retryMs;
    return wait;
  }

  /** @returns whether all was told */
  async #tellAll(account: AccountId, first: ModSeq): Promise<boolean> {
    const upkeep = this.#store.upkeep(account);
    try {
      const { judgements, from, until } = await upkeep.dueJudgements(first - 1 as ModSeq);
      const waiting = judgements.values();
      let all = true;
      await Promise.all(Array.from({ length: this.#options.concurrency }, async () => {
        for (const judgement of waiting) {
          if (!all || this.#stop.signal.aborted || !await this.#tell(account, judgement)) return void (all = false);
          await upkeep.judged(judgement);
        }
      }));
      // Where nothing was said, a note would cost each change a write: what was looked at is looked at again, up to a point.
      if (judgements.length > 0 || until > from + MANY_CHANGES) await upkeep.judgedUntil(all ? until : from);
      return all;
    } catch (error) {
      if (error instanceof StoreError && error.fault === "nonexistent") return true;
      log.error("junk training failed: {error}", { account, error });
      return false;
    }
  }

  /** @returns whether it need not be told again */
  async #tell(account: AccountId, { email, verdict }: Judgement): Promise<boolean> {
    using content = await this.#store.mail(account).content(email);
    if (!content || content.size > this.#options.maxSize) return true;
    const message = content.read(0, content.size).slice();
    const { result, why } = await this.#classifier.tell(verdict, message, this.#stop.signal);
    if (this.#stop.signal.aborted && result === "later") return false;
    junkTold(verdict, result);
    const facts = { account, email, verdict, why };
    if (result === "told") log.info("told", facts);
    else if (result === "refused") log.warning("refused", facts);
    else log.warning("not told, will be tried again", facts);
    return result !== "later";
  }
}
