/** docs/metrics.md, made from the metrics themselves. */
import { describeMetrics } from "../server/metrics.ts";

export async function metricsPage(): Promise<string> {
  const rows = (await describeMetrics()).map(({ name, type, help }) => `| \`${name}\` | ${type} | ${help} |`);
  return `# Metrics

<!-- Made by \`deno task docs\` from server/metrics.ts; do not edit. -->

A listener \`{ protocol: http, address: 127.0.0.1, port: 9143 }\` in the configuration serves \`/metrics\`, in Prometheus' text format,
and \`/healthz\`: 200 when the store can be read, 503 when not.

| metric | type | meaning |
| --- | --- | --- |
${rows.join("\n")}
`;
}
