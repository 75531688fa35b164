/**
 * One thread of the running server, from its store to the last BYE. It may do no more than its configuration needs (see launch.ts). Each
 * thread serves clients; what is to be done once in a program is the first one's (see workers/).
 *
 * Each step that was taken is undone in reverse order.
 */
import { getLogger } from "@logtape/logtape";
import { Authenticator } from "../../auth/authenticator.ts";
import { Attempts } from "../attempts.ts";
import { place } from "../config/place.ts";
import type { Fault } from "../config/load.ts";
import { reason } from "../reason.ts";
import { oauthOptions } from "../config/oauthoptions.ts";
import type { Config, ListenerConfig } from "../config/schema.ts";
import { inNetworks } from "../../auth/networks.ts";
import type { HttpConnections } from "../http/connections.ts";
import { aboutPage, healthPage, metricsPage, type Route } from "../http/routes.ts";
import type { ServerContext } from "../imap/context.ts";
import { setUpLog } from "../log.ts";
import { serverBug, workerMetrics } from "../metrics.ts";
import { listen } from "../net/listener.ts";
import type { CertificateSource, TlsEngine } from "../net/tls/engine.ts";
import { measuredStore } from "../storemetrics.ts";
import { VERSION } from "../version.ts";
import { openData } from "./open.ts";
import type { LmtpListener } from "../lmtp/listener.ts";
import { AdminError } from "./errors.ts";
import { Sessions } from "./sessions.ts";
import { openTls } from "./tls.ts";
import { allMetrics } from "../workers/metrics.ts";
import type { WorkerStart } from "../workers/protocol.ts";
import { AllSessions, answerForSessions } from "../workers/sessions.ts";
import type { Team } from "../workers/team.ts";

const log = getLogger(["roost", "server"]);

/** What a server is started with. */
export interface Start {
  readonly config: Config;
  readonly warnings: readonly Fault[];
  /** There is no configuration file: an account is made where there is none. */
  readonly demo: boolean;
}

/** Serves until it is stopped. @param stop resolves with the reason @throws {AdminError} when it cannot start */
export async function serve(start: WorkerStart, team: Team, stop: Promise<string>): Promise<void> {
  const { config, warnings, demo } = start;
  await setUpLog(config.log);
  for (const { key, message } of warnings) log.warning(message, { key });
  logStrayErrors();

  const once = team.first ? await import("./once.ts") : undefined;
  await using cleanup = new AsyncDisposableStack();
  const store = measuredStore(await openData(config, { share: team.share, siblings: start.bell }));
  cleanup.defer(() => store.close());
  if (demo) await once?.addDemoAccount(store);
  const { tls, route, shared, begin } = await openTls(config, team, start, cleanup);
  // The engine has what it needs; nobody else calls foreign functions from here on.
  await Deno.permissions.revoke({ name: "ffi" });

  const attempts = new Attempts(store.directory);
  cleanup.defer(() => attempts.close());
  const context: ServerContext = {
    store,
    auth: new Authenticator(store.directory, team.throttle(config.limits, start.failures), {
      hostname: config.hostname,
      oauth: config.oauth && await oauthOptions(config.oauth),
      recent: team.recentPasswords(start.passwordKey),
      share: team.share,
    }),
    config,
    admission: team.admission(config.limits),
    attempts,
  };
  const sessions = new Sessions(context, team);
  answerForSessions(team, sessions);
  team.on("metrics", workerMetrics);
  const lmtp: LmtpListener[] = [];
  const control = await once?.openControl(config.dataDir, new AllSessions(team, sessions));
  cleanup.defer(async () => {
    await control?.close();
    const time = config.limits.shutdownSeconds * 1000;
    await Promise.all([sessions.end(time), ...lmtp.map((listener) => listener.close(time))]);
  });
  await once?.startWork(store, config, cleanup);
  const pages = [aboutPage, healthPage(() => store.directory.setting("health")), ...route ? [route] : []];
  const metrics = metricsPage(allMetrics(team));
  if (!team.first) await sessions.load(); // nobody waits for this thread to listen
  const ports: number[] = [];
  for (const [at, listener] of config.listeners.entries()) {
    const parts = { sessions, lmtp, pages, metrics, tls, cleanup };
    const others = start.opened?.ports[at];
    // Who follows shares the ports at which sessions come in.
    if (others === undefined || isForSessions(listener)) ports.push(await open(listener, others, parts));
  }
  if (team.first) {
    for (const [at, listener] of config.listeners.entries()) {
      console.log(`listening ${listener.protocol} ${place({ ...listener, port: ports[at] })}`);
    }
  }
  await sessions.load();
  await team.opened(ports, shared);
  if (team.first) {
    begin();
    log.info("started", { version: VERSION, dataDir: config.dataDir, workers: team.size });
  }
  const signal = await stop;
  if (team.first) log.info("stopping", { signal });
}

interface Parts {
  readonly sessions: Sessions;
  readonly lmtp: LmtpListener[];
  readonly pages: readonly Route[];
  readonly metrics: Route;
  readonly tls: TlsEngine | CertificateSource;
  readonly cleanup: AsyncDisposableStack;
}

function isForSessions({ protocol }: ListenerConfig): boolean {
  return protocol !== "http" && protocol !== "lmtp";
}

/**
 * Opens one listener.
 * @param shared the port at which another thread listens already
 * @returns its port @throws {AdminError} somebody took the port since it was checked
 */
async function open(config: ListenerConfig, shared: number | undefined, parts: Parts): Promise<number> {
  const { sessions, lmtp, pages, metrics, tls, cleanup } = parts;
  const { protocol, address: hostname, port, cleartextLogin, proxyNetworks } = config;
  try {
    if (protocol === "http") {
      const { listenHttp } = await import("./once.ts");
      const listener = listenHttp({ hostname, port }, config.metrics ? [...pages, metrics] : pages);
      cleanup.defer(() => listener.close());
      return listener.port;
    }
    if (protocol === "lmtp") {
      // Loaded where it is used: it is large.
      const { listenLmtp } = await import("../lmtp/listener.ts");
      const listener = await listenLmtp(config, sessions.context);
      lmtp.push(listener);
      return listener.port;
    }
    const web = protocol === "https" ? await openWeb(pages, cleanup) : undefined;
    const listener = listen({
      protocol,
      hostname,
      port: shared ?? port,
      shared: shared !== undefined,
      tls,
      proxied: proxyNetworks.length === 0 ? undefined : (peer) => inNetworks(peer, proxyNetworks),
      admission: sessions.context.admission,
      farewell: (reason) => new TextEncoder().encode(`* BYE ${reason}\r\n`),
      onHttp: web && ((endpoint, remote) => web.take(endpoint, remote)),
    }, (transport) => sessions.begin(transport, protocol, cleartextLogin));
    cleanup.defer(() => listener.close());
    return listener.port;
  } catch (error) {
    throw new AdminError(`cannot listen on ${place(config)}: ${reason(error)}`);
  }
}

async function openWeb(pages: readonly Route[], cleanup: AsyncDisposableStack): Promise<HttpConnections> {
  const { HttpConnections } = await import("../http/connections.ts");
  const web = new HttpConnections(pages);
  cleanup.defer(() => web.close());
  return web;
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
