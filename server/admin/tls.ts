/** What the listeners of one of a running server's threads need for TLS. */
import { getLogger } from "@logtape/logtape";
import { Challenges } from "../acme/challenges.ts";
import type { Config } from "../config/schema.ts";
import type { Route } from "../http/routes.ts";
import { type CertificateSource, openSslEngine, type TlsEngine } from "../net/tls/engine.ts";
import { FollowedCertificates, shareCertificates } from "../workers/certificates.ts";
import type { SharedCertificates, WorkerStart } from "../workers/protocol.ts";
import type { Team } from "../workers/team.ts";
import type { OwnCertificates } from "./certificates.ts";

const log = getLogger(["roost", "tls"]);

export interface ServerTls {
  readonly tls: TlsEngine | CertificateSource;
  /** Answers an authority's visits over HTTP, where certificates come by themselves. */
  readonly route?: Route;
  /** What the other threads are told. */
  readonly shared: () => SharedCertificates;
  /** Begins to order certificates; to be called when the listeners are open. */
  begin(): void;
}

/**
 * The engine, or certificates alone for Deno's own TLS. That OpenSSL is there where the configuration insists on it was checked before.
 * The first thread of a team has the certificates, the others show what it tells them of.
 * @throws {KeyPairError}
 */
export async function openTls(
  config: Config,
  team: Team,
  { tickets, opened }: Pick<WorkerStart, "tickets" | "opened">,
  cleanup: AsyncDisposableStack,
): Promise<ServerTls> {
  const { certificates, challenges, begin } = opened
    ? followed(team, opened.certificates)
    : await (await import("./certificates.ts")).openCertificates(config, cleanup);
  const engine = config.tls.engine === "deno" ? undefined : openSslEngine(certificates, { ticketSecret: tickets });
  if (team.first) log.info("TLS engine", { engine: engine?.name ?? "deno" });
  if (engine) cleanup.defer(() => engine.close());
  return {
    tls: engine ?? certificates,
    ...(config.tls.acme && { route: challenges.route }),
    shared: shareCertificates(team, certificates, challenges),
    begin: () => begin(engine !== undefined),
  };
}

function followed(team: Team, shared: SharedCertificates): OwnCertificates {
  const challenges = new Challenges();
  return { certificates: new FollowedCertificates(team, shared, challenges), challenges, begin() {} };
}
