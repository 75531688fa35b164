import assert from "node:assert/strict";
import { Durations } from "../server/durations.ts";
import { AggregatorRegistry, Histogram, Registry } from "../server/promclient.js";

Deno.test("durations are told as prom-client tells those that it counts itself, of one thread and of several", async () => {
  const options = { name: "work_seconds", help: "Work.", labelNames: ["what", "result"] as const, buckets: [0.1, 1] };
  const [ours, theirs] = [new Registry(), new Registry()];
  const durations = new Durations({ ...options, registers: [ours] });
  const histogram = new Histogram({ ...options, buckets: [...options.buckets], registers: [theirs] });
  for (
    const [what, result, seconds] of [["a", "ok", 0.1], ["a", "ok", 0.5], ["a", "no", 7], ["b", "ok", 0.25]] as const
  ) {
    durations.took(what, result, seconds);
    histogram.observe({ what, result }, seconds);
  }
  assert.equal(await ours.metrics(), await theirs.metrics());
  const together = async (one: Registry) => {
    const metrics = await one.getMetricsAsJSON();
    return await AggregatorRegistry.aggregate([metrics, structuredClone(metrics)]).metrics();
  };
  assert.equal(await together(ours), await together(theirs));
});
