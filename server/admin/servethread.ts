/** A thread that serves: told first what to start with, then when to stop; tells how it ended. */
import { StoreError } from "../../store/types.ts";
import { Line, type Port } from "../workers/line.ts";
import type { Ended, KeeperQuestions, WorkerQuestions, WorkerStart } from "../workers/protocol.ts";
import { Team } from "../workers/team.ts";
import { AdminError } from "./errors.ts";
import { serve } from "./serve.ts";

const line = new Line<WorkerQuestions, KeeperQuestions>(globalThis as unknown as Port);
const stop = Promise.withResolvers<string>();
line.on("stop", (reason) => stop.resolve(reason));
line.on("start", run);

async function run(start: WorkerStart): Promise<Ended> {
  try {
    await serve(start, new Team(line, start.index, start.size, start.connections), stop.promise);
    return {};
  } catch (error) {
    if (error instanceof AdminError || error instanceof StoreError) return { fault: error.message };
    return { fault: `this should not have happened: ${error instanceof Error ? error.stack : error}` };
  }
}
