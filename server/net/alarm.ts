/** A timer for deadlines that nearly always pass unused: it is moved when it fires or would be too late, not at each setting. */
/** What a timer can wait at most, in milliseconds; after it the rest is waited for. */
const MAX_DELAY = 0x7fffffff;

export class Alarm {
  readonly #ring: () => void;
  #deadline = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = Infinity;

  /** @param ring called once for a deadline that passed while it was set */
  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** @param deadline on the clock of `performance.now()`; Infinity: none */
  set(deadline: number): void {
    this.#deadline = deadline;
    if (deadline < this.#due) this.#start(deadline);
  }

  unset(): void {
    this.#deadline = Infinity;
  }

  /** Also takes the timer away, which `unset` leaves for the next deadline. */
  stop(): void {
    this.#deadline = Infinity;
    clearTimeout(this.#timer);
    this.#due = Infinity;
  }

  /** Deno loads the timers when they are first named and runs what waits as a microtask meanwhile, so nothing is read again after that. */
  #start(deadline: number): void {
    const delay = Math.min(MAX_DELAY, Math.max(0, Math.ceil(deadline - performance.now())));
    clearTimeout(this.#timer);
    this.#due = deadline;
    this.#timer = setTimeout(() => this.#fired(), delay);
  }

  #fired(): void {
    this.#due = Infinity;
    if (this.#deadline === Infinity) return;
    if (performance.now() < this.#deadline) return this.#start(this.#deadline);
    this.#deadline = Infinity;
    this.#ring();
  }
}
