/** Running work for a while, some of it at once, and figures of it. */

export interface Figure {
  readonly what: string;
  readonly server: string;
  readonly value: number;
  readonly unit: string;
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

/** Does `work` `times` times, `width` at once. */
export async function times(count: number, width: number, work: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: width }, async () => {
    while (next < count) await work(next++);
  }));
}

/** The value that `part` (0 to 1) of them do not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
