/** When a certificate is renewed, and when an attempt that failed is made again. All times are milliseconds since 1970. */

const HOUR = 3_600_000;
const LONGEST_BACK_OFF = 24 * HOUR;
/** An authority's Retry-After is heeded up to this. */
const LONGEST_RETRY_AFTER = 7 * 24 * HOUR;

export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * With a third of the lifetime left, or up to a thirty-sixth of it earlier, so that certificates that came together do not come due
 * together. @param random from 0 to 1
 */
export function renewalTime({ notBefore, notAfter }: Validity, random: number): number {
  const lifetime = notAfter - notBefore;
  return notAfter - lifetime / 3 - lifetime / 36 * random;
}

/** A moment in the window that the authority suggests (RFC 9773 §4.2), but with no less than a sixth of the lifetime left. */
export function suggestedTime(validity: Validity, window: { start: number; end: number }, random: number): number {
  const { start } = window;
  const end = Math.max(start, window.end);
  return Math.min(start + (end - start) * random, latestTime(validity));
}

/** From here on a certificate that could not be renewed is an emergency. */
export function latestTime({ notBefore, notAfter }: Validity): number {
  return notAfter - (notAfter - notBefore) / 6;
}

/** Before this moment a new certificate is not renewed, whatever it says: a clock that is wrong must not make us order without end. */
export function earliestTime(obtained: number, { notBefore, notAfter }: Validity): number {
  return obtained + Math.min(24 * HOUR, (notAfter - notBefore) / 2);
}

/** 1, 2, 4, … 24 hours, up to a tenth more; longer where the authority asks for it. */
export function nextAttempt(
  now: number,
  failures: number,
  retryAfter: number | undefined,
  random: number,
): number {
  const backOff = Math.min(HOUR * 2 ** Math.min(failures - 1, 10), LONGEST_BACK_OFF) * (1 + random / 10);
  return now + Math.max(backOff, Math.min(retryAfter ?? 0, LONGEST_RETRY_AFTER));
}

const SHORTEST_ASKING = HOUR;
const LONGEST_ASKING = 24 * HOUR;

/** When the authority is asked for its window again (RFC 9773 §4.3). */
export function nextAsking(now: number, retryAfter: number | undefined): number {
  return now + Math.min(Math.max(retryAfter ?? 6 * HOUR, SHORTEST_ASKING), LONGEST_ASKING);
}
