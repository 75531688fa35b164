/** The certificates and the TLS engine of a running server, as configured. */
import { getLogger } from "@logtape/logtape";
import type { Acme } from "../acme/acme.ts";
import { Challenges } from "../acme/challenges.ts";
import { measureCertificates } from "../certificatemetrics.ts";
import { challengeTypes } from "../config/acme.ts";
import type { Config } from "../config/schema.ts";
import { KeyPairs, pairFiles, readKeyPair, selfSignedPair, watchKeyPairs } from "../config/tls.ts";
import type { Route } from "../http/routes.ts";
import { FollowedCertificates, shareCertificates } from "../workers/certificates.ts";
import type { SharedCertificates, WorkerStart } from "../workers/protocol.ts";
import type { Team } from "../workers/team.ts";
import { type CertificateSource, openSslEngine, type TlsEngine } from "../net/tls/engine.ts";

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
 * What listeners need for TLS: the engine, or certificates alone for Deno's own TLS. That OpenSSL is there where the configuration insists on
 * it was checked before. The first thread of a team has the certificates, the others show what it tells them of.
 * @throws {KeyPairError}
 */
export async function openTls(
  config: Config,
  team: Team,
  { tickets, opened }: Pick<WorkerStart, "tickets" | "opened">,
  cleanup: AsyncDisposableStack,
): Promise<ServerTls> {
  let acme: Acme | undefined;
  let challenges = new Challenges();
  let certificates: CertificateSource;
  if (opened) certificates = new FollowedCertificates(team, opened.certificates, challenges);
  else {
    const own = await openCertificates(config, cleanup);
    acme = await openAcme(config, own, cleanup);
    certificates = acme ?? own;
    challenges = acme?.challenges ?? challenges;
    cleanup.defer(measureCertificates(certificates));
  }
  const engine = config.tls.engine === "deno" ? undefined : openSslEngine(certificates, { ticketSecret: tickets });
  if (team.first) log.info("TLS engine", { engine: engine?.name ?? "deno" });
  if (engine) cleanup.defer(() => engine.close());
  return {
    tls: engine ?? certificates,
    ...(config.tls.acme && { route: challenges.route }),
    shared: shareCertificates(team, certificates, challenges),
    begin: () => acme?.begin(challengeTypes(config, engine !== undefined)),
  };
}

async function openAcme(
  { tls, dataDir }: Config,
  others: CertificateSource,
  cleanup: AsyncDisposableStack,
): Promise<Acme | undefined> {
  if (!tls.acme) return undefined;
  const { Acme } = await import("../acme/acme.ts");
  const acme = await Acme.load({ acme: tls.acme, dataDir, others, othersFirst: pairFiles(tls).length > 0 });
  cleanup.defer(() => acme.close());
  return acme;
}

async function openCertificates(config: Config, cleanup: AsyncDisposableStack): Promise<CertificateSource> {
  const files = pairFiles(config.tls).map(({ files }) => files);
  if (files.length === 0) return new KeyPairs([await selfSignedPair(config)]);
  const pairs = new KeyPairs(await Promise.all(files.map(readKeyPair)));
  const watching = new AbortController();
  watchKeyPairs(files, pairs, watching.signal);
  cleanup.defer(() => watching.abort());
  return pairs;
}
