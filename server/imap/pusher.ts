export interface Telling {
  /** Tells what there is. */
  push(): Promise<void>;
  /** Ends the wait for the client after `push` failed; never throws. */
  giveUp(): Promise<void>;
}

/**
 * Tells a client something while it is silent: between commands, and in IDLE. Work is done once at a time, and only between `open` and
 * `close`; after `close` resolved nothing is written any more.
 */
export class Pusher {
  readonly #telling: Telling;
  #isOpen = false;
  #wanted = false;
  #running: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(telling: Telling) {
    this.#telling = telling;
  }

  /** @param now there is something to tell already */
  open(now: boolean): void {
    this.#isOpen = true;
    if (now) this.wake();
  }

  /** There may be something to tell. Nothing happens while it is closed. */
  wake(): void {
    if (!this.#isOpen) return;
    this.#wanted = true;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    try {
      while (this.#wanted && this.#isOpen) {
        this.#wanted = false;
        await this.#telling.push();
      }
    } catch (error) {
      this.#failure ??= { error };
      this.#isOpen = false;
      await this.#telling.giveUp();
    } finally {
      this.#running = undefined;
    }
  }

  /** @throws what `push` threw */
  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#running;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
  }
}
