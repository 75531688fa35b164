/** Pseudo-random numbers with a seed, so a failing round can be run again. */
export interface Random {
  /** 0 <= n < below */
  int(below: number): number;
  pick<T>(items: ArrayLike<T>): T;
  bytes(length: number, below?: number): Uint8Array;
}

export function random(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const int = (below: number) => Math.floor(next() * below);
  return {
    int,
    pick: (items) => items[int(items.length)],
    bytes: (length, below = 256) => Uint8Array.from({ length }, () => int(below)),
  };
}
