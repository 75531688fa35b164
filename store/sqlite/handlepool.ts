/**
 * Open account databases: closed when unused for twenty seconds, and never more than a bounded number at once. An open one takes about
 * 140 KB, which the allocator does not give back to the system, and opening takes half a millisecond; closing one that was written to has to flush.
 * So those that were only read may be fewer.
 */

import { SpareTime } from "./sparetime.ts";

export interface Pooled {
  /** `performance.now()` of the last use. */
  readonly lastUsed: number;
  /** Closing it has something to write. */
  readonly written: boolean;
  /** Closes what is open; it is opened again at the next use. */
  idle(): void;
}

const IDLE_MS = 20_000;
const SWEEP_MS = 1000;

export class HandlePool {
  /** Of the thread that has these databases. */
  readonly spare = new SpareTime();
  readonly #open = new Set<Pooled>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly most = 100, readonly mostUnwritten = 32) {}

  /** `handle` was opened; others may be closed for it. */
  opened(handle: Pooled): void {
    this.#open.add(handle);
    const unwritten = [...this.#open].filter(({ written }) => !written);
    if (unwritten.length > this.mostUnwritten) oldest(unwritten, handle)?.idle();
    else if (this.#open.size > this.most) oldest(this.#open, handle)?.idle();
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

/** The one unused for longest, besides `spared`. */
function oldest(handles: Iterable<Pooled>, spared: Pooled): Pooled | undefined {
  let found: Pooled | undefined;
  for (const handle of handles) {
    if (handle !== spared && (!found || handle.lastUsed < found.lastUsed)) found = handle;
  }
  return found;
}
