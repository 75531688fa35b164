export { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from "prom-client";
