/** Long work gives way: other sessions of this thread get a turn every few milliseconds. */
import { setImmediate } from "node:timers/promises";

/** ms of work between turns. */
const TURN = 10;

export class Pace {
  #started = performance.now();

  /** It is time to give way. Costs a clock reading: ask every few microseconds of work, not in the innermost loop. */
  get due(): boolean {
    return performance.now() - this.#started > TURN;
  }

  /** Lets everything else that waits run once. */
  async giveWay(): Promise<void> {
    await setImmediate();
    this.#started = performance.now();
  }
}
