import assert from "node:assert/strict";
import { Throttle } from "../../auth/throttle.ts";

const LIMITS = { failuresPerMinute: 10, failuresPerDay: 50 };
const MINUTE = 60_000;

function setUp(limits = LIMITS, capacity?: number) {
  const clock = { now: 0 };
  const throttle = new Throttle(limits, { now: () => clock.now, capacity });
  const fail = (remote: string, times: number) => {
    for (let i = 0; i < times; i++) throttle.failed(remote);
  };
  return { clock, throttle, fail };
}

Deno.test("ten failures a minute, then the address is refused until the minute is over", () => {
  const { clock, throttle, fail } = setUp();
  fail("192.0.2.1", 9);
  assert.ok(!throttle.refuses("192.0.2.1"));
  fail("192.0.2.1", 1);
  assert.ok(throttle.refuses("192.0.2.1"));
  assert.ok(!throttle.refuses("192.0.2.2"));
  clock.now += MINUTE;
  assert.ok(!throttle.refuses("192.0.2.1"));
});

Deno.test("fifty failures a day, then the address is refused until the day is over", () => {
  const { clock, throttle, fail } = setUp();
  for (let round = 0; round < 5; round++) {
    assert.ok(!throttle.refuses("192.0.2.1"));
    fail("192.0.2.1", 10);
    clock.now += MINUTE;
  }
  assert.ok(throttle.refuses("192.0.2.1"));
  clock.now = 24 * 60 * MINUTE;
  assert.ok(!throttle.refuses("192.0.2.1"));
});

Deno.test("a network is allowed three times as much, a wide one nine times", () => {
  const { throttle, fail } = setUp();
  for (let host = 0; host < 5; host++) fail(`192.0.2.${host}`, 6);
  assert.ok(throttle.refuses("192.0.2.63"), "30 failures in the /26");
  assert.ok(!throttle.refuses("192.0.2.64"));
  for (let host = 0; host < 10; host++) fail(`192.0.3.${host * 25}`, 6);
  assert.ok(throttle.refuses("192.0.7.1"), "90 failures in the /21");
  assert.ok(!throttle.refuses("192.0.8.1"));
});

Deno.test("IPv6 addresses of one /64 are one", () => {
  const { throttle, fail } = setUp();
  for (let host = 1; host <= 10; host++) fail(`2001:db8::${host}`, 1);
  assert.ok(throttle.refuses("2001:db8::ffff"));
  assert.ok(!throttle.refuses("2001:db8:0:1::1"));
});

Deno.test("answers are slower from the third failure, and fast again after a minute", () => {
  const { clock, throttle } = setUp();
  const delays = Array.from({ length: 6 }, () => throttle.failed("192.0.2.1"));
  assert.deepEqual(delays, [0, 0, 1000, 2000, 4000, 4000]);
  assert.equal(throttle.failed("192.0.2.2"), 0);
  clock.now += MINUTE;
  assert.equal(throttle.failed("192.0.2.1"), 0);
});

Deno.test("local clients are never throttled, loopback is", () => {
  const { throttle, fail } = setUp();
  for (const remote of ["local", "127.0.0.1"]) fail(remote, 100);
  assert.ok(!throttle.refuses("local"));
  assert.equal(throttle.failed("local"), 0);
  assert.ok(throttle.refuses("127.0.0.1"));
});

Deno.test("a limit of 0 is none", () => {
  const { throttle, fail } = setUp({ failuresPerMinute: 0, failuresPerDay: 0 });
  fail("192.0.2.1", 1000);
  assert.ok(!throttle.refuses("192.0.2.1"));
  assert.equal(throttle.failed("192.0.2.1"), 0);
  assert.equal(throttle.size, 0);
});

Deno.test("memory is bounded: who failed longest ago is forgotten, who goes on failing is not", () => {
  const { throttle, fail } = setUp(LIMITS, 30);
  fail("203.0.113.1", 1);
  for (let net = 0; net < 100; net++) {
    fail(`10.${net}.0.1`, 1);
    fail("198.51.100.1", 1);
    assert.ok(throttle.size <= 30);
  }
  assert.ok(throttle.refuses("198.51.100.1"));
  fail("203.0.113.1", 9);
  assert.ok(!throttle.refuses("203.0.113.1"));
});
