/** Figures, and what is counted together. */

export interface Figure {
  readonly scenario: string;
  readonly what: string;
  readonly server: string;
  readonly round: number;
  readonly value: number;
  readonly unit: string;
  /** Higher values are better. */
  readonly rate: boolean;
  /** CPU that client and server took, as parts of one core; where it was worth measuring. */
  readonly clientCpu?: number;
  readonly serverCpu?: number;
}

/** Does `work` again and again, `width` at once, for `seconds`. @returns how often a second */
export async function rate(seconds: number, width: number, work: (number: number) => Promise<void>): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1000;
  let done = 0;
  await Promise.all(Array.from({ length: width }, async () => {
    while (performance.now() < end) await work(done++);
  }));
  return done / (performance.now() - start) * 1000;
}

/** Does `work` `count` times, `width` at once. */
export async function times(count: number, width: number, work: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(width, count) }, async () => {
    while (next < count) await work(next++);
  }));
}

/** Milliseconds that `work` took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The value that `part` (0 to 1) of them do not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * How a value grows: the slope of the line through the logarithms, by least squares. 0 does not grow, 1 is linear, 2 square;
 * n log n is 1.1 to 1.2 between 1,000 and 1,000,000.
 * @returns NaN for less than two points, or such as have no logarithm
 */
export function exponent(points: readonly { readonly size: number; readonly value: number }[]): number {
  const x = points.map(({ size }) => Math.log(size));
  const y = points.map(({ value }) => Math.log(value));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [middleX, middleY] = [mean(x), mean(y)];
  const above = x.reduce((sum, value, at) => sum + (value - middleX) * (y[at] - middleY), 0);
  const below = x.reduce((sum, value) => sum + (value - middleX) ** 2, 0);
  return points.length < 2 ? NaN : above / below;
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** @throws Error with `what` when it takes longer than that many seconds */
export async function within<T>(seconds: number, what: string, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what}: not within ${seconds} s`)), seconds * 1000);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
