/** What the keys of session tickets are made of (tickets.ts), for those that pass it on. */

export interface TicketSecret {
  readonly bytes: Uint8Array;
  /** Milliseconds of `clock`. */
  readonly made: number;
}

export function newTicketSecret(): TicketSecret {
  return { bytes: crypto.getRandomValues(new Uint8Array(32)), made: clock() };
}

/** One that nobody sets, the same for all threads. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}
