/**
 * Counts failed logins by address class. Each class has two windows, a minute and a day, that begin with their first failure.
 * Memory is bounded: beyond the capacity the classes that failed longest ago are forgotten.
 */
import { addressClasses } from "./addressclasses.ts";
import { BoundedMap } from "./bounded.ts";

export interface ThrottleLimits {
  /** Failures of one address; wider classes are allowed three and nine times as many. 0 is no limit. */
  readonly failuresPerMinute: number;
  readonly failuresPerDay: number;
}

export interface ThrottleOptions {
  /** Milliseconds that only ever grow. */
  readonly now?: () => number;
  /** Most classes that are remembered. */
  readonly capacity?: number;
}

/** Who counts failed logins: a Throttle, or one in another thread. */
export interface Throttling {
  /** Whether the address, or a network that it is in, has failed too often to be let try again now. */
  refuses(remote: string): boolean | Promise<boolean>;
  /** Counts a failure. Gives how many milliseconds its answer has to wait. */
  failed(remote: string): number | Promise<number>;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Wait before the answer to the third, fourth, … failure of an address within a minute, in milliseconds. */
const DELAYS = [1000, 2000, 4000];
const FREE_FAILURES = 2;

interface Counts {
  minuteStart: number;
  minute: number;
  dayStart: number;
  day: number;
}

export class Throttle implements Throttling {
  readonly #limits: ThrottleLimits;
  readonly #now: () => number;
  readonly #classes: BoundedMap<Counts>;

  constructor(limits: ThrottleLimits, options: ThrottleOptions = {}) {
    this.#limits = limits;
    this.#now = options.now ?? (() => performance.now());
    this.#classes = new BoundedMap(options.capacity ?? 50_000);
  }

  /** Number of classes that are remembered. */
  get size(): number {
    return this.#classes.size;
  }

  refuses(remote: string): boolean {
    const now = this.#now();
    const { failuresPerMinute, failuresPerDay } = this.#limits;
    return addressClasses(remote).some(({ key, factor }) => {
      const counts = this.#classes.get(key);
      if (counts === undefined) return false;
      expire(counts, now);
      return (failuresPerMinute > 0 && counts.minute >= failuresPerMinute * factor) ||
        (failuresPerDay > 0 && counts.day >= failuresPerDay * factor);
    });
  }

  failed(remote: string): number {
    const { failuresPerMinute, failuresPerDay } = this.#limits;
    if (failuresPerMinute === 0 && failuresPerDay === 0) return 0;
    const now = this.#now();
    let delay = 0;
    for (const { key, factor } of addressClasses(remote)) {
      const counts = this.#classes.get(key) ?? { minuteStart: now, minute: 0, dayStart: now, day: 0 };
      expire(counts, now);
      counts.minute++;
      counts.day++;
      this.#classes.set(key, counts);
      if (factor === 1 && counts.minute > FREE_FAILURES) {
        delay = DELAYS[Math.min(counts.minute - FREE_FAILURES, DELAYS.length) - 1];
      }
    }
    return delay;
  }
}

function expire(counts: Counts, now: number): void {
  if (now - counts.minuteStart >= MINUTE) [counts.minuteStart, counts.minute] = [now, 0];
  if (now - counts.dayStart >= DAY) [counts.dayStart, counts.day] = [now, 0];
}
