/** The day of a Date header as written, its zone ignored (RFC 9051 §6.4.4 SENTON), read leniently (RFC 5322 §4.3). */
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
