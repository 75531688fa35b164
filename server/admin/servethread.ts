/** The thread that a server runs in: told first what to start with, then when to stop; tells how it ended. */
import { StoreError } from "../../store/types.ts";
import { AdminError } from "./errors.ts";
import type { Ended } from "./launch.ts";
import { serve, type Start } from "./serve.ts";

const thread = globalThis as unknown as {
  onmessage: (event: MessageEvent<unknown>) => void;
  postMessage(message: Ended): void;
};
const stop = Promise.withResolvers<string>();

thread.onmessage = (event) => {
  thread.onmessage = ({ data }) => stop.resolve(String(data));
  run(event.data as Start).then((ended) => thread.postMessage(ended));
};

async function run(start: Start): Promise<Ended> {
  try {
    await serve(start, stop.promise);
    return {};
  } catch (error) {
    if (error instanceof AdminError || error instanceof StoreError) return { fault: error.message };
    return { fault: `this should not have happened: ${error instanceof Error ? error.stack : error}` };
  }
}
