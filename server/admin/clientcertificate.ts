/**
 * A key and a certificate for a mail program to log in with.
 *
 * RSA and PKCS#12 with 3DES and SHA-1 are what every phone takes: iOS and macOS before 18 and 15, and older Androids, refuse the AES
 * and SHA-256 of today's OpenSSL, and some know no elliptic curves here. What protects the file is its password, 80 random bits.
 */
import "reflect-metadata";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  X509CertificateGenerator,
} from "@peculiar/x509";
// @ts-types="./forge.d.ts"
import forge from "node-forge";

const ALGORITHM = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 3072,
};

/** The server looks at the key alone, clients at the dates too: long. */
const YEARS = 20;
const DAY = 86_400_000;

/** Rounds of key derivation of the PKCS#12 file. */
const ROUNDS = 10_000;

export interface ClientCertificate {
  /** PEM, PKCS#8. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
  /** DER, both. */
  readonly pkcs12: Uint8Array;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly fingerprint: string;
}

/**
 * @param subject its common name, by which programs show it
 * @param password of the PKCS#12 file; ASCII
 */
export async function makeClientCertificate(subject: string, password: string): Promise<ClientCertificate> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const now = Date.now();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [subject] }],
    keys,
    signingAlgorithm: ALGORITHM,
    // Clocks differ.
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + YEARS * 365 * DAY),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    key: PemConverter.encode(pkcs8, "PRIVATE KEY") + "\n",
    certificate: certificate.toString("pem") + "\n",
    pkcs12: packed(pkcs8, certificate.rawData, password, subject),
    fingerprint: createHash("sha256").update(new Uint8Array(certificate.publicKey.rawData)).digest("hex"),
  };
}

function packed(pkcs8: ArrayBuffer, certificate: ArrayBuffer, password: string, friendlyName: string): Uint8Array {
  const parsed = (der: ArrayBuffer) => forge.asn1.fromDer(Buffer.from(der).toString("latin1"));
  const file = forge.pkcs12.toPkcs12Asn1(
    forge.pki.privateKeyFromAsn1(parsed(pkcs8)),
    [forge.pki.certificateFromAsn1(parsed(certificate))],
    password,
    { algorithm: "3des", count: ROUNDS, friendlyName },
  );
  return Buffer.from(forge.asn1.toDer(file).getBytes(), "latin1");
}
