import assert from "node:assert/strict";
import { Alarm } from "../../server/net/alarm.ts";

/** Alarms that note their names in the order they ring, and a promise for the last of them. */
function ringing(count: number): { alarm(name: string): Alarm; rung: string[]; all: Promise<void> } {
  const rung: string[] = [];
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const alarm = (name: string) => new Alarm(() => rung.push(name) === count && resolve());
  return { alarm, rung, all };
}

Deno.test("alarms ring in the order of their deadlines, whatever the order of setting", async () => {
  const { alarm, rung, all } = ringing(20);
  const start = performance.now();
  const order = Array.from({ length: 20 }, (_, i) => (i * 7) % 20);
  for (const i of order) alarm(String(i)).set(start + i);
  await all;
  assert.deepEqual(rung, Array.from({ length: 20 }, (_, i) => String(i)));
});

Deno.test("a deadline that was moved on or taken back does not ring; one that was moved forward does", async () => {
  const { alarm, rung, all } = ringing(2);
  const now = performance.now();
  const [moved, unset, stopped, early, last] = ["moved", "unset", "stopped", "early", "last"].map(alarm);
  moved.set(now + 1);
  moved.set(now + 60_000);
  unset.set(now + 1);
  unset.unset();
  stopped.set(now + 1);
  stopped.stop();
  early.set(now + 60_000);
  early.set(now + 2);
  last.set(now + 10);
  await all;
  assert.deepEqual(rung, ["early", "last"]);
  moved.stop();
});

Deno.test("an alarm that rang can be set again, also from what it calls", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let times = 0;
  const alarm: Alarm = new Alarm(() => ++times === 3 ? resolve() : alarm.set(performance.now()));
  alarm.set(0);
  await promise;
  assert.equal(times, 3);
});

Deno.test("stopping any of many alarms leaves the others in order", async () => {
  const { alarm, rung, all } = ringing(15);
  const now = performance.now();
  const alarms = Array.from({ length: 30 }, (_, i) => alarm(String(i)));
  for (const [i, one] of alarms.entries()) one.set(now + ((i * 11) % 30));
  for (let i = 0; i < 30; i += 2) alarms[i].stop();
  await all;
  const expected = alarms.map((_, i) => i).filter((i) => i % 2 === 1).sort((a, b) => (a * 11) % 30 - (b * 11) % 30);
  assert.deepEqual(rung, expected.map(String));
});
