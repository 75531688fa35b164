import assert from "node:assert/strict";
import { FailureMarks } from "../../server/workers/failuremarks.ts";

Deno.test("where a login failed is known to all threads, with the networks around it", () => {
  const marks = new FailureMarks();
  const elsewhere = new FailureMarks(marks.memory);
  assert.ok(!elsewhere.has("192.0.2.1"));
  marks.add("192.0.2.1");
  for (const address of ["192.0.2.1", "::ffff:192.0.2.1", "192.0.3.200", "192.0.0.9"]) {
    assert.ok(elsewhere.has(address), address);
  }
  assert.ok(!elsewhere.has("198.51.100.1"));
  elsewhere.add("2001:db8:1:2::3");
  assert.ok(marks.has("2001:db8:ffff::1"));
  marks.add("no address");
  assert.ok(marks.has("no address"));
  marks.add("local");
  assert.ok(!marks.has("local"));
});
