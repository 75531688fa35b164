/**
 * `roost serve`: checks the configuration, then starts the server in threads that may read and write only what the configuration names, so
 * that no mistake in the server opens any other file; keeps what they share, and waits for their end.
 *
 * Nothing is touched before the configuration is known to be good. The first thread is made before: it loads meanwhile, and begins when
 * it is told to.
 */
import { mkdir } from "node:fs/promises";
import { ConfigError, loadConfig } from "../config/load.ts";
import { AdminError } from "./errors.ts";
import { permissionsOf } from "./permissions.ts";
import { Keeper } from "../workers/keeper.ts";
import { stopSignal } from "./stop.ts";

/** Serves until a signal stops it. @throws {ConfigError} with all that is wrong; {AdminError} when it cannot start */
export async function launch(file: string | undefined): Promise<void> {
  const loaded = loadConfig(file);
  const { config } = loaded;
  if (!config.junk?.command) await Deno.permissions.revoke({ name: "run" });
  const threads: Worker[] = [];
  const permissions = permissionsOf(config);
  const makeThread = (index: number) => {
    const thread = new Worker(new URL("./servethread.ts", import.meta.url), {
      type: "module",
      name: `server ${index + 1}`,
      deno: { permissions },
    });
    thread.addEventListener("error", (event) => {
      event.preventDefault();
      keeper.died(index, new Error(event.message));
    });
    threads.push(thread);
    return thread;
  };
  const size = config.workers ?? navigator.hardwareConcurrency;
  const keeper = new Keeper(
    { config, demo: file === undefined },
    Array.from({ length: size }, (_, index) => () => makeThread(index)),
  );
  try {
    const { checkConfig } = await import("../config/check.ts"); // large, and the thread loads meanwhile
    const { faults, warnings } = await checkConfig(loaded, { ports: true });
    if (faults.length > 0) throw new ConfigError(file, faults);
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
    stopSignal().then((signal) => keeper.stop(signal));
    const { fault } = await keeper.run(warnings);
    if (fault !== undefined) throw new AdminError(fault);
  } finally {
    for (const thread of threads) thread.terminate();
  }
}
