/**
 * A map of bounded size that forgets what was used least lately, in constant time. (A Map whose entries are removed and added again,
 * to keep them in order, takes tens of microseconds a step when it is large.)
 *
 * Invariant: two generations. What is used moves to the young one; when that holds half of the capacity, the old one is forgotten.
 */
export class BoundedMap<V> {
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  /** @param capacity most entries; the later half of them is never forgotten */
  constructor(readonly capacity: number) {}

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): V | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, value: V): void {
    this.#young.set(key, value);
    if (this.#old.size > 0) this.#old.delete(key);
    if (this.#young.size * 2 <= this.capacity) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}
