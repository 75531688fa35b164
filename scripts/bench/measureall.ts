/** Scenarios on all servers, in turn, so that what else the machine does meets all of them. */
import type { Figure } from "./measure.ts";
import type { Failure } from "./report.ts";
import { Run, type Scale, type Scenario } from "./run.ts";
import type { BenchServer } from "./servers.ts";

export interface Measurements {
  readonly figures: readonly Figure[];
  readonly failures: readonly Failure[];
}

/** A server whose answer is wrong is out for the rest of that scenario. */
export async function measureAll(
  servers: readonly BenchServer[],
  scenarios: readonly Scenario[],
  scale: Scale,
): Promise<Measurements> {
  const figures: Figure[] = [];
  const failures: Failure[] = [];
  for (const scenario of scenarios) {
    const begun = performance.now();
    let left = scenario.alone ? servers.slice(0, 1) : servers;
    const step = async (round: number, work: (run: Run) => Promise<void> | undefined) => {
      for (const server of left) {
        const run = new Run(server, scale, scenario.name, round);
        try {
          await work(run);
          figures.push(...run.figures);
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          failures.push({ scenario: scenario.name, server: server.name, message });
          console.error(`WRONG ${scenario.name}, ${server.name}: ${error instanceof Error ? error.stack : error}`);
          left = left.filter((other) => other !== server);
        } finally {
          run.close();
        }
      }
    };
    await step(0, (run) => scenario.prepare?.(run));
    const rounds = scenario.rounds[scale.name === "small" ? 0 : 1];
    for (let round = 0; round < rounds; round++) await step(round, (run) => scenario.measure(run));
    console.error(`${scenario.name}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  }
  return { figures, failures };
}
