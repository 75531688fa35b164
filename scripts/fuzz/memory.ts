/** Whether memory that is really held grows while the work stays the same. */

/** Held bytes may grow by this much from the middle to the end of a run; measured: they do not, and samples differ by 10 MiB. */
const BOUND = 12 * 1024 * 1024;
/** A shorter run is over before its caches are full. */
const SHORTEST = 30;

export class Memory {
  readonly #held: { readonly at: number; readonly bytes: number }[] = [];
  #samples = 0;
  peakRss = 0;

  /** Cheap but for every tenth, which collects garbage, where the program was started with --expose-gc. */
  sample(): void {
    this.peakRss = Math.max(this.peakRss, Deno.memoryUsage().rss);
    const { gc } = globalThis as { gc?: () => void };
    if (!gc || this.#samples++ % 10 !== 0) return;
    gc();
    const { heapUsed, external } = Deno.memoryUsage();
    this.#held.push({ at: performance.now(), bytes: heapUsed + external });
  }

  /** @throws {Error} more is held at the end than was in the middle */
  check(seconds: number): void {
    const third = Math.floor(this.#held.length / 3);
    if (seconds < SHORTEST || third < 3) return;
    const least = (samples: readonly { bytes: number }[]) => Math.min(...samples.map(({ bytes }) => bytes));
    const middle = least(this.#held.slice(third, 2 * third));
    const end = least(this.#held.slice(-third));
    if (end - middle <= BOUND) return;
    const mega = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MiB`;
    throw new Error(`memory grows: ${mega(middle)} held in the middle of the run, ${mega(end)} at its end`);
  }
}
