/**
 * The main thread of a server: starts the others, and keeps what they must share, which are limits. It does no work of sessions, so it
 * answers at once.
 *
 * Invariants: the first thread has made what is made once (databases, a certificate) before another begins; when one ends, all end.
 * The others are not even loaded before the first one listens: threads that load at once hold each other up.
 */
import { Throttle } from "../../auth/throttle.ts";
import { type Siblings, siblings } from "../../store/sqlite/bellsiblings.ts";
import type { Start } from "../admin/serve.ts";
import type { Fault } from "../config/load.ts";
import { Admission, type Admitted, type Refused } from "../net/admission.ts";
import { newTicketSecret } from "../net/tls/ticketsecret.ts";
import { FailureMarks } from "./failuremarks.ts";
import { Line, type Port } from "./line.ts";
import type { Ended, ForOthers, KeeperQuestions, Opened, Place, WorkerQuestions } from "./protocol.ts";

/** How long the others may take for an answer, in ms. */
const ANSWER_TIME = 5000;

type WorkerLine = Line<KeeperQuestions, WorkerQuestions>;

export class Keeper {
  readonly #start: Omit<Start, "warnings">;
  readonly #threads: readonly (() => Port)[];
  /** To those that are there: the first, then all. */
  readonly #lines: WorkerLine[] = [];
  readonly #listening: PromiseWithResolvers<void>[];
  readonly #admission: Admission;
  readonly #throttle: Throttle;
  readonly #places = new Map<number, Admitted>();
  readonly #tickets = newTicketSecret();
  readonly #passwordKey = crypto.getRandomValues(new Uint8Array(32));
  readonly #failures = new FailureMarks();
  readonly #connections = new SharedArrayBuffer(8);
  readonly #bells: readonly Siblings[];
  #count = 0;
  #stopped: string | undefined;

  /** @param threads make one each; the first is made here */
  constructor(start: Omit<Start, "warnings">, threads: readonly (() => Port)[]) {
    const { limits } = start.config;
    this.#start = start;
    this.#admission = new Admission(limits);
    this.#throttle = new Throttle({
      failuresPerMinute: limits.loginFailuresPerMinute,
      failuresPerDay: limits.loginFailuresPerDay,
    });
    this.#bells = threads.length > 1 ? siblings(threads.length) : [];
    this.#listening = threads.map(() => Promise.withResolvers());
    this.#threads = threads;
    this.#addLine();
  }

  /** @param warnings of the configuration @returns how the first of them ended that did, when all have */
  async run(warnings: readonly Fault[]): Promise<Ended> {
    const first = Promise.withResolvers<Ended>();
    const opened = Promise.withResolvers<Opened | undefined>();
    this.#lines[0].on("opened", async (value) => {
      while (this.#lines.length < this.#threads.length) this.#addLine();
      opened.resolve(value);
      await Promise.all(this.#listening.slice(1).map(({ promise }) => promise));
    });
    const begin = async (index: number): Promise<void> => {
      const start = index === 0 ? {} : { opened: await opened.promise };
      if (index > 0 && !start.opened) return; // there is nobody to follow
      let ended: Ended;
      try {
        ended = await this.#begin(index, index === 0 ? warnings : [], start.opened);
      } catch (error) {
        ended = { fault: `this should not have happened: ${error}` };
      }
      first.resolve(ended);
      opened.resolve(undefined);
      this.#listening[index].resolve();
      this.stop("another thread has ended");
    };
    await Promise.all(this.#threads.map((_, index) => begin(index)));
    return await first.promise;
  }

  stop(reason: string): void {
    this.#stopped ??= reason;
    for (const line of this.#lines) line.tell("stop", reason);
  }

  /** A thread died of a fault that nobody caught. */
  died(index: number, error: Error): void {
    this.#lines[index].broken(error);
  }

  async #begin(index: number, warnings: readonly Fault[], opened: Opened | undefined): Promise<Ended> {
    const { config, demo } = this.#start;
    const bell = this.#bells.at(index);
    return await this.#lines[index].ask("start", {
      config,
      warnings,
      demo: index === 0 && demo,
      index,
      size: this.#threads.length,
      bell,
      connections: this.#connections,
      failures: this.#failures.memory,
      passwordKey: this.#passwordKey,
      tickets: this.#tickets,
      opened,
    }, bell?.ports.filter((port) => port !== undefined));
  }

  #addLine(): void {
    const index = this.#lines.length;
    const line: WorkerLine = new Line(this.#threads[index]());
    line.on("connect", (remote) => this.#place(this.#admission.connect(remote)));
    line.on("account", ({ remote, account }) => this.#place(this.#admission.account(remote, account)));
    line.on("release", (place) => {
      this.#places.get(place)?.release();
      this.#places.delete(place);
    });
    line.on("refuses", (remote) => this.#throttle.refuses(remote));
    line.on("failed", (remote) => this.#throttle.failed(remote));
    line.on("listening", () => this.#listening[index].resolve());
    line.on("others", (question) => this.#askOthers(index, question));
    if (this.#stopped !== undefined) line.tell("stop", this.#stopped);
    this.#lines.push(line);
  }

  #place(admitted: Admitted | Refused): Place {
    if ("refused" in admitted) return admitted;
    this.#places.set(++this.#count, admitted);
    return { place: this.#count };
  }

  async #askOthers(asker: number, { ask, argument }: ForOthers): Promise<readonly unknown[]> {
    const others = this.#lines.filter((_, index) => index !== asker);
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), ANSWER_TIME);
    try {
      return await Promise.all(
        others.map((line) => Promise.race([line.ask(ask, argument as never).catch(() => undefined), late.promise])),
      );
    } finally {
      clearTimeout(timer);
    }
  }
}
