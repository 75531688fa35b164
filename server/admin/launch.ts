/**
 * `roost serve`: checks the configuration, then starts the server in a thread that may read and write only what the configuration names, so
 * that no mistake in the server opens any other file.
 *
 * Nothing is touched before the configuration is known to be good.
 */
import { mkdir } from "node:fs/promises";
import { checkConfig } from "../config/check.ts";
import { ConfigError, loadConfig } from "../config/load.ts";
import { AdminError } from "./errors.ts";
import { permissionsOf } from "./permissions.ts";
import type { Start } from "./serve.ts";
import { stopSignal } from "./stop.ts";

/** What the server's thread says at its end; a fault has the lines to be shown. */
export interface Ended {
  readonly fault?: string;
}

/** Serves until a signal stops it. @throws {ConfigError} with all that is wrong; {AdminError} when it cannot start */
export async function launch(file: string | undefined): Promise<void> {
  const loaded = loadConfig(file);
  const { config } = loaded;
  const { faults, warnings } = await checkConfig(loaded, { ports: true });
  if (faults.length > 0) throw new ConfigError(file, faults);
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  if (!config.junk?.command) await Deno.permissions.revoke({ name: "run" });

  const thread = new Worker(new URL("./servethread.ts", import.meta.url), {
    type: "module",
    name: "server",
    deno: { permissions: permissionsOf(config) },
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<Ended>();
  thread.addEventListener("message", (event: MessageEvent<Ended>) => resolve(event.data));
  thread.addEventListener("error", (event) => {
    event.preventDefault();
    reject(new Error(event.message));
  });
  const start: Start = { config, warnings, demo: file === undefined };
  thread.postMessage(start);
  stopSignal().then((signal) => thread.postMessage(signal));
  try {
    const { fault } = await ended;
    if (fault !== undefined) throw new AdminError(fault);
  } finally {
    thread.terminate();
  }
}
