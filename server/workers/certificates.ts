/** Certificates of all threads: the first one reads, makes and orders them, the others show what it tells them of. */
import type { Challenges } from "../acme/challenges.ts";
import type { KeyPair } from "../config/tls.ts";
import type { CertificateSource } from "../net/tls/engine.ts";
import type { SharedCertificates } from "./protocol.ts";
import type { Team } from "./team.ts";

/** Tells the others of each change. @returns the certificates as they are now */
export function shareCertificates(
  team: Team,
  source: CertificateSource,
  challenges: Challenges,
): () => SharedCertificates {
  const now = (): SharedCertificates => ({
    pairs: source.pairs.map(({ cert, key }) => ({ cert, key })),
    ...challenges.waiting,
  });
  const tell = async () => void await team.others("certificates", now());
  if (!team.first) return now;
  source.onChange(() => void tell());
  challenges.changed = tell;
  return now;
}

export class FollowedCertificates implements CertificateSource {
  readonly #heard = new Set<() => void>();
  #shared: SharedCertificates;

  constructor(team: Team, shared: SharedCertificates, readonly challenges: Challenges) {
    this.#shared = shared;
    this.#take(shared);
    team.on("certificates", (shared) => this.#take(shared));
  }

  get pairs(): readonly KeyPair[] {
    return this.#shared.pairs;
  }

  challenge(serverName: string): KeyPair | undefined {
    return this.challenges.certificate(serverName);
  }

  onChange(heard: () => void): () => void {
    this.#heard.add(heard);
    return () => this.#heard.delete(heard);
  }

  #take(shared: SharedCertificates): void {
    const before = this.#shared.pairs;
    this.#shared = shared;
    this.challenges.follow(shared);
    const same = before.length === shared.pairs.length &&
      before.every(({ cert, key }, at) => cert === shared.pairs[at].cert && key === shared.pairs[at].key);
    if (!same) { for (const heard of this.#heard) heard(); }
  }
}
