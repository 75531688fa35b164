import assert from "node:assert/strict";
import {
  dateOf,
  daysOf,
  formatDate,
  formatDateTime,
  parseDate,
  parseDateTime,
  SECONDS_A_DAY,
} from "../../server/imap/wire/dates.ts";
import { random } from "./random.ts";

const utc = (text: string) => Date.parse(text) / 1000;

Deno.test("dates (RFC 9051 §9 date-text)", () => {
  const table: [string, number | undefined][] = [
    ["1-Jan-1970", 0],
    ["01-Jan-1970", 0],
    ["31-Dec-1969", -1],
    ["1-Feb-1994", 8797],
    ["1-fEB-1994", 8797],
    ["29-Feb-2024", utc("2024-02-29T00:00:00Z") / SECONDS_A_DAY],
    ["29-Feb-2000", utc("2000-02-29T00:00:00Z") / SECONDS_A_DAY],
    ["29-Feb-2023", undefined],
    ["29-Feb-1900", undefined],
    ["31-Apr-2024", undefined],
    ["0-Jan-2024", undefined],
    ["32-Jan-2024", undefined],
    ["1-Jan-24", undefined],
    ["1-Jan-02024", undefined],
    ["001-Jan-2024", undefined],
    ["1-January-2024", undefined],
    ["1-13-2024", undefined],
    ["1/Jan/2024", undefined],
    [" 1-Jan-2024", undefined],
    ["1-Jan-2024 ", undefined],
    ["-1-Jan-2024", undefined],
    ["1-Jan-2024\n", undefined],
    ["", undefined],
  ];
  for (const [text, days] of table) assert.equal(parseDate(text), days, text);
});

Deno.test("date-times with zones (RFC 9051 §9 date-time)", () => {
  const table: [string, number | undefined][] = [
    ["17-Jul-1996 02:44:25 -0700", utc("1996-07-17T02:44:25-07:00")],
    ["17-Jul-1996 02:44:25 +0000", utc("1996-07-17T02:44:25Z")],
    ["17-jul-1996 02:44:25 -0000", utc("1996-07-17T02:44:25Z")],
    [" 7-Jul-1996 02:44:25 +0530", utc("1996-07-07T02:44:25+05:30")],
    ["07-Jul-1996 02:44:25 +0530", utc("1996-07-07T02:44:25+05:30")],
    ["7-Jul-1996 02:44:25 +0530", utc("1996-07-07T02:44:25+05:30")],
    ["01-Jan-1970 00:00:00 +0100", -3600],
    ["31-Dec-2016 23:59:60 +0000", utc("2017-01-01T00:00:00Z")],
    ["01-Jan-2024 23:59:59 +1400", utc("2024-01-01T23:59:59+14:00")],
    ["01-Jan-2024 24:00:00 +0000", undefined],
    ["01-Jan-2024 00:60:00 +0000", undefined],
    ["01-Jan-2024 00:00:61 +0000", undefined],
    ["01-Jan-2024 00:00:00 +0060", undefined],
    ["01-Jan-2024 00:00:00 +2400", undefined],
    ["01-Jan-2024 00:00:00 0000", undefined],
    ["01-Jan-2024 00:00:00 GMT", undefined],
    ["01-Jan-2024 00:00:00", undefined],
    ["01-Jan-2024  00:00:00 +0000", undefined],
    ["01-Jan-2024 0:00:00 +0000", undefined],
    ["30-Feb-2024 00:00:00 +0000", undefined],
    ["  -Jan-2024 00:00:00 +0000", undefined],
    ["", undefined],
  ];
  for (const [text, seconds] of table) assert.equal(parseDateTime(text), seconds, text);
});

Deno.test("date-times are written in UTC with the day in two places", () => {
  assert.equal(formatDateTime(utc("1996-07-17T02:44:25Z")), "17-Jul-1996 02:44:25 +0000");
  assert.equal(formatDateTime(0), " 1-Jan-1970 00:00:00 +0000");
  assert.equal(formatDateTime(-1), "31-Dec-1969 23:59:59 +0000");
  assert.equal(formatDateTime(0.9), " 1-Jan-1970 00:00:00 +0000");
  assert.equal(formatDateTime(1e300), "31-Dec-9999 23:59:59 +0000");
  assert.equal(formatDateTime(-1e300), " 1-Jan-0000 00:00:00 +0000");
  assert.equal(formatDate(8797), " 1-Feb-1994");
});

Deno.test("days and dates agree with the platform's calendar, each day of 400 years and random ones of 10,000", () => {
  const check = (days: number) => {
    const date = new Date(days * 86_400_000);
    const expected = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
    const got = dateOf(days);
    if (got.year !== expected.year || got.month !== expected.month || got.day !== expected.day) {
      assert.deepEqual(got, expected, String(days));
    }
    if (daysOf(expected.year, expected.month, expected.day) !== days) assert.fail(`daysOf of ${date.toISOString()}`);
  };
  for (let days = daysOf(1800, 1, 1); days < daysOf(2200, 1, 1); days++) check(days);
  const r = random(11);
  const first = daysOf(0, 1, 1);
  for (let i = 0; i < 20_000; i++) check(first + r.int(3_652_425));
});

Deno.test("what is written is read back", () => {
  const r = random(12);
  const first = daysOf(0, 1, 1) * SECONDS_A_DAY;
  for (let i = 0; i < 5000; i++) {
    const seconds = first + r.int(3_652_425 * SECONDS_A_DAY);
    assert.equal(parseDateTime(formatDateTime(seconds)), seconds);
  }
});
