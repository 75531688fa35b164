/** The certificates and the TLS engine of a running server, as configured. */
import { getLogger } from "@logtape/logtape";
import type { Acme } from "../acme/acme.ts";
import { measureCertificates } from "../certificatemetrics.ts";
import { challengeTypes } from "../config/acme.ts";
import type { Config } from "../config/schema.ts";
import { KeyPairs, pairFiles, readKeyPair, selfSignedPair, watchKeyPairs } from "../config/tls.ts";
import type { Route } from "../http/routes.ts";
import { type CertificateSource, openSslEngine, type TlsEngine } from "../net/tls/engine.ts";

const log = getLogger(["roost", "tls"]);

export interface ServerTls {
  readonly tls: TlsEngine | CertificateSource;
  /** Certificates that come by themselves; to be begun when the listeners are open. */
  readonly acme?: { readonly route: Route; begin(): void };
}

/**
 * What listeners need for TLS: the engine, or certificates alone for Deno's own TLS. That OpenSSL is there where the configuration insists on
 * it was checked before.
 * @throws {KeyPairError}
 */
export async function openTls(config: Config, cleanup: AsyncDisposableStack): Promise<ServerTls> {
  const own = await openCertificates(config, cleanup);
  const acme = await openAcme(config, own, cleanup);
  const certificates = acme ?? own;
  cleanup.defer(measureCertificates(certificates));
  const engine = config.tls.engine === "deno" ? undefined : openSslEngine(certificates);
  log.info("TLS engine", { engine: engine?.name ?? "deno" });
  if (engine) cleanup.defer(() => engine.close());
  return {
    tls: engine ?? certificates,
    ...(acme && { acme: { route: acme.route, begin: () => acme.begin(challengeTypes(config, engine !== undefined)) } }),
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
