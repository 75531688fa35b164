/** A set of positions in a message list, a bit each. */
export class Bitmap {
  private readonly words: Uint32Array;

  constructor(readonly size: number, words?: Uint32Array) {
    this.words = words ?? new Uint32Array((size + 31) >>> 5);
  }

  static full(size: number): Bitmap {
    const all = new Bitmap(size);
    all.setRange(0, size);
    return all;
  }

  has(position: number): boolean {
    return (this.words[position >>> 5] & (1 << (position & 31))) !== 0;
  }

  set(position: number): void {
    this.words[position >>> 5] |= 1 << (position & 31);
  }

  clear(position: number): void {
    this.words[position >>> 5] &= ~(1 << (position & 31));
  }

  /** [from, to). */
  setRange(from: number, to: number): void {
    let at = from;
    while (at < to && (at & 31) !== 0) this.set(at++);
    const wordsEnd = to >>> 5;
    if (at >>> 5 < wordsEnd) {
      this.words.fill(0xffffffff, at >>> 5, wordsEnd);
      at = wordsEnd << 5;
    }
    while (at < to) this.set(at++);
  }

  /** [from, to). */
  clearRange(from: number, to: number): void {
    let at = from;
    while (at < to && (at & 31) !== 0) this.clear(at++);
    const wordsEnd = to >>> 5;
    if (at >>> 5 < wordsEnd) {
      this.words.fill(0, at >>> 5, wordsEnd);
      at = wordsEnd << 5;
    }
    while (at < to) this.clear(at++);
  }

  copy(): Bitmap {
    return new Bitmap(this.size, this.words.slice());
  }

  /** Keeps what is in both. */
  and(other: Bitmap): this {
    const { words } = this;
    for (let i = 0; i < words.length; i++) words[i] &= other.words[i];
    return this;
  }

  or(other: Bitmap): this {
    const { words } = this;
    for (let i = 0; i < words.length; i++) words[i] |= other.words[i];
    return this;
  }

  /** Keeps what is not in the other. */
  andNot(other: Bitmap): this {
    const { words } = this;
    for (let i = 0; i < words.length; i++) words[i] &= ~other.words[i];
    return this;
  }

  get empty(): boolean {
    return this.words.every((word) => word === 0);
  }

  count(): number {
    let count = 0;
    for (let word of this.words) {
      word -= (word >>> 1) & 0x55555555;
      word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
      count += (((word + (word >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
    }
    return count;
  }

  /** -1: none. */
  first(): number {
    for (let i = 0; i < this.words.length; i++) {
      const word = this.words[i];
      if (word !== 0) return i * 32 + 31 - Math.clz32(word & -word);
    }
    return -1;
  }

  /** -1: none. */
  last(): number {
    for (let i = this.words.length - 1; i >= 0; i--) {
      const word = this.words[i];
      if (word !== 0) return i * 32 + 31 - Math.clz32(word);
    }
    return -1;
  }

  /** Positions, ascending. */
  positions(): Uint32Array {
    const positions = new Uint32Array(this.count());
    let n = 0;
    for (let i = 0; i < this.words.length; i++) {
      let word = this.words[i];
      while (word !== 0) {
        const lowest = word & -word;
        positions[n++] = i * 32 + 31 - Math.clz32(lowest);
        word ^= lowest;
      }
    }
    return positions;
  }
}
