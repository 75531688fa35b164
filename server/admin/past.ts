/** A time that an administrator means, looking back. */

const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400, w: 7 * 86_400 };

/**
 * "90m", "12h", "1d", "2w" ago; the beginning of 2026-01-31 (UTC); 2026-01-31T12:00:00Z.
 * @param now seconds since 1970
 * @returns seconds since 1970
 * @throws {RangeError} saying what is wrong with it
 */
export function parsePast(text: string, now: number): number {
  const ago = /^(\d{1,6})([mhdw])$/.exec(text);
  if (ago) return now - Number(ago[1]) * SECONDS[ago[2]];
  const date = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(date) ? Date.parse(date) / 1000 : NaN;
  if (Number.isNaN(time)) {
    throw new RangeError(`${JSON.stringify(text)} is no time: 90m, 12h, 1d, 2w, 2026-01-31, 2026-01-31T12:00:00Z`);
  }
  return time;
}
