/** Work off the client's path: on a timer that does not keep the process alive, its faults logged. */
import { getLogger } from "@logtape/logtape";

export const log = getLogger(["roost", "store"]);

export class BackgroundTimer {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;

  constructor(readonly work: () => Promise<void>) {}

  get waiting(): boolean {
    return this.#timer !== undefined || this.#running !== undefined;
  }

  /** Runs the work in `ms`, unless it waits to be run already. */
  start(ms: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#run(this.#running);
    }, ms);
    Deno.unrefTimer(this.#timer);
  }

  async #run(before: Promise<void> | undefined): Promise<void> {
    await before;
    try {
      await this.work();
    } catch (error) {
      log.error("background work on an account failed", { error });
    } finally {
      this.#running = undefined;
    }
  }

  /** Ends what waits, and waits for what runs. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#running;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
