/** Dates of the protocol: `date` and `date-time` of RFC 9051 §9. Proleptic Gregorian calendar, years 0000 to 9999. */

export const SECONDS_A_DAY = 86_400;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const monthNumbers = new Map(MONTHS.map((name, index) => [name.toLowerCase(), index + 1]));
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const DATE = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/;
const DATE_TIME = /^([ \d]?\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;

/** Days since 1970-01-01 of a date; `month` is 1 to 12. */
export function daysOf(year: number, month: number, day: number): number {
  // Years start in March here, so that the leap day is the last of its year; 400 years have 146,097 days.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date of a number of days since 1970-01-01; `month` is 1 to 12. */
export function dateOf(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysOfText(day: string, month: string, year: string): number | undefined {
  const m = monthNumbers.get(month.toLowerCase());
  if (m === undefined) return undefined;
  const d = Number(day);
  const y = Number(year);
  const last = m === 2 && isLeapYear(y) ? 29 : MONTH_DAYS[m - 1];
  return d >= 1 && d <= last ? daysOf(y, m, d) : undefined;
}

/** `date-text`, as `1-Feb-1994`, to days since 1970-01-01; undefined where it is none. */
export function parseDate(text: string): number | undefined {
  const match = DATE.exec(text);
  return match ? daysOfText(match[1], match[2], match[3]) : undefined;
}

/**
 * What stands in the quotes of a `date-time`, as `17-Jul-1996 02:44:25 -0700`, to seconds since 1970; undefined where it is none.
 * A day below 10 may come with a space, a zero or nothing before it: all three are seen.
 */
export function parseDateTime(text: string): number | undefined {
  const match = DATE_TIME.exec(text);
  if (!match) return undefined;
  const days = daysOfText(match[1], match[2], match[3]);
  const [hour, minute, second, zoneHour, zoneMinute] = [match[4], match[5], match[6], match[8], match[9]].map(Number);
  // 60 is a leap second; it counts as the next second.
  if (days === undefined || hour > 23 || minute > 59 || second > 60 || zoneHour > 23 || zoneMinute > 59) {
    return undefined;
  }
  const zone = (zoneHour * 60 + zoneMinute) * 60 * (match[7] === "-" ? -1 : 1);
  return days * SECONDS_A_DAY + hour * 3600 + minute * 60 + second - zone;
}

const two = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, "0"));
/** What can be told, in seconds since 1970. */
export const EARLIEST = daysOf(0, 1, 1) * SECONDS_A_DAY;
export const LATEST = daysOf(9999, 12, 31) * SECONDS_A_DAY + SECONDS_A_DAY - 1;

let lastDay = NaN;
let lastDate = "";

/** `date-text` of a day since 1970-01-01, the day in two places (`date-day-fixed`). */
export function formatDate(days: number): string {
  // A mailbox is mostly read in the order of its dates, so the day is mostly that of the message before.
  if (days !== lastDay) {
    const { year, month, day } = dateOf(days);
    lastDate = `${day < 10 ? ` ${day}` : day}-${MONTHS[month - 1]}-${String(year).padStart(4, "0")}`;
    lastDay = days;
  }
  return lastDate;
}

/** Seconds since 1970 to a `date-time` without its quotes, in UTC. Times outside of the years 0 to 9999 become the nearest inside. */
export function formatDateTime(seconds: number): string {
  const whole = Math.min(Math.max(Math.floor(seconds), EARLIEST), LATEST);
  const days = Math.floor(whole / SECONDS_A_DAY);
  const rest = whole - days * SECONDS_A_DAY;
  const hour = Math.floor(rest / 3600);
  return `${formatDate(days)} ${two[hour]}:${two[Math.floor(rest / 60) % 60]}:${two[rest % 60]} +0000`;
}
