/**
 * Deadlines that nearly always pass unused. All alarms share one timer: an idle connection holds two of them, and a timer of its own would
 * take more memory than the rest of the alarm.
 *
 * Invariants: `waiting` is a binary heap by `due`, and each alarm knows its place there; the timer runs for its first. An alarm is moved
 * when it comes due or would be too late, not at each setting.
 */

/** What a timer can wait at most, in milliseconds; after it the rest is waited for. */
const MAX_DELAY = 0x7fffffff;

const NOWHERE = -1;

export class Alarm {
  /** When to look at the deadline; Infinity while it does not wait. Only for this file. */
  due = Infinity;
  /** Its place among those that wait. Only for this file. */
  place = NOWHERE;
  readonly #ring: () => void;
  #deadline = Infinity;

  /** @param ring called once for a deadline that passed while it was set */
  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** @param deadline on the clock of `performance.now()`; Infinity: none */
  set(deadline: number): void {
    this.#deadline = deadline;
    if (deadline < this.due) wait(this, deadline);
  }

  unset(): void {
    this.#deadline = Infinity;
  }

  /** Also takes the timer away, which `unset` leaves for the next deadline. */
  stop(): void {
    this.#deadline = Infinity;
    remove(this);
    run();
  }

  /** It came due, and waits no more. Only for this file. */
  look(): void {
    if (this.#deadline === Infinity) return;
    if (performance.now() < this.#deadline) return wait(this, this.#deadline);
    this.#deadline = Infinity;
    this.#ring();
  }
}

const waiting: Alarm[] = [];
/** Deno loads the timers when they are first named, and runs what waits as a microtask meanwhile: not in the midst of `run`. */
const [startTimer, clearTimer] = [setTimeout, clearTimeout];
let timer: ReturnType<typeof setTimeout> | undefined;
let timerDue = Infinity;

function wait(alarm: Alarm, due: number): void {
  alarm.due = due;
  if (alarm.place === NOWHERE) put(alarm, waiting.length);
  settle(alarm);
  run();
}

function remove(alarm: Alarm): void {
  const { place } = alarm;
  if (place === NOWHERE) return;
  alarm.due = Infinity;
  alarm.place = NOWHERE;
  const last = waiting.pop();
  if (last && last !== alarm) {
    put(last, place);
    settle(last);
  }
}

function put(alarm: Alarm, place: number): void {
  waiting[place] = alarm;
  alarm.place = place;
}

/** Moves an alarm up or down to where its `due` belongs. */
function settle(alarm: Alarm): void {
  let { place } = alarm;
  while (place > 0) {
    const above = waiting[(place - 1) >> 1];
    if (above.due <= alarm.due) break;
    put(above, place);
    place = (place - 1) >> 1;
  }
  for (;;) {
    let below = 2 * place + 1;
    if (below + 1 < waiting.length && waiting[below + 1].due < waiting[below].due) below++;
    if (below >= waiting.length || waiting[below].due >= alarm.due) break;
    put(waiting[below], place);
    place = below;
  }
  put(alarm, place);
}

/** Makes the timer run for the first that waits; one that runs for an earlier time is left, but must not keep an idle process alive. */
function run(): void {
  const due = waiting.length === 0 ? Infinity : waiting[0].due;
  if (due === Infinity) {
    clearTimer(timer);
    timerDue = Infinity;
  } else if (due < timerDue) {
    const delay = Math.min(MAX_DELAY, Math.max(0, Math.ceil(due - performance.now())));
    clearTimer(timer);
    timerDue = due;
    timer = startTimer(fired, delay);
  }
}

function fired(): void {
  timerDue = Infinity;
  const now = performance.now();
  while (waiting.length > 0 && waiting[0].due <= now) {
    const first = waiting[0];
    remove(first);
    first.look();
  }
  run();
}
