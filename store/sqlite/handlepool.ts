/** Open account databases: closed when unused for some seconds, and never more than a bounded number at once. */

export interface Pooled {
  /** `performance.now()` of the last use. */
  readonly lastUsed: number;
  /** Closes what is open; it is opened again at the next use. */
  idle(): void;
}

const IDLE_MS = 5000;
const SWEEP_MS = 1000;

export class HandlePool {
  readonly #open = new Set<Pooled>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly most = 100) {}

  /** `handle` was opened; others may be closed for it. */
  opened(handle: Pooled): void {
    this.#open.add(handle);
    if (this.#open.size > this.most) {
      let oldest: Pooled | undefined;
      for (const other of this.#open) {
        if (other !== handle && (!oldest || other.lastUsed < oldest.lastUsed)) oldest = other;
      }
      oldest?.idle();
    }
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#sweep(), SWEEP_MS);
      Deno.unrefTimer(this.#timer);
    }
  }

  closed(handle: Pooled): void {
    this.#open.delete(handle);
    if (this.#open.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #sweep(): void {
    const before = performance.now() - IDLE_MS;
    for (const handle of [...this.#open]) if (handle.lastUsed < before) handle.idle();
  }
}
