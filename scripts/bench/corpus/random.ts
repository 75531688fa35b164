/** Pseudo-random numbers that are the same in each run: a stream of its own for each seed and number. */
export class Random {
  #state: number;

  constructor(seed: number, stream: number) {
    this.#state = scrambled(scrambled(seed) + Math.imul(stream, 0x9e3779b1));
  }

  /** 0 to 2³² − 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    return scrambled(this.#state);
  }

  /** 0 up to, and without, 1. */
  part(): number {
    return this.next() / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.part() < probability;
  }

  /** 0 up to, and without, `limit`. */
  below(limit: number): number {
    return Math.floor(this.part() * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }

  /** The first ones far more often than the last, as people write to some more than to others. */
  pickSkewed<T>(values: readonly T[]): T {
    return values[Math.floor(values.length * this.part() ** 3)];
  }

  /** Of the standard normal distribution. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.part())) * Math.cos(2 * Math.PI * this.part());
  }

  hex(length: number): string {
    let text = "";
    while (text.length < length) text += this.next().toString(16).padStart(8, "0");
    return text.slice(0, length);
  }
}

function scrambled(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 15), value | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
