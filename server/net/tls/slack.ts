/**
 * Memory that a burst of handshakes leaves behind: each takes much for a moment, and the C library keeps what lies free between what lives
 * on. When the burst is over, it is given back to the system.
 */
import type { OpenSsl } from "./ffi.ts";

/** Handshakes that are worth it. */
const BURST = 100;
/** Long enough for V8 to have collected what the burst left, in ms. */
const REST = 12_000;

export class Slack {
  readonly #openSsl: Pick<OpenSsl, "malloc_trim">;
  readonly #rest: number;
  #handshakes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(openSsl: Pick<OpenSsl, "malloc_trim">, rest = REST) {
    this.#openSsl = openSsl;
    this.#rest = rest;
  }

  handshake(): void {
    if (++this.#handshakes >= BURST) this.#timer ??= this.#wait();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #wait(): ReturnType<typeof setTimeout> {
    this.#handshakes = 0;
    return setTimeout(() => {
      this.#timer = undefined;
      // While many come, the next ones need what those before left.
      if (this.#handshakes >= BURST) this.#timer = this.#wait();
      else void this.#openSsl.malloc_trim?.(0n);
    }, this.#rest);
  }
}
