/** Certificates for tests, valid for a day. */
import "reflect-metadata";
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";
import { createHash, X509Certificate } from "node:crypto";
import type { CertificateSource, KeyPair } from "../../../server/net/tls/engine.ts";

const ALGORITHMS = {
  p256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  p384: { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  ed25519: { name: "Ed25519" },
  pss: {
    name: "RSA-PSS",
    hash: "SHA-512",
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
    saltLength: 64,
  },
} as const;

/** Self-signed, for the names; the first is its CN. */
export async function pairFor(names: readonly string[], kind: keyof typeof ALGORITHMS = "p256"): Promise<KeyPair> {
  const algorithm = ALGORITHMS[kind];
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as CryptoKeyPair;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [names[0]] }],
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 86_400_000),
    extensions: [new SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns" as const, value })))],
  });
  const key = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  return { cert: `${certificate.toString("pem")}\n`, key: `${key}\n` };
}

/** Certificates that a test changes. */
export class Pairs implements CertificateSource {
  readonly #callbacks = new Set<() => void>();
  challenge?: (name: string) => KeyPair | undefined;

  constructor(public pairs: readonly KeyPair[]) {}

  onChange(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => void this.#callbacks.delete(callback);
  }

  change(...pairs: KeyPair[]): void {
    this.pairs = pairs;
    for (const callback of this.#callbacks) callback();
  }
}

export function digestOf(pair: KeyPair, algorithm = "sha256"): string {
  return createHash(algorithm).update(new X509Certificate(pair.cert).raw).digest("hex");
}

/** What counts of a client's certificate. */
export function keyOf(pair: KeyPair): string {
  const spki = new X509Certificate(pair.cert).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex");
}

export interface PairFiles extends AsyncDisposable {
  readonly cert: string;
  readonly key: string;
  readonly directory: string;
}

/** The pair in files, for clients that want such. */
export async function written(pair: KeyPair): Promise<PairFiles> {
  const directory = await Deno.makeTempDir();
  const [cert, key] = [`${directory}/cert.pem`, `${directory}/key.pem`];
  await Deno.writeTextFile(cert, pair.cert);
  await Deno.writeTextFile(key, pair.key);
  return { cert, key, directory, [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
}
