/** A root of a test's own and the certificates that it signs. */
import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  type PublicKeyType,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR = 3_600_000;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export const NINETY_DAYS = (): Validity => ({
  notBefore: new Date(Date.now() - HOUR),
  notAfter: new Date(Date.now() + 90 * 24 * HOUR),
});

export class Issuer {
  #serial = 0;

  private constructor(readonly root: X509Certificate, readonly keys: CryptoKeyPair) {}

  static async create(): Promise<Issuer> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const root = await X509CertificateGenerator.createSelfSigned({
      name: "CN=Test root",
      keys,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(Date.now() - HOUR),
      notAfter: new Date(Date.now() + 24 * HOUR),
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new Issuer(root, keys);
  }

  /** The root, PEM. */
  get pem(): string {
    return `${this.root.toString("pem")}\n`;
  }

  /** A certificate for DNS names, PEM, with the root behind it. */
  async sign(names: readonly string[], publicKey: PublicKeyType, validity = NINETY_DAYS()): Promise<string> {
    const certificate = await X509CertificateGenerator.create({
      // The first byte is above 127, so that its encoding has a zero byte before it.
      serialNumber: `f0${(++this.#serial).toString(16).padStart(4, "0")}`,
      issuer: this.root.subject,
      publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      ...validity,
      extensions: [
        new SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns" as const, value }))),
        await AuthorityKeyIdentifierExtension.create(this.keys.publicKey),
      ],
    });
    return `${certificate.toString("pem")}\n${this.pem}`;
  }

  /** A server's pair. */
  async pair(name: string): Promise<{ cert: string; key: string }> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const key = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
    return { cert: await this.sign([name], keys.publicKey), key: `${key}\n` };
  }
}
