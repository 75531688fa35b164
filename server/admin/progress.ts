/**
 * How far a long task is: on a terminal a bar with rate and time left, otherwise a line every 10 s. Standard error, so that standard
 * output is the result alone.
 */
const BAR_MS = 200;
const LINE_MS = 10_000;
const WIDTH = 30;

export interface ProgressOptions {
  readonly quiet: boolean;
  readonly terminal: boolean;
  readonly write: (text: string) => void;
  /** Milliseconds. */
  readonly now: () => number;
}

const encoder = new TextEncoder();

export function standardError(quiet: boolean): ProgressOptions {
  return {
    quiet,
    terminal: Deno.stderr.isTerminal(),
    now: () => performance.now(),
    write: (text) => {
      const bytes = encoder.encode(text);
      for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
    },
  };
}

export class Progress {
  /** All there is to do, in any unit. */
  total = 0;
  #done = 0;
  #messages = 0;
  #shown = false;
  readonly #start: number;
  #next: number;
  readonly #options: ProgressOptions;

  /**
   * @param verb what happens to the messages: "imported"
   * @param unit where it is not messages that are counted
   */
  constructor(readonly verb: string, quiet: boolean, options = standardError(quiet), readonly unit = "messages") {
    this.#options = options;
    this.#start = options.now();
    this.#next = this.#start + (options.terminal ? 0 : LINE_MS);
  }

  add(work: number, messages: number): void {
    this.#done += work;
    this.#messages += messages;
    const now = this.#options.now();
    if (this.#options.quiet || now < this.#next) return;
    this.#next = now + (this.#options.terminal ? BAR_MS : LINE_MS);
    const text = this.#text(now);
    this.#options.write(this.#options.terminal ? `\r${text}\x1b[K` : `${text}\n`);
    this.#shown = this.#options.terminal;
  }

  #text(now: number): string {
    const part = this.total > 0 ? Math.min(1, this.#done / this.total) : 1;
    const seconds = Math.max(0.001, (now - this.#start) / 1000);
    const left = part > 0 ? time(seconds / part - seconds) : "?";
    const state = `${Math.floor(part * 100)} %, ${this.#messages} ${this.unit} ${this.verb}, ${
      Math.round(this.#messages / seconds)
    }/s, ${left} left`;
    if (!this.#options.terminal) return state;
    const full = Math.round(part * WIDTH);
    return `[${"#".repeat(full)}${" ".repeat(WIDTH - full)}] ${state}`;
  }

  /** A line above the bar. Shown with `quiet`, too. */
  line(text: string): void {
    this.#options.write(this.#shown ? `\r\x1b[K${text}\n` : `${text}\n`);
    this.#shown = false;
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#shown) this.#options.write("\r\x1b[K");
    this.#shown = false;
  }
}

/** `3:07`, `1:02:03`. */
function time(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (number: number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
