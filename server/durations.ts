/**
 * Histograms of how long things take, by two labels. There is one observation for each command and each operation of the store, so it
 * is a few additions: prom-client's own makes a text of the labels each time.
 */
import { Histogram, type Registry } from "./promclient.js";

export interface DurationsOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly [string, string];
  /** Seconds, ascending. */
  readonly buckets: readonly number[];
  readonly registers: Registry[];
}

interface Tally {
  /** By bucket; the last is for all that is longer. */
  readonly counts: number[];
  sum: number;
}

/** As prom-client gives it on. */
interface Value {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** More labels. */
  readonly sharedLabels: Readonly<Record<string, string>>;
  readonly metricName: string;
}

export class Durations extends Histogram<string> {
  readonly #tallies = new Map<string, Map<string, Tally>>();
  readonly #options: DurationsOptions;

  constructor(options: DurationsOptions) {
    super({ ...options, buckets: [...options.buckets] });
    this.#options = options;
  }

  took(first: string, second: string, seconds: number): void {
    const { counts } = this.#tally(first, second, seconds);
    const { buckets } = this.#options;
    let at = 0;
    while (at < buckets.length && seconds > buckets[at]) at++;
    counts[at]++;
  }

  #tally(first: string, second: string, seconds: number): Tally {
    let bySecond = this.#tallies.get(first);
    if (!bySecond) this.#tallies.set(first, bySecond = new Map());
    let tally = bySecond.get(second);
    if (!tally) bySecond.set(second, tally = { counts: this.#options.buckets.map(() => 0).concat(0), sum: 0 });
    tally.sum += seconds;
    return tally;
  }

  /** What prom-client makes all its forms of. */
  getForPromString() {
    const { name, help } = this.#options;
    return Promise.resolve({ name, help, type: "histogram", aggregator: "sum", values: [...this.#values()] });
  }

  *#values(): Iterable<Value> {
    const { name, buckets, labelNames: [a, b] } = this.#options;
    for (const [first, bySecond] of this.#tallies) {
      for (const [second, { counts, sum }] of bySecond) {
        const of = (suffix: string, value: number, le?: number | string): Value => ({
          value,
          labels: { ...(le === undefined ? {} : { le }), [a]: first, [b]: second },
          sharedLabels: {},
          metricName: `${name}_${suffix}`,
        });
        let count = 0;
        for (let at = 0; at < counts.length; at++) yield of("bucket", count += counts[at], buckets[at] ?? "+Inf");
        yield of("sum", sum);
        yield of("count", count);
      }
    }
  }
}
