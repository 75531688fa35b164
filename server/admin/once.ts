/** What is done once in a running server, by its first thread; the others need not load it. */
import type { Store } from "../../store/store.ts";
import type { Config } from "../config/schema.ts";
import { classifierOf } from "../junk/classifier.ts";
import { JunkTraining } from "../junk/training.ts";
import { startUpkeep } from "../upkeep/upkeep.ts";

export { openControl } from "../control/server.ts";
export { listenHttp } from "../http/listener.ts";
export { addDemoAccount } from "./demo.ts";

/** What the server does by itself. */
export async function startWork(store: Store, config: Config, cleanup: AsyncDisposableStack): Promise<void> {
  const junk = config.junk && new JunkTraining(store, await classifierOf(config.junk), config.junk);
  cleanup.defer(() => junk?.close());
  const upkeep = new AbortController();
  cleanup.defer(() => upkeep.abort());
  startUpkeep(store, config, upkeep.signal, junk);
}
