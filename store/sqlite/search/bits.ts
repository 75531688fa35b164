/** Runs of bits in words, from the lowest bit of each on. */

/** Sets `count` bits from bit `from` on. */
export function setBits(words: Uint32Array, from: number, count: number): void {
  const end = from + count;
  for (let at = from; at < end;) {
    const here = Math.min(32 - (at & 31), end - at);
    words[at >>> 5] |= mask(here) << (at & 31);
    at += here;
  }
}

/** Puts `count` bits of `source`, from bit `from` on, in the place of those of `into` from bit `to` on. */
export function copyBits(source: Uint32Array, from: number, into: Uint32Array, to: number, count: number): void {
  for (let done = 0; done < count;) {
    const [at, target] = [from + done, to + done];
    const here = Math.min(32 - (at & 31), 32 - (target & 31), count - done);
    const bits = source[at >>> 5] >>> (at & 31) & mask(here);
    into[target >>> 5] = into[target >>> 5] & ~(mask(here) << (target & 31)) | bits << (target & 31);
    done += here;
  }
}

function mask(count: number): number {
  return count === 32 ? 0xffffffff : (1 << count) - 1;
}
