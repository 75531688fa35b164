/** Numbers for hashes of Message-IDs, by open addressing: a third of the time that a Map of strings takes. */

/** Characters of a hash: base64 of 48 bits. */
export const ID_LENGTH = 8;

const VALUES = new Uint8Array(128);
for (const [value, character] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].entries()) {
  VALUES[character.charCodeAt(0)] = value;
}

const EMPTY = -1;

export class IdTable {
  #size = 0;
  #mask = 1023;
  /** 24 bits each. */
  #high = new Int32Array(1024);
  #low = new Int32Array(1024);
  #nodes = new Int32Array(1024).fill(EMPTY);
  /** Where collisions fall is nobody's to choose. */
  readonly #seed = crypto.getRandomValues(new Uint32Array(1))[0] | 1;

  /** The number of the hash that stands in `text` at `at`; without one it gets what `make` gives. */
  node(text: string, at: number, make: () => number): number {
    const high = bits(text, at);
    const low = bits(text, at + 4);
    const slot = this.#slot(high, low);
    const found = this.#nodes[slot];
    if (found !== EMPTY) return found;
    const node = make();
    this.#put(slot, high, low, node);
    if (++this.#size * 2 > this.#mask) this.#grow();
    return node;
  }

  #slot(high: number, low: number): number {
    const hash = Math.imul(high ^ Math.imul(low, 0x9e3779b1), this.#seed);
    let slot = (hash ^ (hash >>> 15)) & this.#mask;
    while (this.#nodes[slot] !== EMPTY && (this.#high[slot] !== high || this.#low[slot] !== low)) {
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  #put(slot: number, high: number, low: number, node: number): void {
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#nodes[slot] = node;
  }

  #grow(): void {
    const [highs, lows, nodes] = [this.#high, this.#low, this.#nodes];
    const capacity = nodes.length * 4;
    this.#mask = capacity - 1;
    this.#high = new Int32Array(capacity);
    this.#low = new Int32Array(capacity);
    this.#nodes = new Int32Array(capacity).fill(EMPTY);
    for (let old = 0; old < nodes.length; old++) {
      if (nodes[old] !== EMPTY) this.#put(this.#slot(highs[old], lows[old]), highs[old], lows[old], nodes[old]);
    }
  }
}

/** Of four characters. */
function bits(text: string, at: number): number {
  return VALUES[text.charCodeAt(at) & 127] << 18 | VALUES[text.charCodeAt(at + 1) & 127] << 12 |
    VALUES[text.charCodeAt(at + 2) & 127] << 6 | VALUES[text.charCodeAt(at + 3) & 127];
}
