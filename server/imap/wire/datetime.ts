/** `date-time` in its quotes (RFC 9051 §9), for one message after another: the day is rendered anew only where it changes. */
import { EARLIEST, formatDateTime, LATEST, SECONDS_A_DAY } from "./dates.ts";

const encoder = new TextEncoder();
/** Where the time stands in `" 1-Jan-2026 10:11:12 +0000"`. */
const TIME = 13;

export class DateTimeWriter {
  #day = NaN;
  #bytes: Uint8Array = new Uint8Array(0);

  /** @param time in seconds since 1970 @returns bytes that are valid until the next call */
  quoted(time: number): Uint8Array {
    const seconds = Math.min(Math.max(time, EARLIEST), LATEST);
    const day = Math.floor(seconds / SECONDS_A_DAY);
    if (day !== this.#day) {
      this.#day = day;
      this.#bytes = encoder.encode(`"${formatDateTime(day * SECONDS_A_DAY)}"`);
    }
    const rest = seconds - day * SECONDS_A_DAY;
    this.#two(TIME, Math.floor(rest / 3600));
    this.#two(TIME + 3, Math.floor(rest / 60) % 60);
    this.#two(TIME + 6, rest % 60);
    return this.#bytes;
  }

  #two(at: number, value: number): void {
    this.#bytes[at] = 0x30 + Math.floor(value / 10);
    this.#bytes[at + 1] = 0x30 + value % 10;
  }
}
