/** The metrics of all threads. */
import { metricsText, type WorkerMetrics } from "../metrics.ts";
import type { Team } from "./team.ts";

/** @returns what gives them in Prometheus' text format */
export function allMetrics(team: Team): () => Promise<string> {
  // A thread that does not answer in time counts as it did last: no counter goes back.
  let known: (WorkerMetrics | undefined)[] = [];
  return async () => {
    const answers = await team.others("metrics", undefined);
    known = answers.map((answer, at) => answer ?? known[at]);
    return await metricsText(known.filter((metrics) => metrics !== undefined));
  };
}
