/**
 * The parts of prom-client that are used. Its own index loads three times as much (a digest, gateways and Node's http, the process's
 * metrics), which each thread of a server would wait for when it starts.
 */
// @ts-self-types="./promclient.d.ts"
export { default as AggregatorRegistry } from "prom-client/lib/cluster.js";
export { default as Counter } from "prom-client/lib/counter.js";
export { default as Gauge } from "prom-client/lib/gauge.js";
export { default as Histogram } from "prom-client/lib/histogram.js";
export { default as Registry } from "prom-client/lib/registry.js";
