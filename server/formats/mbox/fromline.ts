/** The line that begins a message in an mbox: `From sender Mon Jan  1 00:00:00 2024`. Dates without a zone are UTC. */
import { Header } from "../../../store/mime/header.ts";
import { toLatin1 } from "../../../store/mime/latin1.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const LONGEST = 1000;

const DATE = new RegExp(
  `(?:${DAYS.join("|")}),? +(${MONTHS.join("|")}) +(\\d{1,2}),? +(\\d{1,2}):(\\d{2})(?::(\\d{2}))?` +
    ` +(?:([+-]\\d{4}|[A-Z]{1,5}) +)?(\\d{4})(?: +([+-]\\d{4}))?(?: .{0,200})?$`,
);

/** @param line without its end. @returns seconds since 1970; undefined: its date cannot be read */
export function fromLineDate(line: Uint8Array): number | undefined {
  if (line.length > LONGEST) return undefined;
  const match = DATE.exec(toLatin1(line).trimEnd());
  if (!match) return undefined;
  const [month, day, hours, minutes, seconds, zone, year, lastZone] = match.slice(1);
  const time = new Date(0);
  time.setUTCFullYear(Number(year), MONTHS.indexOf(month), Number(day));
  time.setUTCHours(Number(hours), Number(minutes), Number(seconds ?? 0));
  const offset = /^([+-])(\d\d)(\d\d)$/.exec(lastZone ?? zone ?? "");
  const east = offset ? (offset[1] === "-" ? -1 : 1) * (Number(offset[2]) * 3600 + Number(offset[3]) * 60) : 0;
  return time.getTime() / 1000 - east;
}

/** @param date seconds since 1970 */
export function fromLine(date: number): string {
  const time = new Date(date * 1000);
  const two = (number: number) => String(number).padStart(2, "0");
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(":");
  const day = String(time.getUTCDate()).padStart(2);
  const year = String(time.getUTCFullYear()).padStart(4, "0");
  return `From MAILER-DAEMON ${DAYS[time.getUTCDay()]} ${MONTHS[time.getUTCMonth()]} ${day} ${clock} ${year}\n`;
}

/** Fields that messages begin with. */
const FIRST_FIELDS =
  /^(?:return-path|received|delivered-to|x-.*|from|to|cc|date|subject|message-id|mime-version|content-type|status|envelope-to|reply-to|sender|authentication-results|arc-.*|dkim-signature)$/;

/** Whether a header begins here: what tells a From line with a wrong date from text. */
export function beginsHeader(line: Uint8Array): boolean {
  if (line.length > LONGEST) line = line.subarray(0, LONGEST);
  const [field] = new Header(line).fields;
  return field !== undefined && FIRST_FIELDS.test(field.name);
}
