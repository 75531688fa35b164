/** Keys, certificate requests and the certificates of challenges. Loaded only when there is something to order. */
import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  Extension,
  PemConverter,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { JWK } from "jose";
import type { KeyPair } from "../config/tls.ts";
import type { AccountKey } from "./authority.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** id-pe-acmeIdentifier (RFC 8737 §6.1) */
const ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31";
const HOUR_MS = 3_600_000;

async function newKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

/** A private key as PEM text: PKCS #8, P-256. */
export async function newKey(): Promise<string> {
  return await pemOf((await newKeys()).privateKey);
}

async function pemOf(key: CryptoKey): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

async function keysOf(pem: string): Promise<CryptoKeyPair> {
  const pkcs8 = PemConverter.decodeFirst(pem);
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, ALGORITHM, true, ["sign"]);
  const jwk = publicPart(await crypto.subtle.exportKey("jwk", privateKey));
  const publicKey = await crypto.subtle.importKey("jwk", jwk, ALGORITHM, true, ["verify"]);
  return { privateKey, publicKey };
}

function publicPart({ kty, crv, x, y }: JsonWebKey): JsonWebKey & JWK {
  return { kty, crv, x, y } as JsonWebKey & JWK;
}

/** An account's key, from its PEM text. */
export async function accountKey(pem: string): Promise<AccountKey> {
  const { privateKey, publicKey } = await keysOf(pem);
  return { key: privateKey, jwk: publicPart(await crypto.subtle.exportKey("jwk", publicKey)) };
}

/** A certificate request (PKCS #10, DER) for one name, which stands in subjectAltName alone (RFC 8555 §7.4). */
export async function certificateRequest(name: string, key: string): Promise<ArrayBuffer> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    keys: await keysOf(key),
    signingAlgorithm: ALGORITHM,
    extensions: [new SubjectAlternativeNameExtension([{ type: "dns", value: name }])],
  });
  return request.rawData;
}

/** The self-signed certificate that answers a TLS-ALPN-01 challenge: the name, and the digest in a critical extension (RFC 8737 §3). */
export async function challengeCertificate(name: string, keyAuthorization: string): Promise<KeyPair> {
  const keys = await newKeys();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(keyAuthorization)));
  const octetString = new Uint8Array([0x04, digest.length, ...digest]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - HOUR_MS),
    notAfter: new Date(Date.now() + 24 * HOUR_MS),
    extensions: [
      new SubjectAlternativeNameExtension([{ type: "dns", value: name }]),
      new Extension(ACME_IDENTIFIER, true, octetString),
    ],
  });
  return { cert: `${certificate.toString("pem")}\n`, key: await pemOf(keys.privateKey) };
}

/** How the authority calls a certificate of its own (RFC 9773 §4.1); undefined: the certificate does not say who signed it. */
export function certificateId(cert: string): string | undefined {
  const certificate = new X509Certificate(PemConverter.decodeFirst(cert));
  const issuer = certificate.getExtension(AuthorityKeyIdentifierExtension)?.keyId;
  if (issuer === undefined) return undefined;
  const { serialNumber } = certificate;
  // As in DER, where a number that begins with a one bit has a zero byte before it.
  const serial = /^[89a-f]/i.test(serialNumber) ? `00${serialNumber}` : serialNumber;
  const part = (hex: string) => Uint8Array.fromHex(hex).toBase64({ alphabet: "base64url", omitPadding: true });
  return `${part(issuer)}.${part(serial)}`;
}
