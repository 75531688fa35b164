/** INPROGRESS: a command that runs long says so, and how far it is, now and then (RFC 9585). */
import type { Meanwhile } from "./meanwhile.ts";
import type { Outbox } from "./outbox.ts";

/** How often, in ms. */
const EVERY = 10_000;

export class Progress {
  readonly #every: number;
  #next: number;

  /**
   * @param tag of the command; empty: nothing is told, only sent
   * @param begun when it began, on the clock of performance.now()
   */
  constructor(
    readonly tag: string,
    readonly outbox: Pick<Outbox, "out" | "flush">,
    readonly meanwhile: Meanwhile,
    every: number | undefined,
    begun: number,
  ) {
    this.#every = every ?? EVERY;
    this.#next = begun + this.#every;
  }

  /** `done` of `total` is done. Cheap to call often. */
  async at(done: number, total: number): Promise<void> {
    if (performance.now() >= this.#next && done < total) await this.#tell(` ${done} ${total}`);
  }

  /** Waits for work that says nothing itself; it is told between that it goes on. */
  during<T>(work: Promise<T>): Promise<T> {
    return this.meanwhile.during(work, this.#every, () => this.#tell(" NIL NIL"));
  }

  async #tell(numbers: string): Promise<void> {
    this.#next = performance.now() + this.#every;
    if (this.tag !== "") this.outbox.out.ascii(`* OK [INPROGRESS ("${this.tag}"${numbers})] still working`).crlf();
    await this.outbox.flush();
  }
}
