/**
 * Something that is done now and then while a command waits for something else. There is one for a connection, whose commands run one at
 * a time: nearly all waits are over long before, and must not cost a timer each.
 */
import { Alarm } from "../net/alarm.ts";

export class Meanwhile {
  #alarm: Alarm | undefined;
  #every = 0;
  #work: (() => Promise<void>) | undefined;

  /**
   * Waits for `wanted`, and does `work` every so many ms until then, once at a time.
   * @throws what either throws; work that is under way is waited for
   */
  async during<T>(wanted: Promise<T>, every: number, work: () => Promise<void>): Promise<T> {
    let working: Promise<void> | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#begin(every, () => working ??= work().catch(reject).finally(() => working = undefined));
        wanted.then(resolve, reject);
      });
    } finally {
      this.#work = undefined;
      this.#alarm?.unset();
      if (working) await working;
    }
  }

  #begin(every: number, work: () => Promise<void>): void {
    this.#every = every;
    this.#work = work;
    this.#alarm ??= new Alarm(() => this.#ring());
    this.#alarm.set(performance.now() + every);
  }

  #ring(): void {
    void this.#work?.();
    this.#alarm?.set(performance.now() + this.#every);
  }

  /** Nothing is waited for any more. */
  stop(): void {
    this.#alarm?.stop();
  }
}
