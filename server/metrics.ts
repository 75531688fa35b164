/**
 * What the server counts, for Prometheus. Plain functions, so that no other file knows how it is counted.
 * Label values come from fixed tables only (command names, results, mechanisms), never from what a client sent: the number of
 * series is bounded.
 *
 * Each of the server's threads counts for itself. Sums are shown, but for what says something of the whole process.
 */
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from "./promclient.js";

const registry = new Registry();
const registers = [registry];

const connections = new Counter({
  name: "roost_connections_total",
  help: "Connections accepted, by protocol.",
  labelNames: ["protocol"] as const,
  registers,
});
const openConnections = new Gauge({
  name: "roost_connections_open",
  help: "Connections open now, by protocol.",
  labelNames: ["protocol"] as const,
  registers,
});
const openSessions = new Gauge({
  name: "roost_sessions_open",
  help: "Logged-in sessions open now.",
  registers,
});
const commands = new Histogram({
  name: "roost_command_seconds",
  help:
    "Commands by name and result (ok, no, bad, bye), with their durations in seconds; IDLE lasts as long as it idles.",
  labelNames: ["command", "result"] as const,
  buckets: [0.0005, 0.002, 0.01, 0.05, 0.2, 1, 5, 30],
  registers,
});
const logins = new Counter({
  name: "roost_logins_total",
  help: "Login attempts, by mechanism and result.",
  labelNames: ["mechanism", "result"] as const,
  registers,
});
const deliveries = new Histogram({
  name: "roost_delivery_seconds",
  help:
    "Deliveries, one for each recipient, by result (delivered, duplicate, unknown, overquota, toolarge, diskfull, unavailable), " +
    "with the seconds from DATA to the answer.",
  labelNames: ["result"] as const,
  buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
  registers,
});
const deliveredBytes = new Counter({
  name: "roost_delivered_bytes_total",
  help: "Bytes of messages delivered, for each recipient.",
  registers,
});
const junk = new Counter({
  name: "roost_junk_verdicts_total",
  help: "What a junk filter was told: junk, notjunk or forget; told, refused, or later when it could not take it.",
  labelNames: ["verdict", "result"] as const,
  registers,
});
const storeOperations = new Histogram({
  name: "roost_store_operation_seconds",
  help: "Store operations by name and result (ok, refused, error), with their durations in seconds.",
  labelNames: ["operation", "result"] as const,
  buckets: [0.0001, 0.0005, 0.002, 0.01, 0.05, 0.2, 1, 5],
  registers,
});
const bugs = new Counter({
  name: "roost_serverbug_total",
  help: "Commands that failed by a fault of the server (answered NO [SERVERBUG]).",
  registers,
});
const certificates = new Gauge({
  name: "roost_certificate_expiry_seconds",
  help: "When the certificate that is shown for a name expires, in seconds since 1970, by name.",
  labelNames: ["name"] as const,
  aggregator: "first",
  registers,
});

let unindexed: () => ReadonlyMap<number, number> = () => new Map();
let unindexedElsewhere: readonly ReadonlyMap<number, number>[] = [];
new Gauge({
  name: "roost_search_unindexed_messages",
  help: "Messages of the accounts in use that are not in their search index yet: a search reads them.",
  registers,
  aggregator: "first",
  collect() {
    // Threads that use the same account see the same messages.
    const most = new Map<number, number>();
    for (const counts of [unindexed(), ...unindexedElsewhere]) {
      for (const [account, count] of counts) most.set(account, Math.max(count, most.get(account) ?? 0));
    }
    this.set(most.values().reduce((sum, count) => sum + count, 0));
  },
});

// Bytes are counted at every read and write: a plain number, handed over when somebody looks.
let received = 0;
let sent = 0;
new Counter({
  name: "roost_received_bytes_total",
  help: "Bytes read from clients.",
  registers,
  collect() {
    this.reset();
    this.inc(received);
  },
});
new Counter({
  name: "roost_sent_bytes_total",
  help: "Bytes written to clients.",
  registers,
  collect() {
    this.reset();
    this.inc(sent);
  },
});
new Gauge({
  name: "process_resident_memory_bytes",
  help: "Resident memory of the process.",
  aggregator: "first",
  registers,
  collect() {
    this.set(Deno.memoryUsage().rss);
  },
});
new Gauge({
  name: "process_start_time_seconds",
  help: "When the process was started, in seconds since 1970.",
  aggregator: "first",
  registers,
}).set(Math.round(performance.timeOrigin) / 1000);

/** `protocol` is imap, imaps, lmtp or stdio. */
export function connectionOpened(protocol: string): void {
  connections.inc({ protocol });
  openConnections.inc({ protocol });
}

/** Once for each `connectionOpened`. */
export function connectionClosed(protocol: string): void {
  openConnections.dec({ protocol });
}

/** A session has logged in. */
export function sessionOpened(): void {
  openSessions.inc();
}

/** Once for each `sessionOpened`. */
export function sessionClosed(): void {
  openSessions.dec();
}

/** `name` must be from the command table ("UID FETCH"), anything else is "UNKNOWN"; `result` is ok, no, bad or bye, in any case. */
export function commandDone(name: string, result: string, seconds: number): void {
  commands.observe({ command: name, result: result.toLowerCase() }, seconds);
}

/** `result` is ok, or why it was refused, as AuthFault names it. */
export function loginDone(mechanism: string, result: string): void {
  logins.inc({ mechanism, result });
}

/** `result` is that of server/delivery/, or unknown for an address that is none of ours. `size` in bytes. */
export function deliveryDone(result: string, size: number, seconds: number): void {
  deliveries.observe({ result }, seconds);
  if (result === "delivered") deliveredBytes.inc(size);
}

/** `verdict` and `result` as server/junk/ has them. */
export function junkTold(verdict: string, result: string): void {
  junk.inc({ verdict, result });
}

/** `result` is ok, refused (StoreError) or error. */
export function storeDone(operation: string, result: string, seconds: number): void {
  storeOperations.observe({ operation, result }, seconds);
}

/** The certificates are these now: names and when theirs expires, in seconds since 1970. */
export function certificatesChanged(expiries: ReadonlyMap<string, number>): void {
  certificates.reset();
  for (const [name, expiry] of expiries) certificates.set({ name }, expiry);
}

/** Tells how many messages are in no search index yet, by account. */
export function unindexedMessages(count: () => ReadonlyMap<number, number>): void {
  unindexed = count;
}

/** A fault that only a mistake in the program explains. */
export function serverBug(): void {
  bugs.inc();
}

/** Bytes read from a client. */
export function bytesIn(n: number): void {
  received += n;
}

/** Bytes written to a client. */
export function bytesOut(n: number): void {
  sent += n;
}

/** What a thread has counted, to be sent to another. */
export interface WorkerMetrics {
  readonly metrics: object[];
  readonly unindexed: ReadonlyMap<number, number>;
}

export async function workerMetrics(): Promise<WorkerMetrics> {
  return { metrics: await registry.getMetricsAsJSON(), unindexed: unindexed() };
}

/** All metrics in Prometheus' text format, with those of other threads. */
export async function metricsText(others: readonly WorkerMetrics[] = []): Promise<string> {
  if (others.length === 0) return await registry.metrics();
  unindexedElsewhere = others.map(({ unindexed }) => unindexed);
  const all = [await registry.getMetricsAsJSON(), ...others.map(({ metrics }) => metrics)];
  return await AggregatorRegistry.aggregate(all).metrics();
}

/** The Content-Type of `metricsText`. */
export const METRICS_CONTENT_TYPE: string = registry.contentType;

/** What each metric is, for the reference page. */
export async function describeMetrics(): Promise<{ name: string; type: string; help: string }[]> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics.map(({ name, type, help }) => ({ name, type: String(type), help }));
}
