import assert from "node:assert/strict";
import { describeProblem, parseProblem, parseRetryAfter } from "../../server/acme/connection.ts";
import {
  earliestTime,
  latestTime,
  nextAsking,
  nextAttempt,
  renewalTime,
  suggestedTime,
} from "../../server/acme/schedule.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ninety = { notBefore: 0, notAfter: 90 * DAY };

Deno.test("a certificate is renewed with a third of its lifetime left, or a little earlier", () => {
  assert.equal(renewalTime(ninety, 0), 60 * DAY);
  assert.equal(renewalTime(ninety, 1), 57.5 * DAY);
  assert.equal(renewalTime({ notBefore: 0, notAfter: 6 * DAY }, 0), 4 * DAY);
  assert.equal(latestTime(ninety), 75 * DAY);
});

Deno.test("the authority's window is heeded, also when it has passed, but not up to the end of the lifetime (RFC 9773 §4.2)", () => {
  assert.equal(suggestedTime(ninety, { start: 10 * DAY, end: 20 * DAY }, 0.5), 15 * DAY);
  assert.equal(suggestedTime(ninety, { start: -10 * DAY, end: -9 * DAY }, 0.5), -9.5 * DAY);
  assert.equal(suggestedTime(ninety, { start: 89 * DAY, end: 95 * DAY }, 0.5), 75 * DAY);
  assert.equal(suggestedTime(ninety, { start: 20 * DAY, end: 10 * DAY }, 0.5), 20 * DAY);
});

Deno.test("a new certificate is left alone for a day, or for half its lifetime", () => {
  assert.equal(earliestTime(5, ninety), 5 + DAY);
  assert.equal(earliestTime(5, { notBefore: 0, notAfter: HOUR }), 5 + HOUR / 2);
  const expired = { notBefore: -100 * DAY, notAfter: -10 * DAY };
  assert.equal(earliestTime(0, expired), DAY, "a clock that is wrong makes no flood of orders");
});

Deno.test("failures are followed by 1, 2, 4, … 24 hours, and by more where the authority asks for it, up to a week", () => {
  const hours = [1, 2, 3, 4, 5, 6, 100].map((failures) => nextAttempt(0, failures, undefined, 0) / HOUR);
  assert.deepEqual(hours, [1, 2, 4, 8, 16, 24, 24]);
  assert.equal(nextAttempt(0, 1, undefined, 1), 1.1 * HOUR);
  assert.equal(nextAttempt(7, 1, 3 * HOUR, 0), 7 + 3 * HOUR);
  assert.equal(nextAttempt(7, 3, HOUR, 0), 7 + 4 * HOUR);
  assert.equal(nextAttempt(0, 1, 1e15, 0), 7 * DAY);
});

Deno.test("the authority is asked for its window every six hours, or as it says, within reason (RFC 9773 §4.3)", () => {
  assert.deepEqual([undefined, 0, 2 * HOUR, 1e15].map((retryAfter) => nextAsking(0, retryAfter) / HOUR), [6, 1, 2, 24]);
});

Deno.test("Retry-After is seconds or a date (RFC 9110 §10.2.3)", () => {
  const now = Date.UTC(2026, 0, 1);
  assert.equal(parseRetryAfter("120", now), 120_000);
  assert.equal(parseRetryAfter("Thu, 01 Jan 2026 01:00:00 GMT", now), HOUR);
  assert.equal(parseRetryAfter("Wed, 31 Dec 2025 01:00:00 GMT", now), 0);
  for (const text of [null, "", "soon", "-5x"]) assert.equal(parseRetryAfter(text, now), undefined);
});

Deno.test("problems are told with their subproblems (RFC 8555 §6.7.1); what is none tells nothing", () => {
  const problem = {
    type: "urn:ietf:params:acme:error:malformed",
    detail: "Some of the identifiers were rejected",
    subproblems: [{ detail: "no such name" }, { detail: 7 }, null],
  };
  assert.deepEqual(parseProblem(JSON.stringify(problem)), {
    type: "malformed",
    detail: "Some of the identifiers were rejected; no such name",
  });
  for (const text of ["", "[", "null", "7", '{"type":7,"detail":{},"subproblems":8}']) {
    assert.deepEqual(parseProblem(text), { type: "", detail: "" });
  }
  assert.deepEqual(describeProblem(undefined), { type: "", detail: "" });
});
