/** Values replaced by their ranks: equal values have one rank, and lower values lower ranks. */
import type { Pace } from "../pace.ts";

/** So many texts are sorted between turns of others. */
const RUN = 8192;
/** Of a number, what holds its value exactly. */
const BITS = 52;
/** Of a character in a number; those that do not fit are all one, the highest. */
const CHARACTER = 128;
const OTHER = CHARACTER - 1;
/** So few texts are compared rather than numbered; and all after so many steps. */
const FEW = 16;
const DEEP = 8;
const SURROGATE = /[\ud800-\udfff]/;

export function numberRanks(values: Float64Array): Uint32Array {
  const sorted = values.toSorted();
  let count = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[count - 1]) sorted[count++] = sorted[i];
  return Uint32Array.from(values, (value) => {
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sorted[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}

/** By code points (see `Sorter`). */
export async function textRanks(values: readonly string[], pace: Pace): Promise<Uint32Array> {
  const order = await new Sorter(values, pace).order();
  const ranks = new Uint32Array(values.length);
  let rank = 0;
  for (let at = 1; at < order.length; at++) {
    if (values[order[at]] !== values[order[at - 1]]) rank++;
    ranks[order[at]] = rank;
  }
  return ranks;
}

/** Texts at [from, to) of the order, which are alike up to `offset`. */
interface Group {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/**
 * Each text becomes a number: some characters, and where it stands. Numbers are sorted in no time. Texts that begin alike are sorted
 * by the characters that follow, and where that goes on for long, or they are few, compared.
 */
class Sorter {
  readonly #order: Uint32Array;
  /** The texts' numbers are below this. */
  readonly #size: number;
  /** Characters looked at together. */
  readonly #length: number;
  readonly #groups: Group[] = [];
  #compare: ((a: string, b: string) => number) | undefined;

  constructor(readonly values: readonly string[], readonly pace: Pace) {
    this.#order = Uint32Array.from(values, (_, i) => i);
    const bits = Math.ceil(Math.log2(Math.max(2, values.length)));
    this.#size = 2 ** bits;
    this.#length = Math.floor((BITS - bits) / Math.log2(CHARACTER));
  }

  async order(): Promise<Uint32Array> {
    this.#groups.push({ from: 0, to: this.#order.length, offset: 0 });
    for (let group = this.#groups.pop(); group; group = this.#groups.pop()) {
      if (group.to - group.from < 2) continue;
      if (group.to - group.from <= FEW || group.offset >= DEEP * this.#length) await this.#compareAll(group);
      else this.#divide(group);
      if (this.pace.due) await this.pace.giveWay();
    }
    return this.#order;
  }

  #divide({ from, to, offset }: Group): void {
    const order = this.#order;
    const size = this.#size;
    const keys = new Float64Array(to - from);
    for (let i = 0; i < keys.length; i++) {
      keys[i] = this.#number(this.values[order[from + i]], offset) * size + order[from + i];
    }
    keys.sort();
    for (let at = 0; at < keys.length;) {
      const number = Math.floor(keys[at] / size);
      const start = at;
      for (; at < keys.length && Math.floor(keys[at] / size) === number; at++) {
        order[from + at] = keys[at] - number * size;
      }
      const last = number % CHARACTER;
      // A text that ended is the same as the others.
      if (at - start === 1 || last === 0) continue;
      // Where a character did not fit, numbers say no more.
      this.#groups.push({
        from: from + start,
        to: from + at,
        offset: last === OTHER ? Infinity : offset + this.#length,
      });
    }
  }

  /** Compares as the characters do; behind one that does not fit nothing counts. */
  #number(text: string, offset: number): number {
    let number = 0;
    let other = false;
    for (let at = offset; at < offset + this.#length; at++) {
      let digit = 0; // the end of the text
      if (other) digit = OTHER;
      else if (at < text.length) digit = Math.min(text.charCodeAt(at) + 1, OTHER);
      other = digit === OTHER;
      number = number * CHARACTER + digit;
    }
    return number;
  }

  async #compareAll({ from, to }: Group): Promise<void> {
    this.#compare ??= this.values.some((value) => SURROGATE.test(value)) ? compareCodePoints : compareUnits;
    const sorted = await mergeSort(this.#order.slice(from, to), this.values, this.#compare, this.pace);
    this.#order.set(sorted, from);
  }
}

type Compare = (a: string, b: string) => number;

function compareUnits(a: string, b: string): number {
  return a < b ? -1 : a === b ? 0 : 1;
}

/** As UTF-8 bytes compare: surrogates stand for what is above all other characters. */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const high = (unit: number) => unit >= 0xd800 && unit <= 0xdfff ? 1 : 0;
    return high(x) - high(y) || x - y;
  }
  return a.length - b.length;
}

/** In steps, so that others get their turns. */
async function mergeSort(
  texts: Uint32Array,
  values: readonly string[],
  compare: Compare,
  pace: Pace,
): Promise<Uint32Array> {
  let runs: Uint32Array[] = [];
  for (let at = 0; at < texts.length; at += RUN) {
    runs.push(texts.subarray(at, at + RUN).sort((a, b) => compare(values[a], values[b])));
    if (texts.length > RUN && pace.due) await pace.giveWay();
  }
  while (runs.length > 1) {
    const merged: Uint32Array[] = [];
    for (let i = 0; i < runs.length; i += 2) {
      merged.push(i + 1 < runs.length ? await merge(runs[i], runs[i + 1], values, compare, pace) : runs[i]);
    }
    runs = merged;
  }
  return runs[0];
}

async function merge(
  a: Uint32Array,
  b: Uint32Array,
  values: readonly string[],
  compare: Compare,
  pace: Pace,
): Promise<Uint32Array> {
  const merged = new Uint32Array(a.length + b.length);
  let i = 0;
  let j = 0;
  for (let k = 0; k < merged.length; k++) {
    const first = j >= b.length || (i < a.length && compare(values[a[i]], values[b[j]]) <= 0);
    merged[k] = first ? a[i++] : b[j++];
    if (k % RUN === 0 && pace.due) await pace.giveWay();
  }
  return merged;
}
