/**
 * The day of a Date header as written, its zone ignored (RFC 9051 §6.4.4 SENTON), and its time in UTC (RFC 5256 §2.2); both read
 * leniently (RFC 5322 §4.3).
 */
import { withoutComments } from "./tokens.ts";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MAX_LENGTH = 500;

/** Days since 1970-01-01, negative before; null where no day can be read. */
export function sentDay(date: string | undefined): number | null {
  if (date === undefined) return null;
  const text = withoutComments(date.slice(0, MAX_LENGTH));
  const iso = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)/.exec(text);
  if (iso !== null) return dayNumber(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]));
  let day: number | undefined;
  let month: number | undefined;
  let year: number | undefined;
  for (const [word] of text.matchAll(/\d{1,2}:[\d:.]*|[A-Za-z]+|\d+/g)) {
    if (/^[A-Za-z]/.test(word)) {
      // Before the day a word may be the weekday, behind the year a zone; neither looks like a month.
      const found = month === undefined && word.length >= 3 ? MONTHS.indexOf(word.slice(0, 3).toLowerCase()) : -1;
      if (found >= 0) month = found;
    } else if (!word.includes(":")) {
      if (day === undefined && word.length <= 2) day = Number(word);
      else if (year === undefined && month !== undefined && word.length <= 4) year = fullYear(word);
    }
    if (day !== undefined && month !== undefined && year !== undefined) return dayNumber(year, month, day);
  }
  return null;
}

/** RFC 5322 §4.3: two digits are 1950 to 2049, three count from 1900. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length <= 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits.length === 3 ? 1900 + year : year;
}

function dayNumber(year: number, month: number, day: number): number | null {
  const time = new Date(0);
  time.setUTCFullYear(year, month, day);
  const valid = time.getUTCMonth() === month && time.getUTCDate() === day;
  return valid ? Math.floor(time.getTime() / 86_400_000) : null;
}

/** Hours west or east of Greenwich of the zones that have names (RFC 5322 §4.3). */
const ZONES: Readonly<Record<string, number>> = {
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
};

/**
 * Seconds since 1970 in UTC (RFC 5256 §2.2): a zone that cannot be understood is UTC, a time that cannot is 00:00:00.
 * null where no day can be read.
 */
export function sentTime(date: string | undefined): number | null {
  const day = sentDay(date);
  if (day === null || date === undefined) return null;
  const text = withoutComments(date.slice(0, MAX_LENGTH));
  const midnight = day * 86_400;
  const time = /(\d{1,2}):(\d{2})(?::(\d{2}))?/.exec(text);
  if (!time) return midnight;
  const [hours, minutes, seconds] = [time[1], time[2], time[3] ?? "0"].map(Number);
  if (hours > 23 || minutes > 59 || seconds > 60) return midnight;
  const zone = text.slice(time.index + time[0].length);
  return midnight + hours * 3600 + minutes * 60 + seconds - zoneSeconds(zone);
}

function zoneSeconds(text: string): number {
  const offset = /^(?:\.\d+)?\s*([+-])(\d{2}):?(\d{2})(?!\d)/.exec(text);
  if (offset) {
    const [hours, minutes] = [Number(offset[2]), Number(offset[3])];
    if (hours > 23 || minutes > 59) return 0;
    return (offset[1] === "-" ? -1 : 1) * (hours * 3600 + minutes * 60);
  }
  const name = /^(?:\.\d+)?\s*([A-Za-z]{3})(?![A-Za-z])/.exec(text)?.[1].toUpperCase() ?? "";
  return (Object.hasOwn(ZONES, name) ? ZONES[name] : 0) * 3600;
}
