/**
 * Time of the thread for work that nobody waits for: one piece at a time, whichever account it is for, and the longer the pauses the
 * more others have to do.
 */

/** Pauses between pieces: at least so many ms, and in multiples of what the last took; where the thread has nothing else to do, and where it has. */
const QUIET = { least: 5, multiple: 1 };
const BUSY = { least: 50, multiple: 15 };
/** Operations since the last piece with which the thread counts as busy. */
const FEW_OPERATIONS = 4;

export class SpareTime {
  #freeAt = 0;
  #operations = 0;

  /** Somebody uses an account. */
  used(): void {
    this.#operations++;
  }

  /** Milliseconds until the next piece may be done; 0: now. */
  get wait(): number {
    return Math.max(0, this.#freeAt - performance.now());
  }

  /** A piece was done, which took so many ms. */
  spent(ms: number): void {
    const { least, multiple } = this.#operations > FEW_OPERATIONS ? BUSY : QUIET;
    this.#operations = 0;
    this.#freeAt = performance.now() + Math.max(least, multiple * ms);
  }
}
