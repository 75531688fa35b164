/**
 * `roost serve`: the server, from the first check to the last BYE.
 *
 * Nothing is touched before the configuration is known to be good; each step that was taken is undone in reverse order.
 */
import { getLogger } from "@logtape/logtape";
import { Authenticator } from "../../auth/authenticator.ts";
import type { Store } from "../../store/store.ts";
import { checkConfig, place } from "../config/check.ts";
import { ConfigError, loadConfig } from "../config/load.ts";
import type { Config, ListenerConfig } from "../config/schema.ts";
import { KeyPairSource, readKeyPair, selfSignedPair, watchKeyPair } from "../config/tls.ts";
import { listenHttp } from "../http/listener.ts";
import type { ServerContext } from "../imap/context.ts";
import { setUpLog } from "../log.ts";
import { serverBug } from "../metrics.ts";
import { Admission } from "../net/admission.ts";
import { listen } from "../net/listener.ts";
import { measuredStore } from "../storemetrics.ts";
import { VERSION } from "../version.ts";
import { openData } from "./data.ts";
import { addDemoAccount } from "./demo.ts";
import { reason } from "../config/load.ts";
import { AdminError } from "./errors.ts";
import { Sessions } from "./sessions.ts";
import { stopSignal } from "./stop.ts";

const log = getLogger(["roost", "server"]);

/** Serves until a signal stops it. @throws {ConfigError} with all that is wrong; {AdminError} when it cannot start */
export async function serve(file: string | undefined): Promise<void> {
  const loaded = loadConfig(file);
  const { config } = loaded;
  const { faults, warnings } = await checkConfig(loaded, { ports: true });
  if (faults.length > 0) throw new ConfigError(file, faults);
  await setUpLog(config.log);
  for (const { key, message } of warnings) log.warning(message, { key });
  logStrayErrors();

  const stop = stopSignal();
  await using cleanup = new AsyncDisposableStack();
  const store = measuredStore(await openData(config));
  cleanup.defer(() => store.close());
  if (file === undefined) await addDemoAccount(store);
  const tls = await tlsSource(config, cleanup);

  const context: ServerContext = {
    store,
    auth: new Authenticator(store.directory, {
      failuresPerMinute: config.limits.loginFailuresPerMinute,
      failuresPerDay: config.limits.loginFailuresPerDay,
    }, { hostname: config.hostname }),
    config,
    admission: new Admission(config.limits),
  };
  const sessions = new Sessions(context);
  cleanup.defer(() => sessions.end(config.limits.shutdownSeconds * 1000));
  for (const listener of config.listeners) {
    const port = open(listener, { sessions, store, tls, cleanup });
    console.log(`listening ${listener.protocol} ${place({ address: listener.address, port })}`);
  }
  log.info("started", { version: VERSION, dataDir: config.dataDir });
  log.info("stopping", { signal: await stop });
}

async function tlsSource(config: Config, cleanup: AsyncDisposableStack): Promise<KeyPairSource> {
  if (!config.tls) return new KeyPairSource(await selfSignedPair(config));
  const source = new KeyPairSource(await readKeyPair(config.tls));
  const watching = new AbortController();
  watchKeyPair(config.tls, source, watching.signal);
  cleanup.defer(() => watching.abort());
  return source;
}

interface Parts {
  readonly sessions: Sessions;
  readonly store: Store;
  readonly tls: KeyPairSource;
  readonly cleanup: AsyncDisposableStack;
}

/** Opens one listener. @returns its port @throws {AdminError} somebody took the port since it was checked */
function open({ protocol, address: hostname, port, cleartextLogin }: ListenerConfig, parts: Parts): number {
  const { sessions, store, tls, cleanup } = parts;
  try {
    if (protocol === "http") {
      const listener = listenHttp({ hostname, port }, () => store.directory.setting("health"));
      cleanup.defer(() => listener.close());
      return listener.port;
    }
    const listener = listen({ protocol, hostname, port, tls }, (transport) => {
      sessions.begin(transport, protocol, cleartextLogin);
    });
    cleanup.defer(() => listener.close());
    return listener.port;
  } catch (error) {
    throw new AdminError(`cannot listen on ${place({ address: hostname, port })}: ${reason(error)}`);
  }
}

/** A mistake in one session must not end the others. */
function logStrayErrors(): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    serverBug();
    log.error("a promise was rejected and nobody heard", { error: event.reason });
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    serverBug();
    log.error("an error was thrown and nobody caught it", { error: event.error });
  });
}
