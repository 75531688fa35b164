/** The certificates of a running server, as configured: from files, ordered by ACME, or self-signed. */
import type { Acme } from "../acme/acme.ts";
import { Challenges } from "../acme/challenges.ts";
import { measureCertificates } from "../certificatemetrics.ts";
import { challengeTypes } from "../config/acme.ts";
import type { Config } from "../config/schema.ts";
import { pairFiles } from "../config/pairfiles.ts";
import { KeyPairs, readKeyPair, selfSignedPair, watchKeyPairs } from "../config/tls.ts";
import type { CertificateSource } from "../net/tls/engine.ts";

export interface OwnCertificates {
  readonly certificates: CertificateSource;
  readonly challenges: Challenges;
  /** Begins to order certificates; to be called when the listeners are open. */
  begin(openSsl: boolean): void;
}

/** @throws {KeyPairError} */
export async function openCertificates(config: Config, cleanup: AsyncDisposableStack): Promise<OwnCertificates> {
  const files = await openFiles(config, cleanup);
  const acme = await openAcme(config, files, cleanup);
  const certificates = acme ?? files;
  cleanup.defer(measureCertificates(certificates));
  return {
    certificates,
    challenges: acme?.challenges ?? new Challenges(),
    begin: (openSsl) => acme?.begin(challengeTypes(config, openSsl)),
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

async function openFiles(config: Config, cleanup: AsyncDisposableStack): Promise<CertificateSource> {
  const files = pairFiles(config.tls).map(({ files }) => files);
  if (files.length === 0) return new KeyPairs([await selfSignedPair(config)]);
  const pairs = new KeyPairs(await Promise.all(files.map(readKeyPair)));
  const watching = new AbortController();
  watchKeyPairs(files, pairs, watching.signal);
  cleanup.defer(() => watching.abort());
  return pairs;
}
